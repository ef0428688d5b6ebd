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
  const sequences = items.flatMap(({ features }) => features.sequences);
  const N = sequences.reduce((sum, sequence) => sum + sequence.length, 0);
  const T = sequences.reduce((most, sequence) => Math.max(most, sequence.length), 0);
  const E = items.reduce((sum, { features }) => sum + features.entities.length, 0);
  const M = items.reduce((most, { features }) => Math.max(most, features.entities.length), 0);
  const P = items.reduce((sum, { pairs }) => sum + pairs.length, 0);
  const [U, B, H] = [sequences.length, items.length, options.heads];
  const encoder = encoderInputs(sequences, { N, U, T, H });
  const scorer = pairInputs(items, { M, P });
  const entities = raggedMap(
    items.map(({ features }) => features.entities.length),
    M,
  );
  const { weights, lost } = entityWeights(items, { N, E, states: options.mostStates ?? mostStates(items) });
  return {
    sizes: { N, U, T, B, E, M, P },
    floats: {
      mask: { shape: [U, 1, 1, T], data: encoder.mask },
      entityWeights: { shape: [E, N], data: weights },
      ...(options.faithful ? { lostWeights: { shape: [E, 2], data: lost } } : {}),
    },
    integers: {
      pieces: { shape: [N], data: encoder.pieces },
      positions: { shape: [N], data: encoder.positions },
      headsToPadded: { shape: [U, H, T], data: encoder.toPadded },
      headsToRows: { shape: [N * H], data: encoder.toRows },
      entitiesToPadded: { shape: [B, M], data: entities.toPadded },
      entitiesToRows: { shape: [E], data: entities.toRows },
      entityEntity: { shape: [P], data: scorer.entityEntity },
      entityDistance: { shape: [P], data: scorer.entityDistance },
      distanceEntity: { shape: [P], data: scorer.distanceEntity },
      distanceDistance: { shape: [P], data: scorer.distanceDistance },
    },
  };
}

/** The inputs of the encoder alone, for sequences of piece ids. */
export function encoderInputs(
  sequences: readonly Int32Array[],
  { N, U, T, H }: { readonly N: number; readonly U: number; readonly T: number; readonly H: number },
): {
  pieces: Int32Array;
  positions: Int32Array;
  mask: Float32Array;
  toPadded: Int32Array;
  toRows: Int32Array;
} {
  const [pieces, positions] = [new Int32Array(N), new Int32Array(N)];
  const mask = new Float32Array(U * T).fill(MASKED);
  const toPadded = new Int32Array(U * H * T).fill(N * H);
  const toRows = new Int32Array(N * H);
  let row = 0;
  sequences.forEach((sequence, u) => {
    pieces.set(sequence, row);
    for (let t = 0; t < sequence.length; t++, row++) {
      positions[row] = t;
      mask[u * T + t] = 0;
      for (let h = 0; h < H; h++) {
        const place = (u * H + h) * T + t;
        toPadded[place] = row * H + h;
        toRows[row * H + h] = place;
      }
    }
  });
  return { pieces, positions, mask, toPadded, toRows };
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
