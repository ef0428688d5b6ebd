/** The attention among pairs against its formula, pair by pair. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { concat } from '../../src/graph/ops/index.ts';
import { pairAttention } from '../../src/nn/pair-attention.ts';
import { Parameters } from '../../src/nn/parameters.ts';
import { relativeError, runEngine } from '../graph/check.ts';
import { type Feeds, randomArray } from '../graph/numeric.ts';
import type { Array64 } from '../graph/oracle.ts';
import {
  wrongGradients,
  errorOf,
  integers,
  paddedMap,
  rowsOf,
  startsOf,
  sum,
  withParameters,
} from './ragged.ts';

const D = 4;

/** The layer, own vectors and contexts side by side: [P, 2 D]. */
function build(deadVector: boolean): { params: Parameters; pairs: Value; y: Value } {
  const graph = new Graph();
  const params = new Parameters(graph);
  const pairs = graph.input('pairs', 'float32', ['C', D]);
  const map = (name: string, shape: readonly [string, string], rows: string) => ({
    toPadded: graph.input(`${name}ToPadded`, 'int32', shape),
    toRows: graph.input(`${name}ToRows`, 'int32', [rows]),
  });
  const { own, contexts } = pairAttention(
    params,
    pairs,
    {
      context: map('context', ['B', 'J'], 'C'),
      mask: graph.input('mask', 'float32', ['B', 1, 'J']),
      asked: graph.input('asked', 'int32', ['P']),
      queries: map('queries', ['B', 'Q'], 'P'),
    },
    { deadVector },
  );
  return { params, pairs, y: concat([own, contexts], 1) };
}

interface Case {
  /** Pairs of each document. */
  readonly counts: readonly number[];
  /** Those that are asked, of each document, counted in it. */
  readonly asked: readonly (readonly number[])[];
  readonly seed: number;
}

function feedsOf({ counts, asked, seed }: Case, params: Parameters): Feeds {
  const rng = Rng.fromSeed(seed);
  const [starts, J] = [startsOf(counts), Math.max(...counts)];
  const rows = asked.flatMap((own, b) => own.map((pair) => (starts[b] ?? 0) + pair));
  const [context, queries] = [paddedMap(counts), paddedMap(asked.map((own) => own.length))];
  const mask = counts.flatMap((count) => Array.from({ length: J }, (_, j) => (j < count ? 0 : -1e9)));
  return withParameters(
    params,
    {
      pairs: randomArray([sum(counts), D], rng, 2),
      mask: integers([counts.length, 1, J], mask),
      asked: integers([rows.length], rows),
      contextToPadded: context.toPadded,
      contextToRows: context.toRows,
      queriesToPadded: queries.toPadded,
      queriesToRows: queries.toRows,
    },
    rng,
  );
}

function expectedOf({ counts, asked }: Case, feeds: Feeds): number[] {
  const all = rowsOf(feeds['pairs'] as Array64);
  const { data: scale } = feeds['attention.dot_scale'] as Array64;
  return asked.flatMap((own, b) => {
    const start = startsOf(counts)[b] ?? 0;
    const vectors = all.slice(start, start + (counts[b] ?? 0));
    return own.flatMap((pair) => {
      const query = vectors[pair] ?? new Float64Array(D);
      const weights = vectors.map((key) =>
        Math.exp(
          query.reduce((total, x, f) => total + x * (scale[f] ?? Number.NaN) * (key[f] ?? Number.NaN), 0),
        ),
      );
      const context = Array.from(
        { length: D },
        (_, f) =>
          vectors.reduce((total, key, j) => total + (weights[j] ?? 0) * (key[f] ?? 0), 0) / sum(weights),
      );
      return [...query, ...context];
    });
  });
}

const arbCase: fc.Arbitrary<Case> = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 })
  .filter((counts) => counts.some((count) => count > 0))
  .chain((counts) =>
    fc.record({
      counts: fc.constant(counts),
      seed: fc.nat(2 ** 31),
      asked: fc.tuple(
        ...counts.map((count) => fc.shuffledSubarray(Array.from({ length: count }, (_, pair) => pair))),
      ),
    }),
  )
  .filter(({ asked }) => asked.flat().length > 0);

const some: Case = { counts: [2, 0, 4, 1], asked: [[1], [], [3, 0], [0]], seed: 4 };

describe.each([false, true])('with the vector without effect: %s', (deadVector) => {
  const { params, pairs, y } = build(deadVector);

  test('documents of any number of pairs, of which some are asked', async () => {
    await fc.assert(
      fc.asyncProperty(arbCase, async (made) => {
        const feeds = feedsOf(made, params);
        expect(await errorOf(y, feeds, expectedOf(made, feeds))).toBeLessThan(1e-5);
      }),
      { numRuns: 20 },
    );
  });

  test('gradients', async () => {
    const wrt = new Map([
      ['pairs', pairs],
      ...[...params.values].filter(([name]) => name !== 'attention.input_linear.weight'),
    ]);
    expect(await wrongGradients(y, wrt, feedsOf(some, params), Rng.fromSeed(8))).toEqual([]);
  });

  test('a pair looks at its own document only', async () => {
    const feeds = feedsOf(some, params);
    const { shape, data } = feeds['pairs'] as Array64;
    // Rows 2 to 5 are the third document's, whose two asked pairs are rows 1 and 2 of the result.
    const other = data.map((x, i) => (i >= 2 * D && i < 6 * D ? -x : x));
    const [before, after] = [
      await runEngine({ y }, feeds),
      await runEngine({ y }, { ...feeds, pairs: { shape, data: other } }),
    ];
    const change = (row: number): number => {
      const of = (from: typeof before): ArrayLike<number> =>
        from['y']?.data.slice(row * 2 * D, (row + 1) * 2 * D) ?? [];
      return relativeError(of(after), of(before));
    };
    expect([change(0), change(3)]).toEqual([0, 0]);
    expect(change(1)).toBeGreaterThan(0.1);
  });
});
