/** The facts as a list: all that the graph says, for the keyboard and for screen readers. */
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Entry } from '../model/entry.ts';
import type { ShownFact } from '../model/shown.ts';
import { Bar, decimals, EntityChip, StatusMark } from './chip.tsx';
import { litFact, type Light } from './light.ts';

/** More rows are drawn when they are asked for. */
const ROWS = 300;

interface FactListProps {
  readonly entry: Entry;
  readonly facts: readonly ShownFact[];
  readonly light: Light;
  readonly onOpen: (fact: ShownFact) => void;
}

export function FactList({ entry, facts, light, onOpen }: FactListProps) {
  const root = useRef<HTMLUListElement>(null);
  const [rows, setRows] = useState(ROWS);
  const [current, setCurrent] = useState('');
  const visible = facts.slice(0, rows);
  const stop = visible.some(({ key }) => key === current) ? current : visible[0]?.key;
  const byKey = new Map(facts.map((fact) => [fact.key, fact]));

  useEffect(
    () =>
      light.listen((lit) => {
        for (const row of root.current?.querySelectorAll<HTMLElement>('button[data-key]') ?? []) {
          const fact = byKey.get(row.dataset['key'] ?? '');
          const on =
            lit !== null &&
            fact !== undefined &&
            (lit.fact === null
              ? lit.entities.some((e) => e === fact.head || e === fact.tail)
              : lit.fact === fact.key);
          row.toggleAttribute('data-lit', on);
        }
      }),
    [light, facts, rows],
  );

  const factAt = (event: Event): ShownFact | undefined => {
    const row =
      event.target instanceof Element ? event.target.closest<HTMLElement>('button[data-key]') : null;
    return byKey.get(row?.dataset['key'] ?? '');
  };
  const hover = (event: Event): void => {
    const fact = factAt(event);
    light.hover(fact ? litFact(fact) : null);
  };
  const move = (event: KeyboardEvent): void => {
    const all = [...(root.current?.querySelectorAll<HTMLElement>('button[data-key]') ?? [])];
    const at = all.findIndex((row) => row === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    const row = to === undefined ? undefined : all[to];
    if (!row) return;
    event.preventDefault();
    setCurrent(row.dataset['key'] ?? '');
    row.focus();
  };

  if (facts.length === 0) return null;
  return (
    <>
      <ul
        class="facts"
        ref={root}
        aria-label="Facts, arrow keys move, Enter opens"
        onPointerOver={hover}
        onPointerLeave={() => light.hover(null)}
        onFocusIn={hover}
        onFocusOut={() => light.hover(null)}
        onKeyDown={move}
      >
        {visible.map((fact) => (
          <li key={fact.key}>
            <button
              type="button"
              data-key={fact.key}
              class={`fact ${fact.status}`}
              tabIndex={fact.key === stop ? 0 : -1}
              onClick={() => {
                setCurrent(fact.key);
                onOpen(fact);
              }}
            >
              <FactRow entry={entry} fact={fact} />
            </button>
          </li>
        ))}
      </ul>
      {facts.length > rows && (
        <button type="button" class="button more" onClick={() => setRows(rows + ROWS)}>
          Show {Math.min(ROWS, facts.length - rows)} more of {facts.length - rows}
        </button>
      )}
    </>
  );
}

function FactRow({ entry, fact }: { readonly entry: Entry; readonly fact: ShownFact }) {
  const name = (index: number): string => entry.extraction.entities[index]?.name ?? '';
  return (
    <>
      <span class="relation">
        <bdi>{fact.name}</bdi> <StatusMark status={fact.status} />
      </span>
      {entry.scored && (
        <span class="score">
          {fact.score === null ? (
            <span class="none">no score</span>
          ) : (
            <>
              <span class="hidden">score </span>
              {decimals(fact.score)}
              <Bar value={fact.score} />
            </>
          )}
        </span>
      )}
      <span class="pair">
        <EntityChip index={fact.head} name={name(fact.head)} />{' '}
        <span class="tail">
          <span class="arrow" aria-label="to">
            →
          </span>
          <EntityChip index={fact.tail} name={name(fact.tail)} />
        </span>
      </span>
    </>
  );
}
