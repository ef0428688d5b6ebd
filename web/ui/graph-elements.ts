/** Nodes and edges of the graph, with their sizes, places and bends. */
import type { ElementDefinition } from 'cytoscape';

import { entityLook, type Theme } from '../model/colours.ts';
import type { Entry } from '../model/entry.ts';
import { layout, rows, type Body, type Point } from '../model/layout.ts';
import type { ShownFact } from '../model/shown.ts';
import { symbols } from './chip.tsx';
import { FONT, LABEL, NAME, numberPicture } from './graph-style.ts';

/** Diameter of a node, which grows with its mentions. In pixels. */
const sizeOf = (mentions: number): number => Math.min(46, 22 + 6 * Math.sqrt(Math.max(0, mentions - 1)));

export const widthOf = (score: number | null): number => (score === null ? 1.6 : 0.8 + 3.4 * score * score);

const edgeName = ({ status, name }: ShownFact): string => [symbols[status], name].filter(Boolean).join(' ');

/** Entities above this number have theirs before their name instead of in their circle: pictures are drawn one at a time. */
const MOST_PICTURES = 250;

export function nodeOf(entry: Entry, index: number, theme: Theme): ElementDefinition {
  const many = entry.extraction.entities.length > MOST_PICTURES;
  const entity = entry.extraction.entities[index];
  const { colour, line } = entityLook(index);
  return {
    group: 'nodes',
    data: {
      id: `n${index}`,
      entity: index,
      name: many ? `${index + 1} ${entity?.name ?? ''}` : (entity?.name ?? ''),
      colour,
      line,
      size: sizeOf(entity?.mentions.length ?? 1),
      ...(many ? {} : { picture: numberPicture(index, theme) }),
    },
  };
}

/** Above it, edges are straight lines without names: nobody could read them, and they are slow to draw. */
export const MANY_FACTS = 500;

export function edgeOf(fact: ShownFact): ElementDefinition {
  return {
    group: 'edges',
    data: {
      id: `f${fact.key}`,
      key: fact.key,
      source: `n${fact.head}`,
      target: `n${fact.tail}`,
      ...edgeData(fact, false),
      ...(fact.head === fact.tail ? { loop: true } : {}),
      bend: 0,
      weight: 0.5,
    },
  };
}

export const edgeData = (fact: ShownFact, plain: boolean): object => ({
  name: edgeName(fact),
  status: fact.status,
  width: fact.status === 'missed' ? 2 : widthOf(fact.score),
  plain,
});

export interface Arrangement {
  /** Centre of each node, by entity. */
  readonly nodes: ReadonlyMap<number, Point>;
  /** Middle of each edge, by the key of its fact. */
  readonly labels: ReadonlyMap<string, Point>;
}

export interface ArrangeOptions {
  readonly entities: readonly number[];
  readonly facts: readonly ShownFact[];
  /** Width of the view by its height. */
  readonly aspect: number;
  /** Where some entities are now: they move little. */
  readonly before: ReadonlyMap<number, Point>;
}

/** Places for these entities and facts; entities without facts stand in rows below. */
export function arrange(entry: Entry, { entities, facts, aspect, before }: ArrangeOptions): Arrangement {
  const busy = new Set(facts.flatMap(({ head, tail }) => [head, tail]));
  const [inside, alone] = [entities.filter((e) => busy.has(e)), entities.filter((e) => !busy.has(e))];
  const order = new Map(inside.map((entity, i) => [entity, i]));
  const bodies = inside.map((entity) => nodeBody(entry, entity));
  const drawn = facts.filter(({ head, tail }) => order.has(head) && order.has(tail));
  const links = drawn.map((fact) => ({
    from: order.get(fact.head) ?? 0,
    to: order.get(fact.tail) ?? 0,
    ...labelBody(edgeName(fact)),
  }));
  const places = layout(bodies, links, { aspect, before: inside.map((entity) => before.get(entity)) });
  const nodes = new Map(inside.map((entity, i) => [entity, above(places.nodes[i])]));
  const xs = places.nodes.map(({ x }) => x);
  const ys = places.nodes.map(({ y }) => y);
  const [left, right] = inside.length > 0 ? [min(xs), -min(xs.map((x) => -x))] : [0, 0];
  const bottom = inside.length > 0 ? -min(ys.map((y) => -y)) + 70 : 0;
  const width = Math.max(right - left, 420 * Math.sqrt(aspect) * Math.max(1, Math.sqrt(alone.length / 12)));
  const aloneBodies = alone.map((entity) => nodeBody(entry, entity));
  const below = rows(aloneBodies, { left: (left + right - width) / 2, top: bottom, width });
  for (const [i, entity] of alone.entries()) nodes.set(entity, above(below[i]));
  return { nodes, labels: new Map(drawn.map((fact, i) => [fact.key, places.labels[i] ?? { x: 0, y: 0 }])) };
}

const min = (values: readonly number[]): number =>
  values.reduce((least, value) => Math.min(least, value), Infinity);

/** A body holds the circle and the name below it; the circle's centre is above the body's. */
const above = (point: Point | undefined): Point => ({ x: point?.x ?? 0, y: (point?.y ?? 0) - 9 });

function nodeBody(entry: Entry, index: number): Body {
  const entity = entry.extraction.entities[index];
  const size = sizeOf(entity?.mentions.length ?? 1);
  const width = Math.min(NAME.width, textWidth(entity?.name ?? '', NAME.size));
  return { width: Math.max(size, width) + 6, height: size + 22 };
}

function labelBody(name: string): Body {
  const width = textWidth(name, LABEL.size);
  const lines = Math.max(1, Math.ceil(width / (LABEL.width * 0.86)));
  return { width: Math.min(width, LABEL.width) + 8, height: lines * LABEL.line + 5 };
}

let context: CanvasRenderingContext2D | null | undefined;

function textWidth(text: string, size: number): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * size * 0.55;
  context.font = `${size}px ${FONT}`;
  return context.measureText(text.slice(0, 200)).width;
}
