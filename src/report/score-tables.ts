/** The paper's three tables, its numbers beside ours. */
import { max } from 'd3-array';

import type { ComparedRun, Comparison, DataSet } from './comparison.ts';
import { markup, type Markup } from './markup.ts';
import { NONE, score, scoreDifference, scoreSpread, whole } from './numbers.ts';
import { isRowOf, paperF1, table1, table2, table3 } from './paper.ts';
import { measured, type Row } from './rows.ts';
import { cell, heading, rowHeading, table } from './table.ts';

const roles = { train: 'Train', dev: 'Dev', test: 'Test' } as const;
const counted = [
  ['documents', 'Documents'],
  ['relations', 'Relations'],
  ['instances', 'Instances'],
  ['facts', 'Facts'],
] as const;

/** Table 1: what the data count. */
export function dataTable({ data }: Comparison): Markup {
  const rows = (['train', 'dev', 'test'] as const).flatMap((role) => {
    const sets: (DataSet | undefined)[] = data.filter((set) => set.role === role);
    return (sets.length > 0 ? sets : [undefined]).map(
      (set) =>
        markup`<tr>${rowHeading(roles[role])}${counted.map(([key]) => [
          cell(set === undefined ? NONE : whole(set[key]), { first: true }),
          cell(whole(table1[role][key]), { quiet: true }),
        ])}</tr>`,
    );
  });
  return table({
    name: 'Table 1',
    caption: markup`<strong>Table 1.</strong> What the data count, here and in the paper.`,
    head: [
      markup`<tr>${heading('', { text: true, rows: 2 })}${counted.map(([, name]) => heading(name, { span: 2, first: true }))}</tr>`,
      markup`<tr>${counted.map(() => [heading('here', { first: true }), heading('paper')])}</tr>`,
    ],
    bodies: [rows],
  });
}

/** What else is known of the files, their sums included. */
export function filesTable({ data }: Comparison): Markup {
  return table({
    name: 'Files',
    caption: 'The files.',
    head: markup`<tr>${heading('', { text: true })}${heading('File', { text: true })}${['Relations observed', 'Words', 'Entities', 'Ordered pairs'].map((name) => heading(name))}${heading('SHA-256', { text: true })}</tr>`,
    bodies: [
      data.map(
        (set) =>
          markup`<tr>${rowHeading(roles[set.role])}${cell(set.file, { long: true })}${[set.relationsObserved, set.words, set.entities, set.pairs].map((value) => cell(whole(value)))}<td class="text long hash">${set.sha256}</td></tr>`,
      ),
    ],
  });
}

/** Table 2: F1 of all systems; rows that the paper lacks come last. */
export function systemsTable(rows: readonly Row[]): Markup {
  const bestOf = (measure: (run: ComparedRun) => number | null): number | undefined =>
    rows.length > 1 ? max(rows, (row) => measured(row, measure)?.mean ?? null) : undefined;
  const best = { dev: bestOf(dev), ignDev: bestOf(ignDev), test: bestOf(test), ignTest: bestOf(ignTest) };

  const lineOf = (name: string, row: Row | undefined): Markup => {
    const of = (measure: (run: ComparedRun) => number | null) =>
      row === undefined ? null : measured(row, measure);
    const ours = { dev: of(dev), ignDev: of(ignDev), test: of(test), ignTest: of(ignTest) };
    const paper = row === undefined ? table2.find(({ label }) => label === name) : paperF1(row);
    const number = (key: keyof typeof ours, first = false): Markup =>
      cell(scoreSpread(ours[key]), { best: ours[key] !== null && ours[key].mean === best[key], first });
    const beside = (key: 'dev' | 'test'): Markup[] => {
      const theirs = paper?.[key] ?? null;
      const apart = theirs === null || ours[key] === null ? null : ours[key].mean - theirs;
      return [cell(score(theirs), { quiet: true }), cell(scoreDifference(apart), { quiet: true })];
    };
    return markup`<tr>${rowHeading(name)}${cell(row === undefined ? 'not run' : row.runs.length, { quiet: true })}${number('dev', true)}${beside('dev')}${number('ignDev')}${number('test', true)}${beside('test')}${number('ignTest')}</tr>`;
  };

  const published = table2.flatMap((paperRow) => {
    const matching = rows.filter((row) => isRowOf(paperRow, row));
    return matching.length > 0
      ? matching.map((row) => lineOf(row.label, row))
      : [lineOf(paperRow.label, undefined)];
  });
  const others = rows.filter((row) => !table2.some((paperRow) => isRowOf(paperRow, row)));
  return table({
    name: 'Table 2',
    caption: markup`<strong>Table 2.</strong> F1 (%) of all systems${rows.some(({ runs }) => runs.length > 1) && '; of several seeds mean ± standard deviation'}.${rows.length > 1 && ' Best values of ours in bold.'}${others.length > 0 && ' The last rows are not in the paper’s Table 2; SentModel’s number is from its Table 3.'}`,
    head: [
      markup`<tr>${heading('System', { text: true, rows: 2 })}${heading('Seeds', { rows: 2 })}${heading('Dev', { span: 4, first: true })}${heading('Test', { span: 4, first: true })}</tr>`,
      markup`<tr>${[1, 2].map(() => [heading('F1 here', { first: true }), heading('paper'), heading('difference'), heading('Ign F1 here')])}</tr>`,
    ],
    bodies: [published, others.map((row) => lineOf(row.label, row))].filter((body) => body.length > 0),
    wide: true,
  });
}

/** Table 3: BiLSTM and SentModel. */
export function sentenceTable(rows: readonly Row[]): Markup {
  const lines = table3.flatMap((paper) => {
    const matching: (Row | undefined)[] = rows.filter((row) => isRowOf(paper, row));
    return (matching.length > 0 ? matching : [undefined]).map((row) => {
      const f1 = row ? measured(row, dev) : null;
      const auc = row ? measured(row, (run) => run.dev.auc) : null;
      const apart = (ours: typeof f1, theirs: number): string =>
        ours === null ? NONE : scoreDifference(ours.mean - theirs);
      return markup`<tr>${rowHeading(row?.label ?? paper.label)}${cell(row === undefined ? 'not run' : row.runs.length, { quiet: true })}${cell(scoreSpread(f1), { first: true })}${cell(score(paper.f1), { quiet: true })}${cell(apart(f1, paper.f1), { quiet: true })}${cell(scoreSpread(auc), { first: true })}${cell(score(paper.auc), { quiet: true })}${cell(apart(auc, paper.auc), { quiet: true })}</tr>`;
    });
  });
  return table({
    name: 'Table 3',
    caption: markup`<strong>Table 3.</strong> Reading the document, or each of its sentences alone: dev F1 and area under precision over recall (%).`,
    head: [
      markup`<tr>${heading('System', { text: true, rows: 2 })}${heading('Seeds', { rows: 2 })}${heading('F1', { span: 3, first: true })}${heading('AUC', { span: 3, first: true })}</tr>`,
      markup`<tr>${[1, 2].map(() => [heading('here', { first: true }), heading('paper'), heading('difference')])}</tr>`,
    ],
    bodies: [lines],
  });
}

const dev = (run: ComparedRun): number => run.dev.f1;
const ignDev = (run: ComparedRun): number | null => run.dev.ignF1;
const test = (run: ComparedRun): number | null => run.test?.f1 ?? null;
const ignTest = (run: ComparedRun): number | null => run.test?.ignF1 ?? null;
