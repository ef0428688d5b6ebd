/** How parameters are drawn before training. */
import type { Rng } from '../core/rng.ts';

export type Initialiser = (shape: readonly number[], rng: Rng) => Float32Array;

/** The number of entries of a tensor. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A plain loop: BERT-base draws a hundred million numbers, and `Float32Array.from` takes nearly twice as long. */
function draw(shape: readonly number[], f: () => number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = f();
  return values;
}

export const zeros: Initialiser = (shape) => new Float32Array(sizeOf(shape));

export const ones: Initialiser = (shape) => new Float32Array(sizeOf(shape)).fill(1);

/** Normal around 0; BERT uses deviation 0.02 for all its weights. */
export const normal =
  (deviation: number): Initialiser =>
  (shape, rng) =>
    draw(shape, () => rng.normal() * deviation);

/** Uniform in +-1 / sqrt(fanIn), PyTorch's default for linear and bilinear layers and their biases. */
export const uniformFanIn =
  (fanIn: number): Initialiser =>
  (shape, rng) =>
    draw(shape, () => (rng.uniform() * 2 - 1) / Math.sqrt(fanIn));

/**
 * Sines and cosines of the row, of the root mean square `deviation`: rows that are near each other are alike, whatever they stand for.
 *
 * Source: Vaswani et al. 2017, section 3.5.
 */
export const sinusoids =
  (deviation: number) =>
  ([rows = 0, width = 0]: readonly number[]): Float32Array =>
    Float32Array.from({ length: rows * width }, (_, i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      const angle = row / 10_000 ** ((column - (column % 2)) / width);
      return deviation * Math.SQRT2 * (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    });
