/** Layers over ragged sequences: their index inputs, written from the definitions, and their run with gradients. */
import type { Rng } from '../../src/core/rng.ts';
import { gradients } from '../../src/graph/gradients.ts';
import type { Value } from '../../src/graph/graph.ts';
import { multiply, reduceSum } from '../../src/graph/ops/index.ts';
import type { Parameters } from '../../src/nn/parameters.ts';
import { relativeError, runEngine } from '../graph/check.ts';
import { type Feeds, numericGradient, randomArray } from '../graph/numeric.ts';
import { type Array64, evaluate64 } from '../graph/oracle.ts';

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Where each sequence's rows begin. */
export const startsOf = (lengths: readonly number[]): number[] =>
  lengths.map((_, i) => sum(lengths.slice(0, i)));

export const integers = (shape: readonly number[], data: ArrayLike<number>): Array64 => ({
  shape,
  data: Float64Array.from(data),
});

/** `toPadded` [B, longest] and `toRows` [M] of sequences that stand one after the other. */
export function paddedMap(lengths: readonly number[]): { toPadded: Array64; toRows: Array64 } {
  const [longest, total, starts] = [Math.max(...lengths), sum(lengths), startsOf(lengths)];
  const toPadded = lengths.flatMap((length, b) =>
    Array.from({ length: longest }, (_, i) => (i < length ? (starts[b] ?? 0) + i : total)),
  );
  const toRows = lengths.flatMap((length, b) => Array.from({ length }, (_, i) => b * longest + i));
  return {
    toPadded: integers([lengths.length, longest], toPadded),
    toRows: integers([total], toRows),
  };
}

/** The rows of an array. */
export function rowsOf({ shape, data }: Array64): Float64Array[] {
  const width = shape.at(-1) ?? 1;
  return Array.from({ length: data.length / width }, (_, n) => data.slice(n * width, (n + 1) * width));
}

/** Parameters get random values. */
export function withParameters(params: Parameters, feeds: Feeds, rng: Rng): Feeds {
  return {
    ...feeds,
    ...Object.fromEntries(params.specs.map(({ name, shape }) => [name, randomArray(shape, rng)])),
  };
}

/** How far the engine's value of `output` is from what it should be; NaN where its size is another. */
export async function errorOf(output: Value, feeds: Feeds, expected: ArrayLike<number>): Promise<number> {
  const { y } = await runEngine({ y: output }, feeds);
  return y?.data.length === expected.length ? relativeError(y.data, expected) : Number.NaN;
}

/**
 * Gradients of a random weighting of `output`: the graph's against central differences, and the engine's against those.
 *
 * @returns names of inputs whose gradient is wrong
 */
export async function wrongGradients(
  output: Value,
  wrt: ReadonlyMap<string, Value>,
  feeds: Feeds,
  rng: Rng,
): Promise<string[]> {
  const [found] = evaluate64([output], feeds);
  const weights = output.graph.input('w', 'float32', output.shape);
  const all: Feeds = { ...feeds, w: randomArray(found?.shape ?? [], rng) };
  const loss = reduceSum(multiply(output, weights));
  const { dense } = gradients(loss, [...wrt.values()]);
  const outputs = [...wrt].map(([name, input]) => [`d ${name}`, dense.get(input) as Value] as const);
  const engine = await runEngine(Object.fromEntries(outputs), all);
  return [...wrt.keys()].filter((name, i) => {
    const expected = numericGradient(loss, all, name);
    const [analytic] = evaluate64([outputs[i]?.[1] as Value], all);
    const isRight =
      relativeError(analytic?.data ?? [], expected) < 1e-6 &&
      relativeError(engine[`d ${name}`]?.data ?? [], expected) < 1e-5;
    return !isRight;
  });
}
