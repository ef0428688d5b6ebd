/**
 * The bilinear pair scorer that all systems but one share: score_k = s_h' W_k s_t + b_k with s = [entity ; distance].
 *
 * W_k falls into four parts. The entity-entity part is computed once per entity, not once per pair, and the parts
 * with a distance involve the 20 rows of the distance table only, so a document of 20 entities and 390 pairs costs
 * some twenty times less than a bilinear layer per pair, with the same result. Letters: B documents, E entities,
 * M entities of the largest document, P pairs, R classes, D entity width, S distance width.
 * Source: DocRED baselines, models/BiLSTM.py (148 x 148 -> 97).
 */
import { multiplyDims } from '../graph/dims.ts';
import type { Value } from '../graph/graph.ts';
import {
  add,
  gather,
  matmul,
  padRows,
  reshape,
  type RowMap,
  slice,
  transpose,
  unpadRows,
} from '../graph/ops/index.ts';
import { uniformFanIn } from './initialisers.ts';
import { paddedTable } from './padded-table.ts';
import type { Parameters } from './parameters.ts';
import type { Feature } from './word-embeddings.ts';

/** Rows of the distance table: 10 + b for the signed bucket b of -9 to 9; row 0 is never used. */
export const DISTANCE_ROWS = 20;
/** The row of distance 0: fixed at zero, never trained. */
export const DISTANCE_ZERO = 10;

/** Width of a row of the distance table, 0 where a system does without. */
export const distanceWidth = (without: readonly Feature[]): number =>
  without.includes('distances') ? 0 : 20;

/** Where each pair finds the parts of its score. */
export interface PairInputs {
  /** Entities [E] to the block [B, M] and back. */
  readonly entities: RowMap;
  /** Pairs [P] to the block [B, M, M] of head and tail, and back. */
  readonly pairs: RowMap;
  /** head 20 + distance row of the tail, head counted in the batch: [P]. */
  readonly entityDistance: Value;
  /** tail 20 + distance row of the head: [P]. */
  readonly distanceEntity: Value;
}

/** Where each pair of a block of heads and tails finds the parts of its score. */
export interface BlockInputs {
  /** head T + tail, both counted in the block: [P]. */
  readonly places: Value;
  /** As in `PairInputs`, head and tail counted in the block. */
  readonly entityDistance: Value;
  readonly distanceEntity: Value;
}

interface ScorerOptions {
  /** R. */
  readonly classes: number;
  /** S; 0 leaves the distance out. */
  readonly distanceWidth: number;
}

/**
 * Scores of ordered pairs, each at most once.
 *
 * The distance rows of a pair mirror each other, 10 + b and 10 - b, so that the part of two distances, and the bias, depend
 * on the tail's row alone and join the part of entity and distance.
 *
 * @param entities - entity vectors [E, D]
 * @param options.classes - R
 * @param options.distanceWidth - S; 0 leaves the distance out
 * @returns logits [P, R]
 */
export function pairScorer(
  params: Parameters,
  entities: Value,
  inputs: PairInputs,
  options: ScorerOptions,
): Value {
  const [D, R] = [Number(entities.shape[1]), options.classes];
  const [B = 0, M = 0] = inputs.entities.toPadded.shape;
  return score(params, { heads: entities, tails: entities }, inputs, options, (tails) => {
    const tailBlock = reshape(padRows(tails, inputs.entities), [B, multiplyDims(M, R), D]); // [B, M R, D]
    const headBlock = padRows(entities, inputs.entities); // [B, M, D]
    const block = matmul(headBlock, tailBlock, { transposeB: true }); // [B, M, M R]
    return unpadRows(reshape(block, [B, M, M, R]), inputs.pairs); // [P, R]
  });
}

/**
 * The same scores of pairs between some entities of one document and some others: with `pairScorer`'s parameters.
 *
 * @param sides.heads - vectors of heads [H, D]
 * @param sides.tails - vectors of tails [T, D]; an entity may be both
 * @returns logits [P, R]
 */
export function blockScorer(
  params: Parameters,
  sides: { readonly heads: Value; readonly tails: Value },
  inputs: BlockInputs,
  options: ScorerOptions,
): Value {
  const [D, R] = [Number(sides.heads.shape[1]), options.classes];
  const [H = 0, T = 0] = [sides.heads.shape[0], sides.tails.shape[0]];
  return score(params, sides, inputs, options, (tails) => {
    const block = matmul(sides.heads, reshape(tails, [multiplyDims(T, R), D]), { transposeB: true }); // [H, T R]
    return gather(reshape(block, [multiplyDims(H, T), R]), inputs.places); // [P, R]
  });
}

/** @param ofEntities - the part without distances, [P, R], of W_k e_t: [tails, R D] */
function score(
  params: Parameters,
  { heads, tails }: { readonly heads: Value; readonly tails: Value },
  inputs: Pick<PairInputs, 'entityDistance' | 'distanceEntity'>,
  { classes, distanceWidth }: ScorerOptions,
  ofEntities: (tails: Value) => Value,
): Value {
  const [D, S, R] = [Number(heads.shape[1]), distanceWidth, classes];
  const E = tails.shape[0] ?? 0;
  const group = 'head';
  const weight = params.declare('bilinear.weight', [R, D + S, D + S], uniformFanIn(D + S), { group });
  const bias = params.declare('bilinear.bias', [R], uniformFanIn(D + S), { group });
  /** `rows` of the head's side and `columns` of the tail's side of every W_k: [R rows, columns]. */
  const part = (row: number, rows: number, column: number, columns: number): Value =>
    reshape(slice(slice(weight, 1, row, rows), 2, column, columns), [R * rows, columns]);

  const entityEntity = ofEntities(matmul(tails, part(0, D, 0, D), { transposeB: true })); // [P, R]
  if (S === 0) return add(entityEntity, bias);

  const distances = paddedTable(params, 'distance_embedding.weight', [DISTANCE_ROWS, S], {
    padding: DISTANCE_ZERO,
    group,
  }); // [20, S]
  const mirrored = matmul(params.graph.constant(mirror(), [DISTANCE_ROWS, DISTANCE_ROWS]), distances); // [20, S]

  const farTails = reshape(matmul(distances, part(0, D, D, S), { transposeB: true }), [DISTANCE_ROWS * R, D]); // W_k d_t
  const farFar = reshape(matmul(distances, part(D, S, D, S), { transposeB: true }), [DISTANCE_ROWS, R, S]); // W_k d_t
  const ofDistance = matmul(farFar, reshape(mirrored, [DISTANCE_ROWS, S, 1])); // [20, R, 1]: d_h' W_k d_t
  const onlyDistance = add(reshape(ofDistance, [DISTANCE_ROWS, R]), bias); // [20, R]
  const entityDistance = add(
    matmul(heads, farTails, { transposeB: true }),
    reshape(onlyDistance, [DISTANCE_ROWS * R]),
  ); // [heads, 20 R]

  const nearTails = reshape(matmul(tails, part(D, S, 0, D), { transposeB: true }), [multiplyDims(E, R), S]); // W_k e_t
  const byRelation = reshape(matmul(nearTails, distances, { transposeB: true }), [E, R, DISTANCE_ROWS]);
  const distanceEntity = transpose(byRelation, [0, 2, 1]); // [tails, 20, R]

  const look = (scores: Value, index: Value): Value =>
    gather(reshape(scores, [multiplyDims(scores.shape[0] ?? 0, DISTANCE_ROWS), R]), index); // [P, R]
  const distant = add(
    look(entityDistance, inputs.entityDistance),
    look(distanceEntity, inputs.distanceEntity),
  );
  return add(entityEntity, distant); // [P, R]
}

/** Row 10 + b takes the place of row 10 - b; row 0 has no mirror and is never used. [20, 20] */
function mirror(): Float32Array {
  const rows = new Float32Array(DISTANCE_ROWS * DISTANCE_ROWS);
  for (let row = 1; row < DISTANCE_ROWS; row++) rows[row * DISTANCE_ROWS + (2 * DISTANCE_ZERO - row)] = 1;
  return rows;
}
