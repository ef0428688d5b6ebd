/**
 * Dropout whose masks are inputs.
 *
 * The engine's own dropout is slow and its random state cannot be saved. Here a pool of numbers, 0 or
 * 1 / (1 - rate), is drawn once from the seed; each mask of each step is a piece of it at an offset drawn from a
 * generator that the caller seeds for the step, so that a run resumes to the bit and a mask costs no copy.
 */
import { Rng } from '../core/rng.ts';
import { type Bindings, type Dim, evaluateShape, type Shape } from '../graph/dims.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { broadcastTo, gather, multiply, reshape } from '../graph/ops/index.ts';
import { sizeOf } from './initialisers.ts';

/** A layer's dropout: the identity outside training. */
export interface Dropout {
  (x: Value): Value;
  /** The factors of a tensor of `shape`, for operations that apply them inside; undefined outside training. */
  readonly mask: (shape: Shape) => Value | undefined;
}

export const noDropout: Dropout = Object.assign((x: Value) => x, { mask: () => undefined });

/**
 * Locked dropout: one mask for every sequence and feature, the same at all of its words.
 *
 * Source: Gal and Ghahramani 2016; DocRED baselines, models/BiLSTM.py (LockedDropout).
 * @param x - [N, D]
 * @param sequenceOf - the sequence of each word, int32 [N]
 * @param sequences - their number
 */
export function lockedDropout(dropout: Dropout, x: Value, sequenceOf: Value, sequences: Dim): Value {
  if (dropout === noDropout) return x;
  const ones = broadcastTo(reshape(x.graph.constant(1), [1, 1]), [sequences, x.shape[1] ?? 0]);
  return multiply(x, gather(dropout(ones), sequenceOf));
}

/** Declares a mask input for every application and remembers their shapes. */
export class DropoutMasks {
  readonly shapes = new Map<string, Shape>();
  readonly #graph: Graph;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  readonly #mask = (shape: Shape): Value => {
    const name = `dropout.${this.shapes.size}`;
    this.shapes.set(name, shape);
    return this.#graph.input(name, 'float32', shape);
  };

  /** Zeroes entries of x and scales the others, by a mask of its shape. */
  readonly apply: Dropout = Object.assign((x: Value) => multiply(x, this.#mask(x.shape)), {
    mask: this.#mask,
  });
}

/** Offsets are drawn below this; entries, so 16 MB beyond the largest mask. */
const OFFSETS = 4 << 20;

/** Hands out masks. */
export class MaskPool {
  readonly #rate: number;
  readonly #rng: Rng;
  #pool = new Float32Array(0);

  /** @param rate - the share of entries that becomes 0, below 1 */
  constructor(rate: number, seed: number) {
    this.#rate = rate;
    this.#rng = Rng.fromSeed(seed, 'dropout pool');
  }

  /** A mask for each of `shapes` under `bindings`, at offsets drawn from `rng`. Views: do not write to them. */
  draw(
    shapes: ReadonlyMap<string, Shape>,
    bindings: Bindings,
    rng: Rng,
  ): Map<string, { shape: number[]; data: Float32Array }> {
    if (shapes.size === 0) return new Map();
    const sized = [...shapes].map(([name, shape]) => [name, evaluateShape(shape, bindings)] as const);
    this.#grow(OFFSETS + sized.reduce((most, [, shape]) => Math.max(most, sizeOf(shape)), 0));
    return new Map(
      sized.map(([name, shape]) => {
        const offset = rng.integer(OFFSETS);
        return [name, { shape, data: this.#pool.subarray(offset, offset + sizeOf(shape)) }];
      }),
    );
  }

  #grow(size: number): void {
    const before = this.#pool;
    if (before.length >= size) return;
    // In steps, so that a slightly larger batch does not copy the pool again.
    const grown = new Float32Array(Math.ceil(size / OFFSETS) * OFFSETS);
    grown.set(before);
    const [limit, kept] = [this.#rate * 2 ** 32, 1 / (1 - this.#rate)];
    for (let i = before.length; i < grown.length; i++) grown[i] = this.#rng.uint32() < limit ? 0 : kept;
    this.#pool = grown;
  }
}
