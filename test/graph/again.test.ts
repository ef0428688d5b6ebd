/** Gradients whose forward pass is computed again: the same numbers, from the kept values on, and not too early. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { gradients, type Memory } from '../../src/graph/gradients.ts';
import { Graph, type Node, reachable, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import {
  add,
  gelu,
  layerNorm,
  linear,
  multiply,
  reduceSum,
  sigmoid,
  softmax,
} from '../../src/graph/ops/index.ts';
import { relativeError, runEngine } from './check.ts';
import { type Feeds, numericGradient, randomArray } from './numeric.ts';
import { evaluate64 } from './oracle.ts';

const D = 3;

/** One step of a chain of rows [N, D]; `weight` declares a parameter. */
type Step = (x: Value, weight: (shape: readonly number[]) => Value) => Value;
const steps = {
  linear: (x, weight) => linear(x, weight([D, D]), weight([D])),
  gelu: (x) => gelu(x),
  norm: (x, weight) => layerNorm(x, weight([D]), weight([D]), 0.1),
  sigmoid: (x) => sigmoid(x),
  softmax: (x) => softmax(x),
  residual: (x, weight) => add(x, linear(x, weight([D, D]), weight([D]))),
  square: (x, weight) => multiply(x, multiply(x, weight([D]))),
} satisfies Record<string, Step>;
type StepName = keyof typeof steps;

interface Chain {
  readonly name: StepName;
  /** Whether the result is marked with `Graph.keep`. */
  readonly kept: boolean;
}

function build(chain: readonly Chain[], memory: Memory) {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['N', D]);
  const wrt = [x];
  const shapes = new Map<string, readonly number[]>();
  const weight = (shape: readonly number[]): Value => {
    const name = `w${wrt.length}`;
    shapes.set(name, shape);
    const value = graph.input(name, 'float32', shape);
    wrt.push(value);
    return value;
  };
  let y = x;
  for (const { name, kept } of chain) {
    y = steps[name](y, weight);
    if (kept) graph.keep(y);
  }
  const loss = reduceSum(multiply(y, graph.input('direction', 'float32', ['N', D])));
  const forward = graph.nodes.length;
  const { dense } = gradients(loss, wrt, { memory });
  const names = ['x', ...shapes.keys()];
  const outputs = Object.fromEntries(wrt.map((value, i) => [`d ${names[i]}`, dense.get(value) as Value]));
  return { graph, loss, outputs, names, shapes, forward };
}

function feedsOf(shapes: ReadonlyMap<string, readonly number[]>, rows: number, seed: number): Feeds {
  const rng = Rng.fromSeed(seed);
  return Object.fromEntries(
    [['x', [rows, D]] as const, ['direction', [rows, D]] as const, ...shapes].map(([name, shape]) => [
      name,
      randomArray(shape, rng),
    ]),
  );
}

const arbChain = fc.array(
  fc.record({ name: fc.constantFrom(...(Object.keys(steps) as StepName[])), kept: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);

describe('gradients with little memory', () => {
  test('are those by central differences, by the oracle and by the engine', async () => {
    await fc.assert(
      fc.asyncProperty(arbChain, fc.integer({ min: 1, max: 3 }), fc.nat(1000), async (chain, rows, seed) => {
        const [low, normal] = [build(chain, 'low'), build(chain, 'normal')];
        const feeds = feedsOf(low.shapes, rows, seed);
        const of = ({ outputs }: typeof low) =>
          evaluate64(Object.values(outputs), feeds).map(({ data }) => data);
        const [exact, usual] = [of(low), of(normal)];
        const engine = await runEngine(low.outputs, feeds);
        low.names.forEach((name, i) => {
          const own = exact[i] ?? [];
          expect(relativeError(own, usual[i] ?? []), name).toBeLessThan(1e-12);
          expect(relativeError(own, numericGradient(low.loss, feeds, name)), name).toBeLessThan(1e-6);
          expect(relativeError(engine[`d ${name}`]?.data ?? [], own), name).toBeLessThan(1e-4);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('without kept values are the same program', () => {
    fc.assert(
      fc.property(arbChain, (chain) => {
        const bare = chain.map((step) => ({ ...step, kept: false }));
        expect(toOnnx(build(bare, 'low').outputs).bytes).toEqual(toOnnx(build(bare, 'normal').outputs).bytes);
      }),
      { numRuns: 20 },
    );
  });
});

describe('what is computed again', () => {
  /** Two kept sums, a product and a sigmoid before each; then a product and a softmax that nothing kept follows. */
  const chain: Chain[] = [
    { name: 'linear', kept: false },
    { name: 'sigmoid', kept: false },
    { name: 'residual', kept: true },
    { name: 'linear', kept: false },
    { name: 'sigmoid', kept: false },
    { name: 'residual', kept: true },
    { name: 'linear', kept: false },
    { name: 'softmax', kept: false },
  ];
  const needed = (memory: Memory) => {
    const built = build(chain, memory);
    return { ...built, nodes: reachable(Object.values(built.outputs)) };
  };
  const { graph, loss, nodes, forward } = needed('low');
  const first = new Set(graph.nodes.slice(0, forward));
  const repeats = (name: string): Node[] =>
    nodes.filter((node) => node.operation.name === name && !first.has(node));

  test('begins at kept values and ends at the last one', () => {
    // By weight, since a repeated product has another operand. The first needs the input alone, which is there anyway;
    // those of the two sums give nothing that the backward pass looks at; the last follows everything kept.
    const products = [...first].filter(({ operation }) => operation.name === 'linear');
    const times = products.map(
      ({ inputs: [, weight] }) =>
        nodes.filter(({ operation, inputs }) => operation.name === 'linear' && inputs[1] === weight).length,
    );
    expect(times).toEqual([1, 1, 2, 1, 1]);
    expect([repeats('sigmoid').length, repeats('softmax').length]).toEqual([1, 0]);
    const waiting = nodes.filter(({ operation }) => operation.name === 'after');
    expect(waiting.map(({ inputs: [x] }) => x).toSorted((a, b) => Number(a?.id) - Number(b?.id))).toEqual(
      graph.kept,
    );
    const usual = needed('normal').nodes.map(({ operation }) => operation.name);
    expect(usual.filter((name) => name === 'linear' || name === 'after')).toEqual(
      products.map(() => 'linear'),
    );
  });

  test('waits for a gradient', () => {
    const waiting = [...repeats('linear'), ...repeats('sigmoid')];
    expect(waiting.length).toBeGreaterThan(1);
    for (const { outputs } of waiting) {
      const waits = reachable(outputs).filter(({ operation }) => operation.name === 'after');
      expect(waits.length).toBeGreaterThan(0);
      // What is waited for is made after the loss, so in the backward pass.
      for (const {
        inputs: [, signal],
      } of waits)
        expect(signal?.id).toBeGreaterThan(loss.id);
    }
  });
});
