/** The text with its mentions. Blocks are added one after the other, so that a long text shows at once. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';

import { chunks, type Chunk } from '../model/chunks.ts';
import { isJoined, type Entry } from '../model/entry.ts';
import { pieces, placesOf, type Place } from '../model/pieces.ts';
import { entityClass } from './chip.tsx';
import { litEntity, type Light, type Lit } from './light.ts';

/** Blocks that are drawn before the first picture, and after each. */
const AT_ONCE = 4;

interface TextViewProps {
  readonly entry: Entry;
  readonly light: Light;
  /** Entities that a shown fact names; the others are dim. */
  readonly live: ReadonlySet<number>;
  readonly onPick: (entity: number) => void;
  /** Scrolls to a sentence when it changes. */
  readonly target: { readonly sentence: number } | null;
}

export function TextView({ entry, light, live, onPick, target }: TextViewProps) {
  const root = useRef<HTMLDivElement>(null);
  const { extraction } = entry;
  const plan = useMemo(() => {
    const places = placesOf(extraction);
    let p = 0;
    return chunks(extraction.text, extraction.sentences).map((chunk) => {
      const from = p;
      while (p < places.length && (places[p]?.start ?? 0) < chunk.end) p++;
      return { chunk, places: places.slice(from, p) };
    });
  }, [extraction]);
  const [drawn, setDrawn] = useState(AT_ONCE);
  useEffect(() => setDrawn(AT_ONCE), [plan]);
  useEffect(() => {
    if (drawn >= plan.length) return undefined;
    const timer = setTimeout(() => setDrawn(drawn + AT_ONCE));
    return () => clearTimeout(timer);
  }, [drawn, plan]);

  const blocks = useRef(new Map<Chunk, JSX.Element>());
  useMemo(() => blocks.current.clear(), [plan]);
  const body = plan.slice(0, drawn).map(({ chunk, places }, i) => {
    const made = blocks.current.get(chunk) ?? (
      <Block key={i} entry={entry} chunk={chunk} places={places} label={labelOf(entry)} />
    );
    blocks.current.set(chunk, made);
    return made;
  });

  const dimmed = useRef(0);
  const dim = (): void => {
    const { children } = root.current ?? { children: [] };
    for (const block of [...children].slice(dimmed.current)) {
      for (const mark of marksOf(block))
        mark.toggleAttribute('data-dim', !live.has(Number(mark.dataset['entity'])));
    }
    dimmed.current = children.length;
  };
  useEffect(() => {
    dimmed.current = 0;
    dim();
  }, [live, plan]);
  useEffect(dim, [drawn]);

  useEffect(() => light.listen((lit) => paint(root.current, lit)), [light, drawn, plan]);

  useEffect(() => {
    if (target === null) return;
    if (drawn < plan.length) setDrawn(plan.length);
    else
      root.current
        ?.querySelector(`[data-sentence="${target.sentence}"]`)
        ?.scrollIntoView({ block: 'center', behavior: calm() ? 'auto' : 'smooth' });
  }, [target, drawn >= plan.length]);

  const entityAt = (event: Event): number | null => {
    const mark = event.target instanceof Element ? event.target.closest<HTMLElement>('mark') : null;
    return mark ? Number(mark.dataset['entity']) : null;
  };
  const hover = (event: Event): void => {
    const entity = entityAt(event);
    light.hover(entity === null ? null : litEntity(entity));
  };
  return (
    <div
      class={`text${isJoined(extraction) ? ' joined' : ''}`}
      dir="auto"
      ref={root}
      onPointerOver={hover}
      onPointerLeave={() => light.hover(null)}
      onFocusIn={hover}
      onFocusOut={() => light.hover(null)}
      onClick={(event) => {
        const entity = entityAt(event);
        if (entity !== null) onPick(entity);
      }}
      onKeyDown={(event) => {
        const entity = entityAt(event);
        if (entity !== null && (event.key === 'Enter' || event.key === ' ')) {
          event.preventDefault();
          onPick(entity);
        } else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') step(root.current, event, 1);
        else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') step(root.current, event, -1);
      }}
    >
      {body}
    </div>
  );
}

const labelOf =
  ({ extraction }: Entry) =>
  (entity: number): string => {
    const { name = '', type = '' } = extraction.entities[entity] ?? {};
    return `Entity ${entity + 1}: ${name}${type && `, ${type}`}`;
  };

interface BlockProps {
  readonly entry: Entry;
  readonly chunk: Chunk;
  readonly places: readonly Place[];
  readonly label: (entity: number) => string;
}

function Block({ entry, chunk, places, label }: BlockProps) {
  const { text, sentences } = entry.extraction;
  const parts: JSX.Element[] = [];
  let at = chunk.start;
  const cut = (end: number) => marked({ text, places, start: at, end, label, first: chunk.start === 0 });
  for (let s = chunk.first; s < chunk.last; s++) {
    const [start, end] = sentences[s] ?? [at, at];
    if (end <= start || start < at) continue;
    parts.push(<>{text.slice(at, start)}</>);
    at = start;
    parts.push(<span data-sentence={s}>{cut(end)}</span>);
    at = end;
  }
  parts.push(<>{text.slice(at, chunk.end)}</>);
  return <div class="block">{parts}</div>;
}

interface Marking {
  readonly text: string;
  readonly places: readonly Place[];
  readonly start: number;
  readonly end: number;
  readonly label: (entity: number) => string;
  readonly first: boolean;
}

/** Pieces of a sentence; of mentions inside each other the shortest shows. Its number stands where the mention ends. */
function marked({ text, places, start, end, label, first }: Marking) {
  return pieces(places, start, end).map((piece) => {
    const content = text.slice(piece.start, piece.end);
    const [place] = piece.places;
    if (!place) return content;
    const ends = piece.end === place.end;
    // One stop of the tab key for the whole text: its first mention. Arrows go on from there.
    const tab = first && place === places[0] && piece.start === place.start ? 0 : -1;
    return (
      <mark
        class={entityClass(place.entity)}
        data-entity={place.entity}
        tabIndex={tab}
        aria-label={`${content}. ${label(place.entity)}`}
        role="button"
      >
        {content}
        {ends && <sup aria-hidden="true" data-number={place.entity + 1} />}
      </mark>
    );
  });
}

const marksOf = (root: Element | null): HTMLElement[] => [
  ...(root?.querySelectorAll<HTMLElement>('mark') ?? []),
];

function paint(root: Element | null, lit: Lit | null): void {
  if (!root) return;
  for (const element of root.querySelectorAll('[data-lit]')) element.removeAttribute('data-lit');
  root.toggleAttribute('data-busy', lit !== null);
  for (const entity of lit?.entities ?? []) {
    for (const mark of root.querySelectorAll(`mark[data-entity="${entity}"]`))
      mark.setAttribute('data-lit', '');
  }
  for (const sentence of lit?.sentences ?? []) {
    root.querySelector(`[data-sentence="${sentence}"]`)?.setAttribute('data-lit', '');
  }
}

function step(root: Element | null, event: KeyboardEvent, by: number): void {
  const marks = marksOf(root);
  const next = marks[marks.findIndex((mark) => mark === document.activeElement) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Whether the person asked for no motion. */
const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
