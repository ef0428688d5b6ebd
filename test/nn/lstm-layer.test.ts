/** The recurrent layer against one loop over the words of one sequence after the other. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { lstmLayer } from '../../src/nn/lstm-layer.ts';
import { initialValues, Parameters } from '../../src/nn/parameters.ts';
import { relativeError, runEngine } from '../graph/check.ts';
import { type Feeds, randomArray } from '../graph/numeric.ts';
import type { Array64 } from '../graph/oracle.ts';
import { wrongGradients, errorOf, integers, rowsOf, startsOf, sum, withParameters } from './ragged.ts';

const [I, H] = [3, 2];

function build(directions: 1 | 2): { params: Parameters; states: Value; x: Value } {
  const graph = new Graph();
  const params = new Parameters(graph);
  const x = graph.input('x', 'float32', ['N', I]);
  const states = lstmLayer(
    params,
    'lstm',
    x,
    {
      toPadded: graph.input('toPadded', 'int32', ['T', directions, 'U']),
      toRows: graph.input('toRows', 'int32', [directions === 1 ? 'N' : '2*N']),
    },
    H,
  );
  return { params, states, x };
}

/** Step t of sequence u is its word t, in the second direction its word t from the end. */
function feedsOf(lengths: readonly number[], directions: number, params: Parameters, rng: Rng): Feeds {
  const [N, T, U, starts] = [sum(lengths), Math.max(...lengths), lengths.length, startsOf(lengths)];
  const toPadded = Array<number>(T * directions * U).fill(N * directions);
  const toRows = Array<number>(N * directions).fill(-1);
  lengths.forEach((length, u) => {
    for (let t = 0; t < length; t++) {
      for (let d = 0; d < directions; d++) {
        const word = (starts[u] ?? 0) + (d === 0 ? t : length - 1 - t);
        const place = (t * directions + d) * U + u;
        toPadded[place] = word * directions + d;
        toRows[word * directions + d] = place;
      }
    }
  });
  return withParameters(
    params,
    {
      x: randomArray([N, I], rng),
      toPadded: integers([T, directions, U], toPadded),
      toRows: integers([N * directions], toRows),
    },
    rng,
  );
}

/** States of one sequence in one direction. PyTorch's order of gates: input, forget, new, output. */
function loop(words: readonly Float64Array[], d: number, feeds: Feeds): number[][] {
  const read = (name: string, ...place: number[]): number => {
    const { shape, data } = feeds[`lstm.${name}`] as Array64;
    return data[place.reduce((at, i, axis) => at * (shape[axis] ?? 1) + i, 0)] ?? Number.NaN;
  };
  const suffix = d === 0 ? '' : '_reverse';
  let state = Array.from({ length: H }, (_, k) => read('init_hidden', d, 0, k));
  let cell = Array.from({ length: H }, (_, k) => read('init_c', d, 0, k));
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  return words.map((word) => {
    const gate = (which: number, k: number): number => {
      const j = which * H + k;
      let total = read(`bias_ih_l0${suffix}`, j) + read(`bias_hh_l0${suffix}`, j);
      word.forEach((value, i) => (total += read(`weight_ih_l0${suffix}`, j, i) * value));
      state.forEach((value, i) => (total += read(`weight_hh_l0${suffix}`, j, i) * value));
      return total;
    };
    const next = cell.map(
      (before, k) => sigmoid(gate(1, k)) * before + sigmoid(gate(0, k)) * Math.tanh(gate(2, k)),
    );
    state = next.map((now, k) => sigmoid(gate(3, k)) * Math.tanh(now));
    cell = next;
    return state;
  });
}

function expectedOf(lengths: readonly number[], directions: number, feeds: Feeds): number[] {
  const rows = rowsOf(feeds['x'] as Array64);
  return startsOf(lengths).flatMap((start, u) => {
    const words = rows.slice(start, start + (lengths[u] ?? 0));
    const forward = loop(words, 0, feeds);
    if (directions === 1) return forward.flat();
    const backward = loop(words.toReversed(), 1, feeds).reverse();
    return forward.flatMap((state, i) => [...state, ...(backward[i] ?? [])]);
  });
}

describe.each([1, 2] as const)('%i direction(s)', (directions) => {
  const { params, states, x } = build(directions);

  test('states of sequences of any lengths', async () => {
    const arbLengths = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(arbLengths, fc.nat(2 ** 31), async (lengths, seed) => {
        const feeds = feedsOf(lengths, directions, params, Rng.fromSeed(seed));
        expect(await errorOf(states, feeds, expectedOf(lengths, directions, feeds))).toBeLessThan(1e-5);
      }),
      { numRuns: 15 },
    );
  });

  test('gradients, also of the first states', async () => {
    const rng = Rng.fromSeed(5);
    const feeds = feedsOf([3, 1, 2], directions, params, rng);
    expect(await wrongGradients(states, new Map([['x', x], ...params.values]), feeds, rng)).toEqual([]);
  });

  test('a sequence does not depend on the others', async () => {
    const feeds = feedsOf([2, 5, 1], directions, params, Rng.fromSeed(6));
    const other = (feeds['x'] as Array64).data.map((value, i) => (i < 2 * I || i >= 7 * I ? value : -value));
    const [first, second] = [
      await runEngine({ states }, feeds),
      await runEngine({ states }, { ...feeds, x: { shape: [8, I], data: other } }),
    ];
    const width = directions * H;
    const rowsApart = (from: number, to: number): number =>
      relativeError(
        first['states']?.data.slice(from * width, to * width) ?? [],
        second['states']?.data.slice(from * width, to * width) ?? [],
      );
    expect([rowsApart(0, 2), rowsApart(7, 8)]).toEqual([0, 0]);
    expect(rowsApart(2, 7)).toBeGreaterThan(0.01);
  });

  test("has PyTorch's parameters, first states at zero", () => {
    const suffixes = directions === 1 ? [''] : ['', '_reverse'];
    const part = (name: string, shape: readonly number[]) =>
      suffixes.map((suffix) => [`lstm.${name}_l0${suffix}`, shape] as const);
    const expected = new Map([
      ...part('weight_ih', [4 * H, I]),
      ...part('weight_hh', [4 * H, H]),
      ...part('bias_ih', [4 * H]),
      ...part('bias_hh', [4 * H]),
      ['lstm.init_hidden', [directions, 1, H]] as const,
      ['lstm.init_c', [directions, 1, H]] as const,
    ]);
    expect(new Map(params.specs.map(({ name, shape }) => [name, shape]))).toEqual(expected);
    const values = initialValues(params.specs, 1);
    expect([...(values.get('lstm.init_hidden') ?? [1]), ...(values.get('lstm.init_c') ?? [1])]).toEqual(
      Array<number>(2 * directions * H).fill(0),
    );
  });
});
