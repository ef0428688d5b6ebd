/** Documents and pairs as the arrays that a graph takes. */
import { DISTANCE_ROWS } from '../nn/pair-scorer.ts';
import { distanceRows } from './distance.ts';
import type { Features, Pair } from './features.ts';
import { type Task, targetClasses } from './task.ts';

/** A document and those of its pairs that are asked about. */
export interface Item {
  readonly features: Features;
  readonly pairs: readonly Pair[];
}

/** The inputs of one run, and what their dimensions are. Letters as in `models/`. */
export interface Batch {
  /** Sizes of N, U, T, B, E, M, P. */
  readonly sizes: Readonly<Record<'N' | 'U' | 'T' | 'B' | 'E' | 'M' | 'P', number>>;
  readonly floats: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
  >;
  readonly integers: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly data: Int32Array }>
  >;
}

/** Added to attention scores at padding; float32 keeps it finite after any sum. */
const MASKED = -1e9;

/** The most words with a state of their own in one document; see `WeightRow.lost`. */
export function mostStates(items: readonly Item[]): number {
  return items.reduce((most, { features }) => Math.max(most, features.states), 0);
}

/**
 * The inputs of one run over all of `items`.
 *
 * @param options.heads - attention heads H
 * @param options.faithful - whether to write `lostWeights`
 * @param options.mostStates - of the whole batch, where the items are a part of one; default: of the items
 */
export function buildBatch(
  items: readonly Item[],
  options: { readonly heads: number; readonly faithful: boolean; readonly mostStates?: number },
): Batch {
  const encoder = encoderInputs(
    items.flatMap(({ features }) => features.sequences),
    { H: options.heads },
  );
  const E = items.reduce((sum, { features }) => sum + features.entities.length, 0);
  const M = items.reduce((most, { features }) => Math.max(most, features.entities.length), 0);
  const P = items.reduce((sum, { pairs }) => sum + pairs.length, 0);
  const [N, B] = [encoder.sizes.N, items.length];
  const scorer = pairInputs(items, { M, P });
  const entities = raggedMap(
    items.map(({ features }) => features.entities.length),
    M,
  );
  const { weights, lost } = entityWeights(items, { N, E, states: options.mostStates ?? mostStates(items) });
  return {
    sizes: { ...encoder.sizes, B, E, M, P },
    floats: {
      ...encoder.floats,
      entityWeights: { shape: [E, N], data: weights },
      ...(options.faithful ? { lostWeights: { shape: [E, 2], data: lost } } : {}),
    },
    integers: {
      ...encoder.integers,
      entitiesToPadded: { shape: [B, M], data: entities.toPadded },
      entitiesToRows: { shape: [E], data: entities.toRows },
      entityEntity: { shape: [P], data: scorer.entityEntity },
      entityDistance: { shape: [P], data: scorer.entityDistance },
      distanceEntity: { shape: [P], data: scorer.distanceEntity },
      distanceDistance: { shape: [P], data: scorer.distanceDistance },
    },
  };
}

/**
 * The inputs of the encoder alone, for sequences of piece ids.
 *
 * @param options.H - attention heads
 * @param options.T - places of a sequence in the block; default: the longest one's pieces
 */
export function encoderInputs(
  sequences: readonly Int32Array[],
  options: { readonly H: number; readonly T?: number },
): Pick<Batch, 'floats' | 'integers'> & { readonly sizes: Readonly<Record<'N' | 'U' | 'T', number>> } {
  const lengths = sequences.map((sequence) => sequence.length);
  const N = lengths.reduce((sum, length) => sum + length, 0);
  const [U, H] = [sequences.length, options.H];
  const T = options.T ?? lengths.reduce((most, length) => Math.max(most, length), 0);
  const [pieces, positions] = [new Int32Array(N), new Int32Array(N)];
  const mask = new Float32Array(U * T).fill(MASKED);
  let row = 0;
  sequences.forEach((sequence, u) => {
    pieces.set(sequence, row);
    for (let t = 0; t < sequence.length; t++) positions[row + t] = t;
    mask.fill(0, u * T, u * T + sequence.length);
    row += sequence.length;
  });
  const heads = raggedMap(lengths, T, H);
  return {
    sizes: { N, U, T },
    floats: { mask: { shape: [U, 1, 1, T], data: mask } },
    integers: {
      pieces: { shape: [N], data: pieces },
      positions: { shape: [N], data: positions },
      headsToPadded: { shape: [U, H, T], data: heads.toPadded },
      headsToRows: { shape: [N * H], data: heads.toRows },
    },
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

/**
 * Rows of ragged sequences to a padded block [sequences, heads, longest] and back: row n heads + h is head h of
 * item n. Padding holds the number of rows. See `RowMap` in `graph/`.
 */
function raggedMap(
  lengths: readonly number[],
  longest: number,
  heads = 1,
): { toPadded: Int32Array; toRows: Int32Array } {
  const rows = heads * lengths.reduce((sum, length) => sum + length, 0);
  const toPadded = new Int32Array(lengths.length * heads * longest).fill(rows);
  const toRows = new Int32Array(rows);
  let row = 0;
  lengths.forEach((length, b) => {
    for (let i = 0; i < length; i++) {
      for (let h = 0; h < heads; h++, row++) {
        const place = (b * heads + h) * longest + i;
        toPadded[place] = row;
        toRows[row] = place;
      }
    }
  });
  return { toPadded, toRows };
}

function entityWeights(
  items: readonly Item[],
  { N, E, states }: { readonly N: number; readonly E: number; readonly states: number },
): { weights: Float32Array; lost: Float32Array } {
  const weights = new Float32Array(E * N);
  // Columns: weight of rows of -1, weight of rows of 0. See `WeightRow.lost`.
  const lost = new Float32Array(E * 2);
  let [entity, piece] = [0, 0];
  for (const { features } of items) {
    for (const row of features.entities) {
      row.pieces.forEach((at, i) => (weights[entity * N + piece + at] = row.weights[i] ?? 0));
      for (const [word, weight] of row.lost) {
        const column = entity * 2 + (word < states ? 0 : 1);
        lost[column] = (lost[column] ?? 0) + weight;
      }
      entity++;
    }
    piece += features.pieces;
  }
  return { weights, lost };
}

function pairInputs(
  items: readonly Item[],
  { M, P }: { readonly M: number; readonly P: number },
): Record<'entityEntity' | 'entityDistance' | 'distanceEntity' | 'distanceDistance', Int32Array> {
  const make = (): Int32Array => new Int32Array(P);
  const inputs = {
    entityEntity: make(),
    entityDistance: make(),
    distanceEntity: make(),
    distanceDistance: make(),
  };
  let [p, entity] = [0, 0];
  items.forEach(({ features, pairs }, b) => {
    for (const { head, tail } of pairs) {
      const rows = distanceRows(features.firstWords[head] ?? 0, features.firstWords[tail] ?? 0);
      inputs.entityEntity[p] = (b * M + head) * M + tail;
      inputs.entityDistance[p] = (entity + head) * DISTANCE_ROWS + rows.tail;
      inputs.distanceEntity[p] = (entity + tail) * DISTANCE_ROWS + rows.head;
      inputs.distanceDistance[p] = rows.head * DISTANCE_ROWS + rows.tail;
      p++;
    }
    entity += features.entities.length;
  });
  return inputs;
}
