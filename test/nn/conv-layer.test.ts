/** Convolution and pooling against loops that know where each sequence ends. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { Graph } from '../../src/graph/graph.ts';
import { convLayer, maxPool, type Neighbours } from '../../src/nn/conv-layer.ts';
import { Parameters } from '../../src/nn/parameters.ts';
import { type Feeds, randomArray } from '../graph/numeric.ts';
import type { Array64 } from '../graph/oracle.ts';
import { wrongGradients, errorOf, integers, rowsOf, startsOf, sum, withParameters } from './ragged.ts';

const [I, O] = [3, 4];

function neighbours(graph: Graph): Neighbours {
  const [before, after] = [graph.input('before', 'int32', ['N']), graph.input('after', 'int32', ['N'])];
  return { before: { from: before, to: after }, after: { from: after, to: before } };
}

function feedsOf(lengths: readonly number[], width: number, rng: Rng): Feeds {
  const [N, starts] = [sum(lengths), startsOf(lengths)];
  const before = lengths.flatMap((length, u) =>
    Array.from({ length }, (_, i) => (i === 0 ? N : (starts[u] ?? 0) + i - 1)),
  );
  const after = lengths.flatMap((length, u) =>
    Array.from({ length }, (_, i) => (i === length - 1 ? N : (starts[u] ?? 0) + i + 1)),
  );
  return {
    x: randomArray([N, width], rng),
    before: integers([N], before),
    after: integers([N], after),
  };
}

/** Each word with the words before and after it, undefined outside of its sequence. */
function windows(lengths: readonly number[], { x }: Feeds): (Float64Array | undefined)[][] {
  const rows = rowsOf(x as Array64);
  return startsOf(lengths).flatMap((start, u) => {
    const words = rows.slice(start, start + (lengths[u] ?? 0));
    return words.map((_, i) => [words[i - 1], words[i], words[i + 1]]);
  });
}

const arbLengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

describe('convLayer', () => {
  const graph = new Graph();
  const params = new Parameters(graph);
  const x = graph.input('x', 'float32', ['N', I]);
  const y = convLayer(params, 'conv', x, neighbours(graph), O);

  const expected = (lengths: readonly number[], feeds: Feeds): number[] => {
    const { data: weight } = feeds['conv.weight'] as Array64;
    const { data: bias } = feeds['conv.bias'] as Array64;
    return windows(lengths, feeds).flatMap((near) =>
      Array.from({ length: O }, (_, o) => {
        let total = bias[o] ?? Number.NaN;
        // The weight is [O, I, 3], its last axis the word before, the word, the word after.
        near.forEach((word, k) =>
          word?.forEach((value, i) => (total += value * (weight[(o * I + i) * 3 + k] ?? Number.NaN))),
        );
        return total;
      }),
    );
  };

  test('sequences of any lengths, zeros around each', async () => {
    await fc.assert(
      fc.asyncProperty(arbLengths, fc.nat(2 ** 31), async (lengths, seed) => {
        const rng = Rng.fromSeed(seed);
        const feeds = withParameters(params, feedsOf(lengths, I, rng), rng);
        expect(await errorOf(y, feeds, expected(lengths, feeds))).toBeLessThan(1e-5);
      }),
      { numRuns: 15 },
    );
  });

  test('gradients', async () => {
    const rng = Rng.fromSeed(2);
    const feeds = withParameters(params, feedsOf([1, 4, 2], I, rng), rng);
    expect(await wrongGradients(y, new Map([['x', x], ...params.values]), feeds, rng)).toEqual([]);
  });

  test("has the shapes of PyTorch's nn.Conv1d", () => {
    expect(params.specs.map(({ name, shape }) => [name, shape])).toEqual([
      ['conv.weight', [O, I, 3]],
      ['conv.bias', [O]],
    ]);
  });
});

describe('maxPool', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['N', I]);
  const y = maxPool(x, neighbours(graph));

  test('the largest of three, none from outside of the sequence, also where all are negative', async () => {
    await fc.assert(
      fc.asyncProperty(arbLengths, fc.nat(2 ** 31), fc.boolean(), async (lengths, seed, negative) => {
        const feeds = feedsOf(lengths, I, Rng.fromSeed(seed));
        const { shape, data } = feeds['x'] as Array64;
        const below = negative ? { ...feeds, x: { shape, data: data.map((value) => value - 2) } } : feeds;
        const expected = windows(lengths, below).flatMap((near) =>
          Array.from({ length: I }, (_, i) =>
            Math.max(...near.flatMap((word) => (word ? [word[i] ?? Number.NaN] : []))),
          ),
        );
        expect(await errorOf(y, below, expected)).toBeLessThan(1e-5);
      }),
      { numRuns: 15 },
    );
  });

  test('gradients', async () => {
    const rng = Rng.fromSeed(3);
    expect(await wrongGradients(y, new Map([['x', x]]), feedsOf([3, 1, 5], I, rng), rng)).toEqual([]);
  });
});
