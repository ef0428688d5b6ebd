/** Documents and pairs as the arrays that a graph takes. */
import { DISTANCE_ROWS } from '../nn/pair-scorer.ts';
import { leastPadding } from './budget.ts';
import { distanceRows } from './distance.ts';
import type { Features, Pair } from './features.ts';
import { allPairs, type Task, targetClasses } from './task.ts';

/** A document and those of its pairs that are asked about. */
export interface Item {
  readonly features: Features;
  readonly pairs: readonly Pair[];
}

type Floats = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>;
type Integers = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Int32Array }>>;

/** The inputs of one run, and the sizes of their dimensions. Letters as in `models/`. */
export interface Batch {
  readonly sizes: Readonly<Record<string, number>>;
  readonly floats: Floats;
  readonly integers: Integers;
}

/** How a system reads a batch. */
export type BatchForm = (
  | {
      readonly reads: 'pieces';
      /** Of sequences that are padded alike; default 1. */
      readonly groups?: number;
    }
  | {
      readonly reads: 'words';
      /** Of the recurrent layer. */
      readonly directions: 1 | 2;
      /** Whether documents are filled up to the longest with the word [BLANK], which the encoder sees. */
      readonly blank: boolean;
    }
) & {
  /** Whether pairs look at all pairs of their document. */
  readonly context: boolean;
};

/** What a batch that runs in parts is as a whole. The original's quirks make scores depend on it. */
export interface Whole {
  /** The most words with a state of their own in one document; see `WeightRow.lost`. */
  readonly states: number;
  /** Pieces or words of the longest document. */
  readonly longest: number;
}

/** Added to attention scores at padding; float32 keeps it finite after any sum. */
const MASKED = -1e9;

export function wholeOf(items: readonly Item[]): Whole {
  return {
    states: items.reduce((most, { features }) => Math.max(most, features.states), 0),
    longest: items.reduce((most, { features }) => Math.max(most, features.pieces), 0),
  };
}

/** The inputs of one run over all of `items`. @param whole - the batch that the items are a part of */
export function buildBatch(items: readonly Item[], form: BatchForm, whole: Whole = wholeOf(items)): Batch {
  const blank = form.reads === 'words' && form.blank ? whole.longest : 0;
  const encoder =
    form.reads === 'pieces'
      ? encoderInputs(
          items.flatMap(({ features }) => features.sequences),
          form.groups === undefined ? {} : { groups: form.groups },
        )
      : wordInputs(items, { directions: form.directions, blank });
  const E = items.reduce((sum, { features }) => sum + features.entities.length, 0);
  const M = items.reduce((most, { features }) => Math.max(most, features.entities.length), 0);
  const P = items.reduce((sum, { pairs }) => sum + pairs.length, 0);
  const B = items.length;
  const context = form.context ? contextInputs(items) : undefined;
  const scored = context?.items ?? items;
  const entities = raggedMap(
    items.map(({ features }) => features.entities.length),
    M,
  );
  const mentions = mentionInputs(items, { N: encoder.sizes['N'] ?? 0, states: whole.states, blank });
  return {
    sizes: { ...encoder.sizes, ...context?.sizes, B, E, M, P, W: mentions.weights.length },
    floats: {
      ...encoder.floats,
      ...context?.floats,
      mentionWeights: { shape: [mentions.weights.length, 1], data: mentions.weights },
    },
    integers: {
      ...encoder.integers,
      ...context?.integers,
      ...pairInputs(scored, { M, P: context?.sizes.C ?? P }),
      mentionStates: { shape: [mentions.states.length], data: mentions.states },
      mentionEntities: { shape: [mentions.entities.length], data: mentions.entities },
      entitiesToPadded: { shape: [B, M], data: entities.toPadded },
      entitiesToRows: { shape: [E], data: entities.toRows },
    },
  };
}

/** The name of an input or dimension that every group has, of group `g` of `groups`. */
export const inGroup = (name: string, g: number, groups: number): string =>
  groups === 1 ? name : `${name}${g}`;

/**
 * The inputs of the encoder alone, for sequences of piece ids.
 *
 * They are cut into groups where that pads least; with fewer sequences than groups, sequences of one piece that nobody asks
 * for follow.
 *
 * @param options.groups - of sequences that are padded alike; default 1
 * @param options.T - places of a sequence in the block of a single group; default: the longest one's pieces
 */
export function encoderInputs(
  sequences: readonly Int32Array[],
  { groups = 1, T: places }: { readonly groups?: number; readonly T?: number } = {},
): Pick<Batch, 'floats' | 'integers'> & { readonly sizes: Readonly<Record<string, number>> } {
  const fillers = Array.from({ length: groups - sequences.length }, () => new Int32Array(1));
  const all = [...sequences, ...fillers];
  const N = all.reduce((sum, { length }) => sum + length, 0);
  const [pieces, positions] = [new Int32Array(N), new Int32Array(N)];
  let row = 0;
  for (const sequence of all) {
    pieces.set(sequence, row);
    for (let t = 0; t < sequence.length; t++) positions[row + t] = t;
    row += sequence.length;
  }
  const cut = leastPadding(
    all.map(({ length }) => length),
    groups,
  );
  const own = cut.map((lengths, g) => {
    const U = lengths.length;
    const T = places ?? Math.max(...lengths);
    const mask = new Float32Array(U * T).fill(MASKED);
    lengths.forEach((length, u) => mask.fill(0, u * T, u * T + length));
    const rows = raggedMap(lengths, T);
    const named = <V>(values: Record<string, V>): Record<string, V> =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [inGroup(name, g, groups), value]));
    return {
      sizes: named({ N: rows.toRows.length, U, T }),
      floats: named({ mask: { shape: [U, 1, 1, T], data: mask } }),
      integers: named({
        piecesToPadded: { shape: [U, T], data: rows.toPadded },
        piecesToRows: { shape: [rows.toRows.length], data: rows.toRows },
      }),
    };
  });
  return {
    sizes: Object.assign({ N }, ...own.map(({ sizes }) => sizes)),
    floats: Object.assign({}, ...own.map(({ floats }) => floats)),
    integers: Object.assign(
      { pieces: { shape: [N], data: pieces }, positions: { shape: [N], data: positions } },
      ...own.map(({ integers }) => integers),
    ),
  };
}

/** What pairs should be, for training: rows of 0 and 1, [P, R]. */
export function targets(items: readonly Item[], task: Task, classes: number): Float32Array {
  const pairs = items.flatMap((item) => item.pairs);
  const result = new Float32Array(pairs.length * classes);
  pairs.forEach((pair, p) => {
    for (const target of targetClasses(pair, task)) result[p * classes + target] = 1;
  });
  return result;
}

/** Rows of ragged sequences to a padded block [sequences, longest] and back; see `RowMap` in `graph/`. */
function raggedMap(
  lengths: readonly number[],
  longest: number,
): { toPadded: Int32Array; toRows: Int32Array } {
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const toPadded = new Int32Array(lengths.length * longest).fill(rows);
  const toRows = new Int32Array(rows);
  let row = 0;
  lengths.forEach((length, b) => {
    for (let i = 0; i < length; i++, row++) {
      toPadded[b * longest + i] = row;
      toRows[row] = b * longest + i;
    }
  });
  return { toPadded, toRows };
}

/**
 * The inputs of a word-level encoder.
 *
 * @param options.blank - words that every document is filled up to with id 0, at least
 */
export function wordInputs(
  items: readonly { readonly features: Pick<Features, 'sequences' | 'tags'> }[],
  { directions: D, blank }: { readonly directions: number; readonly blank: number },
): Pick<Batch, 'floats' | 'integers'> & { readonly sizes: Readonly<Record<'N' | 'U' | 'T', number>> } {
  const lengths = items.flatMap(({ features }) =>
    features.sequences.map((ids) => Math.max(ids.length, blank)),
  );
  const N = lengths.reduce((sum, length) => sum + length, 0);
  const T = lengths.reduce((most, length) => Math.max(most, length), 0);
  const U = lengths.length;
  const make = (length = N): Int32Array => new Int32Array(length);
  const ids = { words: make(), coreference: make(), types: make(), sequenceOf: make() };
  const [before, after] = [make().fill(N), make().fill(N)];
  const [toPadded, toRows] = [make(T * D * U).fill(N * D), make(N * D)];
  let [row, u] = [0, 0];
  for (const { features } of items) {
    let tag = 0;
    for (const sequence of features.sequences) {
      const length = lengths[u] ?? 0;
      ids.words.set(sequence, row);
      const tags = [tag, (tag += sequence.length)] as const;
      ids.coreference.set(features.tags?.coreference.subarray(...tags) ?? [], row);
      ids.types.set(features.tags?.types.subarray(...tags) ?? [], row);
      ids.sequenceOf.fill(u, row, row + length);
      for (let t = 0; t < length; t++, row++) {
        if (t > 0) before[row] = row - 1;
        if (t < length - 1) after[row] = row + 1;
        for (let d = 0; d < D; d++) {
          const place = ((d === 0 ? t : length - 1 - t) * D + d) * U + u;
          toPadded[place] = row * D + d;
          toRows[row * D + d] = place;
        }
      }
      u++;
    }
  }
  return {
    sizes: { N, U, T },
    floats: {},
    integers: {
      ...Object.fromEntries(Object.entries(ids).map(([name, data]) => [name, { shape: [N], data }])),
      before: { shape: [N], data: before },
      after: { shape: [N], data: after },
      stepsToPadded: { shape: [T, D, U], data: toPadded },
      stepsToRows: { shape: [N * D], data: toRows },
    },
  };
}

/** Every pair of every document as context, and where the asked ones are among them. */
function contextInputs(items: readonly Item[]): Pick<Batch, 'floats' | 'integers'> & {
  readonly items: readonly Item[];
  readonly sizes: Readonly<Record<'C' | 'J' | 'Q', number>>;
} {
  const all = items.map(({ features }) => ({ features, pairs: allPairs(features) }));
  const counts = (of: readonly Item[]): number[] => of.map(({ pairs }) => pairs.length);
  const most = (lengths: readonly number[]): number => lengths.reduce((a, b) => Math.max(a, b), 0);
  const [contexts, questions] = [counts(all), counts(items)];
  const [J, Q] = [most(contexts), most(questions)];
  const mask = new Float32Array(items.length * J).fill(MASKED);
  const asked = new Int32Array(questions.reduce((a, b) => a + b, 0));
  let [first, p] = [0, 0];
  items.forEach(({ features, pairs }, b) => {
    const entities = features.entities.length;
    // Pairs stand h outer, t inner, without h = t.
    for (const { head, tail } of pairs)
      asked[p++] = first + head * (entities - 1) + tail - (tail > head ? 1 : 0);
    mask.fill(0, b * J, b * J + (contexts[b] ?? 0));
    first += contexts[b] ?? 0;
  });
  const [context, queries] = [raggedMap(contexts, J), raggedMap(questions, Q)];
  return {
    items: all,
    sizes: { C: first, J, Q },
    floats: { contextMask: { shape: [items.length, 1, J], data: mask } },
    integers: {
      asked: { shape: [asked.length], data: asked },
      contextToPadded: { shape: [items.length, J], data: context.toPadded },
      contextToRows: { shape: [first], data: context.toRows },
      askedToPadded: { shape: [items.length, Q], data: queries.toPadded },
      askedToRows: { shape: [asked.length], data: queries.toRows },
    },
  };
}

/** Every word of every mention: its state, its weight, its entity. A lost word has row N (of -1) or N + 1 (of 0). */
function mentionInputs(
  items: readonly Item[],
  { N, states: most, blank }: { readonly N: number; readonly states: number; readonly blank: number },
): { states: Int32Array; weights: Float32Array; entities: Int32Array } {
  const [states, weights, entities]: [number[], number[], number[]] = [[], [], []];
  let [entity, first] = [0, 0];
  const add = (state: number, weight: number): void => {
    states.push(state);
    weights.push(weight);
    entities.push(entity);
  };
  for (const { features } of items) {
    for (const row of features.entities) {
      row.states.forEach((state, i) => add(first + state, row.weights[i] ?? 0));
      for (const [word, weight] of row.lost) add(word < most ? N : N + 1, weight);
      entity++;
    }
    first += Math.max(features.pieces, blank);
  }
  return {
    states: Int32Array.from(states),
    weights: Float32Array.from(weights),
    entities: Int32Array.from(entities),
  };
}

function pairInputs(items: readonly Item[], { M, P }: { readonly M: number; readonly P: number }): Integers {
  const make = (): Int32Array => new Int32Array(P);
  const inputs = {
    pairsToRows: make(),
    entityDistance: make(),
    distanceEntity: make(),
  };
  const toPadded = new Int32Array(items.length * M * M).fill(P);
  let [p, entity] = [0, 0];
  items.forEach(({ features, pairs }, b) => {
    for (const { head, tail } of pairs) {
      const rows = distanceRows(features.firstWords[head] ?? 0, features.firstWords[tail] ?? 0);
      const place = (b * M + head) * M + tail;
      inputs.pairsToRows[p] = place;
      toPadded[place] = p;
      inputs.entityDistance[p] = (entity + head) * DISTANCE_ROWS + rows.tail;
      inputs.distanceEntity[p] = (entity + tail) * DISTANCE_ROWS + rows.head;
      p++;
    }
    entity += features.entities.length;
  });
  return {
    ...Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, { shape: [P], data }])),
    pairsToPadded: { shape: [items.length, M, M], data: toPadded },
  };
}
