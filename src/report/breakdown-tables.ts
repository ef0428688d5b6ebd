/** Where the systems differ: F1 by kind of fact, and by relation. Of several seeds, means. */
import { max, mean } from 'd3-array';

import type { ComparedRun } from './comparison.ts';
import { markup, type Markup } from './markup.ts';
import { NONE, score, whole } from './numbers.ts';
import type { Row } from './rows.ts';
import { barCell, heading, rowHeading, table } from './table.ts';

interface Measured {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly support: number;
}

/** A column of a table: a kind of fact, found in a run's break-down. */
interface Kind {
  readonly name: string;
  readonly find: (run: ComparedRun) => Measured | undefined;
}

/** One table for each group: rows are systems, columns the group's kinds of facts. */
export function groupTables(rows: readonly Row[]): Markup[] {
  return groupNames(rows).map((group) => {
    const rowsOfRun = (run: ComparedRun) =>
      run.breakdown.groups.filter((found) => found.group === group).flatMap((found) => found.rows);
    const names = distinct(
      rows.flatMap((row) => row.runs.flatMap((run) => rowsOfRun(run).map(({ name }) => name))),
    );
    const kinds = names.map((name): Kind => ({
      name,
      find: (run) => rowsOfRun(run).find((found) => found.name === name),
    }));
    const best = kinds.map((kind) => bestF1(rows, kind));
    return table({
      name: `${group}: F1 by kind`,
      caption: markup`<strong>${group}</strong>`,
      head: markup`<tr>${heading('System', { text: true })}${kinds.map((kind) => heading([kind.name, markup`<span class="support">${whole(support(rows, kind))} facts</span>`]))}</tr>`,
      bodies: [
        rows.map(
          (row) =>
            markup`<tr>${rowHeading(row.label)}${kinds.map((kind, i) => scoreCell(row, kind, best[i]))}</tr>`,
        ),
      ],
    });
  });
}

/** Rows are relations, most facts first, columns systems; null where no run has relations. */
export function relationsTable(
  rows: readonly Row[],
): { readonly table: Markup; readonly relations: number } | null {
  const names = new Map(
    rows.flatMap((row) =>
      row.runs.flatMap((run) =>
        run.breakdown.relations.map(({ relation, name }) => [relation, name] as const),
      ),
    ),
  );
  if (names.size === 0) return null;
  const lookups = new Map(
    rows.flatMap((row) =>
      row.runs.map(
        (run) => [run, new Map(run.breakdown.relations.map((one) => [one.relation, one]))] as const,
      ),
    ),
  );
  const lines = [...names]
    .map(([id, name]) => {
      const kind: Kind = { name, find: (run) => lookups.get(run)?.get(id) };
      return { id, kind, support: support(rows, kind) ?? 0 };
    })
    .sort((a, b) => b.support - a.support);
  return {
    relations: names.size,
    table: table({
      name: 'F1 by relation',
      caption: 'F1 (%) by relation, most frequent first.',
      head: markup`<tr>${heading('Relation', { text: true })}${heading('Facts')}${rows.map((row) => heading(row.label))}</tr>`,
      bodies: [
        lines.map(({ id, kind, support }) => {
          const best = bestF1(rows, kind);
          return markup`<tr>${rowHeading([kind.name, ' ', markup`<span class="id">${id}</span>`])}<td class="quiet">${whole(support)}</td>${rows.map((row) => scoreCell(row, kind, best))}</tr>`;
        }),
      ],
      wide: rows.length > 5,
    }),
  };
}

/** F1 with its bar; precision and recall below it, which the page shows when asked. */
function scoreCell(row: Row, kind: Kind, best: number | undefined): Markup {
  const found = averaged(row, kind);
  if (found === null) return markup`<td class="quiet">${NONE}</td>`;
  return barCell(score(found.f1), found.f1, {
    best: found.f1 > 0 && found.f1 === best,
    more: markup`<span class="pr">P ${score(found.precision)} R ${score(found.recall)}</span>`,
  });
}

function averaged(row: Row, { find }: Kind): Omit<Measured, 'support'> | null {
  const found = row.runs.flatMap((run) => find(run) ?? []);
  const of = (key: keyof Measured): number => mean(found, (one) => one[key]) ?? 0;
  return found.length === 0 ? null : { f1: of('f1'), precision: of('precision'), recall: of('recall') };
}

/** Undefined for one row: nothing is best alone. */
function bestF1(rows: readonly Row[], kind: Kind): number | undefined {
  return rows.length > 1 ? max(rows, (row) => averaged(row, kind)?.f1 ?? null) : undefined;
}

/** Correct facts of this kind; the same for every run, as the dev documents are. */
function support(rows: readonly Row[], { find }: Kind): number | null {
  return max(rows, (row) => max(row.runs, (run) => find(run)?.support)) ?? null;
}

function groupNames(rows: readonly Row[]): string[] {
  const groups = rows.flatMap((row) => row.runs.flatMap((run) => run.breakdown.groups));
  return distinct(groups.filter((group) => group.rows.length > 0).map(({ group }) => group));
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)];
}
