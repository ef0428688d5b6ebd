/** Compares the engine with the oracle, and gradients with central differences. */
import { expect } from 'vitest';

import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { multiply, reduceSum } from '../../src/graph/ops/index.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import { type Array64, evaluate64, sizeOf } from './oracle.ts';
import type { Rng } from '../../src/core/rng.ts';

/** An input of a case: its named shape, its size, and integers or uniform numbers as entries. */
export interface Operand {
  readonly shape: readonly (number | string)[];
  readonly size: readonly number[];
  /** Entries are whole numbers below this. */
  readonly below?: number;
  readonly data?: Float64Array;
  /** Lowest and highest entry of float operands; default -2 to 2. */
  readonly range?: readonly [number, number];
}

function entries(operand: Operand, rng: Rng): Float64Array {
  const { below, range: [low, high] = [-2, 2] } = operand;
  return (
    operand.data ??
    Float64Array.from({ length: sizeOf(operand.size) }, () =>
      // Rounded to float32, so that engine and oracle see the same numbers.
      below === undefined ? Math.fround(low + rng.uniform() * (high - low)) : rng.integer(below),
    )
  );
}

/**
 * Largest difference, relative to the largest entry of the expected, or to 0.1 where that is smaller: operands
 * are of size 1, and float32 rounds at their scale, not at that of a result which happens to be near zero.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(Number(actual[i]) - Number(expected[i])));
    if (Number.isNaN(Number(actual[i]))) return Number.NaN;
    largest = Math.max(largest, Math.abs(Number(expected[i])));
  }
  return difference / Math.max(largest, 0.1);
}

export async function runEngine(
  outputs: Record<string, Value>,
  feeds: Record<string, Array64>,
): Promise<Record<string, Tensor>> {
  const { bytes, inputs } = toOnnx(outputs);
  const session = await Session.open(bytes, { threads: 1 });
  const graph = Object.values(outputs)[0]?.graph;
  try {
    const tensors: Record<string, Tensor> = {};
    for (const name of inputs) {
      const { shape, data } = feeds[name] as Array64;
      tensors[name] =
        graph?.inputs.get(name)?.dtype === 'int32'
          ? { dtype: 'int32', shape, data: Int32Array.from(data) }
          : { dtype: 'float32', shape, data: Float32Array.from(data) };
    }
    return await session.run(tensors);
  } finally {
    await session.dispose();
  }
}

/**
 * Checks one function of operands: the engine's value against the oracle's, the gradient of a random weighting
 * of the outputs by the oracle against central differences, and the engine's gradient against the oracle's.
 */
export async function checkOperation(
  build: (inputs: Value[]) => Value | readonly Value[],
  operands: readonly Operand[],
  rng: Rng,
): Promise<void> {
  const graph = new Graph();
  const feeds: Record<string, Array64> = {};
  const inputs = operands.map((operand, i) => {
    feeds[`x${i}`] = { shape: operand.size, data: entries(operand, rng) };
    return graph.input(
      `x${i}`,
      operand.below === undefined && !operand.data ? 'float32' : 'int32',
      operand.shape,
    );
  });
  const built = build(inputs);
  const outputs = Array.isArray(built) ? (built as Value[]) : [built as Value];
  const values = evaluate64(outputs, feeds);
  const engine = await runEngine(Object.fromEntries(outputs.map((output, i) => [`y${i}`, output])), feeds);
  values.forEach((value, i) => {
    expect(engine[`y${i}`]?.shape).toEqual(value.shape);
    expect(relativeError(engine[`y${i}`]?.data ?? [], value.data)).toBeLessThan(1e-5);
  });

  let loss: Value | undefined;
  outputs.forEach((output, i) => {
    const weights = graph.input(`w${i}`, 'float32', output.shape);
    const { shape } = values[i] as Array64;
    feeds[`w${i}`] = {
      shape,
      data: Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(rng.uniform() * 2 - 1)),
    };
    const part = reduceSum(multiply(output, weights));
    loss = loss ? multiply(loss, part) : part;
  });
  const floats = inputs.filter((input) => input.dtype === 'float32');
  const { dense } = gradients(loss as Value, floats);
  const named: Record<string, Value> = {};
  for (const [i, input] of inputs.entries()) {
    const gradient = dense.get(input);
    if (!gradient) continue;
    expect(gradient.shape).toEqual(input.shape);
    named[`d${i}`] = gradient;
    const [analytic] = evaluate64([gradient], feeds);
    const feed = feeds[`x${i}`] as Array64;
    const numeric = feed.data.map((entry, j) => {
      const step = 1e-5 * Math.max(1, Math.abs(entry));
      const at = (x: number): number =>
        evaluate64([loss as Value], { ...feeds, [`x${i}`]: { ...feed, data: feed.data.with(j, x) } })[0]
          ?.data[0] as number;
      return (at(entry + step) - at(entry - step)) / (2 * step);
    });
    expect(relativeError(analytic?.data ?? [], numeric)).toBeLessThan(1e-6);
  }
  expect(Object.keys(named)).toHaveLength(floats.length);
  const engineGradients = await runEngine(named, feeds);
  for (const [name, value] of Object.entries(named)) {
    const [expected] = evaluate64([value], feeds);
    expect(relativeError(engineGradients[name]?.data ?? [], expected?.data ?? [])).toBeLessThan(1e-4);
  }
}
