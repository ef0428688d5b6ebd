/**
 * One score of the bilinear scorer in parts: s_h' W_k s_t + b_k with s = [entity ; distance], in float64.
 *
 * The formula of `nn/pair-scorer.ts`, unfactored. Letters: D entity width, S distance width.
 */
import { distanceRows } from '../features/distance.ts';
import { DISTANCE_ZERO } from '../nn/pair-scorer.ts';
import type { ParameterLookup } from './tensors.ts';

type Vector = Float64Array;

/** What a side's vector is multiplied by, [D]: the score is linear in it. */
export interface Side {
  /** By the other entity. */
  readonly entity: Vector;
  /** By the other entity and its distance. */
  readonly whole: Vector;
}

export interface BilinearParts {
  readonly entities: number;
  readonly distance: number;
  readonly bias: number;
  readonly head: Side;
  readonly tail: Side;
}

/**
 * @param parameter - of `bilinear.weight` [R, D + S, D + S], `bilinear.bias` [R] and `distance_embedding.weight` [20, S]
 * @param options.head, options.tail - entity vectors [D]
 * @param options.firstWords - where the two are first named, in words
 * @param options.distanceWidth - S
 * @param options.relation - k
 */
export function bilinearParts(
  parameter: ParameterLookup,
  {
    head,
    tail,
    firstWords,
    distanceWidth: S,
    relation: k,
  }: {
    readonly head: Vector;
    readonly tail: Vector;
    readonly firstWords: readonly [head: number, tail: number];
    readonly distanceWidth: number;
    readonly relation: number;
  },
): BilinearParts {
  const D = head.length;
  const width = D + S;
  const weight = parameter('bilinear.weight').subarray(k * width * width, (k + 1) * width * width);
  const at = (row: number, column: number): number => weight[row * width + column] ?? 0;
  const rows = distanceRows(...firstWords);
  const table = S === 0 ? new Float32Array(0) : parameter('distance_embedding.weight');
  const distance = (row: number): Vector =>
    Float64Array.from({ length: S }, (_, i) => (row === DISTANCE_ZERO ? 0 : (table[row * S + i] ?? 0)));
  const [near, far] = [distance(rows.head), distance(rows.tail)];

  const headEntity = vector(D, (i) => sum(D, (j) => at(i, j) * (tail[j] ?? 0)));
  const headFar = vector(D, (i) => sum(S, (j) => at(i, D + j) * (far[j] ?? 0)));
  const tailEntity = vector(D, (j) => sum(D, (i) => at(i, j) * (head[i] ?? 0)));
  const tailNear = vector(D, (j) => sum(S, (i) => at(D + i, j) * (near[i] ?? 0)));
  const distances = sum(S, (i) => (near[i] ?? 0) * sum(S, (j) => at(D + i, D + j) * (far[j] ?? 0)));
  return {
    entities: dot(head, headEntity),
    distance: dot(head, headFar) + dot(tail, tailNear) + distances,
    bias: parameter('bilinear.bias')[k] ?? 0,
    head: { entity: headEntity, whole: plus(headEntity, headFar) },
    tail: { entity: tailEntity, whole: plus(tailEntity, tailNear) },
  };
}

export const dot = (a: Vector, b: Vector): number => sum(a.length, (i) => (a[i] ?? 0) * (b[i] ?? 0));

const vector = (length: number, entry: (i: number) => number): Vector =>
  Float64Array.from({ length }, (_, i) => entry(i));

const plus = (a: Vector, b: Vector): Vector => a.map((x, i) => x + (b[i] ?? 0));

function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}
