/** The factored scorer against one bilinear form per pair and class, in float64. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { distanceRows } from '../../src/features/distance.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { multiply, reduceSum } from '../../src/graph/ops/index.ts';
import { DISTANCE_ROWS, DISTANCE_ZERO, distanceWidth, pairScorer } from '../../src/nn/pair-scorer.ts';
import { initialValues, Parameters } from '../../src/nn/parameters.ts';
import { Session, type Tensor } from '../../src/runtime/session.ts';
import { relativeError, runEngine } from '../graph/check.ts';
import { type Feeds, numericGradient, randomArray } from '../graph/numeric.ts';
import { type Array64, evaluate64 } from '../graph/oracle.ts';

const [D, S, R] = [3, 2, 4];

interface Pair {
  readonly document: number;
  readonly head: number;
  readonly tail: number;
}
interface Case {
  /** Entities of each document. */
  readonly counts: readonly number[];
  /** Document position of each entity, in words. */
  readonly words: readonly number[];
  readonly pairs: readonly Pair[];
  readonly seed: number;
}

/** The scorer with its loss, a random weighting of its logits. @param width - of a distance */
function build(width = S): {
  params: Parameters;
  logits: Value;
  loss: Value;
  dense: ReadonlyMap<Value, Value>;
  entities: Value;
} {
  const graph = new Graph();
  const params = new Parameters(graph);
  const entities = graph.input('entities', 'float32', ['E', D]);
  const index = (name: string): Value => graph.input(name, 'int32', ['P']);
  const logits = pairScorer(
    params,
    entities,
    {
      entities: {
        toPadded: graph.input('toPadded', 'int32', ['B', 'M']),
        toRows: graph.input('toRows', 'int32', ['E']),
      },
      pairs: {
        toPadded: graph.input('pairsToPadded', 'int32', ['B', 'M', 'M']),
        toRows: index('pairsToRows'),
      },
      entityDistance: index('entityDistance'),
      distanceEntity: index('distanceEntity'),
    },
    { classes: R, distanceWidth: width },
  );
  const loss = reduceSum(multiply(logits, graph.input('w', 'float32', ['P', R])));
  const { dense } = gradients(loss, [entities, ...params.values.values()]);
  return { params, logits, loss, dense, entities };
}

const scorer = build();
const gradientOf = (name: string): Value =>
  scorer.dense.get(scorer.params.values.get(name) as Value) as Value;

/** What the definitions of the inputs say, written once more. */
function feedsOf({ counts, words, pairs, seed }: Case): Feeds {
  const rng = Rng.fromSeed(seed);
  const [B, M, E] = [counts.length, Math.max(...counts), counts.reduce((a, b) => a + b, 0)];
  const starts = counts.map((_, b) => counts.slice(0, b).reduce((x, y) => x + y, 0));
  const toPadded = new Float64Array(B * M).fill(E);
  const toRows = new Float64Array(E);
  counts.forEach((count, b) => {
    for (let i = 0; i < count; i++) {
      toPadded[b * M + i] = (starts[b] ?? 0) + i;
      toRows[(starts[b] ?? 0) + i] = b * M + i;
    }
  });
  const pairsToPadded = new Float64Array(B * M * M).fill(pairs.length);
  pairs.forEach(({ document, head, tail }, p) => (pairsToPadded[(document * M + head) * M + tail] = p));
  const index = (
    f: (pair: Pair, head: number, tail: number, rows: { head: number; tail: number }) => number,
  ) => {
    const data = pairs.map((pair) => {
      const [head, tail] = [pair.head, pair.tail].map((i) => (starts[pair.document] ?? 0) + i);
      return f(pair, head ?? 0, tail ?? 0, distanceRows(words[head ?? 0] ?? 0, words[tail ?? 0] ?? 0));
    });
    return { shape: [pairs.length], data: Float64Array.from(data) };
  };
  return {
    entities: randomArray([E, D], rng),
    toPadded: { shape: [B, M], data: toPadded },
    toRows: { shape: [E], data: toRows },
    pairsToRows: index(({ document, head, tail }) => (document * M + head) * M + tail),
    pairsToPadded: { shape: [B, M, M], data: pairsToPadded },
    entityDistance: index((_, head, __, rows) => head * 20 + rows.tail),
    distanceEntity: index((_, __, tail, rows) => tail * 20 + rows.head),
    w: randomArray([pairs.length, R], rng),
    'distance_embedding.weight': randomArray([DISTANCE_ROWS, S], rng),
    'bilinear.weight': randomArray([R, D + S, D + S], rng),
    'bilinear.bias': randomArray([R], rng),
  };
}

/** s_h' W_k s_t + b_k, s = [entity ; distance], distance 0 a row of zeros. */
function naive({ counts, words, pairs }: Case, feeds: Feeds, width = S): number[] {
  const starts = counts.map((_, b) => counts.slice(0, b).reduce((x, y) => x + y, 0));
  const read = (name: string, ...place: number[]): number => {
    const { shape, data } = feeds[name] as Array64;
    return data[place.reduce((at, i, axis) => at * (shape[axis] ?? 1) + i, 0)] ?? Number.NaN;
  };
  return pairs.flatMap(({ document, head, tail }) => {
    const [h, t] = [head + (starts[document] ?? 0), tail + (starts[document] ?? 0)];
    const rows = distanceRows(words[h] ?? 0, words[t] ?? 0);
    const vector = (entity: number, row: number): number[] => [
      ...Array.from({ length: D }, (_, d) => read('entities', entity, d)),
      ...Array.from({ length: width }, (_, s) =>
        row === DISTANCE_ZERO ? 0 : read('distance_embedding.weight', row, s),
      ),
    ];
    const [sh, st] = [vector(h, rows.head), vector(t, rows.tail)];
    return Array.from({ length: R }, (_, k) => {
      let sum = read('bilinear.bias', k);
      sh.forEach((x, i) => st.forEach((y, j) => (sum += x * read('bilinear.weight', k, i, j) * y)));
      return sum;
    });
  });
}

const arbCase: fc.Arbitrary<Case> = fc
  .record({
    counts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    seed: fc.nat(2 ** 31),
  })
  .filter(({ counts }) => counts.some((count) => count > 1))
  .chain(({ counts, seed }) => {
    const pairs = counts.flatMap((count, document) =>
      Array.from({ length: count * count }, (_, i) => ({
        document,
        head: Math.floor(i / count),
        tail: i % count,
      })).filter(({ head, tail }) => head !== tail),
    );
    const E = counts.reduce((a, b) => a + b, 0);
    return fc.record({
      counts: fc.constant(counts),
      seed: fc.constant(seed),
      // Positions of up to 1,200 words reach every bucket, and equal ones distance 0.
      words: fc.array(fc.oneof(fc.nat(3), fc.nat(1200)), { minLength: E, maxLength: E }),
      pairs: fc.shuffledSubarray(pairs, { minLength: 1 }),
    });
  });

describe('pairScorer', () => {
  let session: Session;
  const names = ['distance_embedding.weight', 'bilinear.weight', 'bilinear.bias'];
  const emitted = toOnnx({
    logits: scorer.logits,
    'd entities': scorer.dense.get(scorer.entities) as Value,
    ...Object.fromEntries(names.map((name) => [`d ${name}`, gradientOf(name)])),
  });
  beforeAll(async () => {
    session = await Session.open(emitted.bytes, { threads: 1 });
  });
  afterAll(async () => session.dispose());

  const run = async (feeds: Feeds): Promise<Record<string, Tensor>> =>
    session.run(
      Object.fromEntries(
        emitted.inputs.map((name): [string, Tensor] => {
          const { shape, data } = feeds[name] as Array64;
          return scorer.logits.graph.inputs.get(name)?.dtype === 'int32'
            ? [name, { dtype: 'int32', shape, data: Int32Array.from(data) }]
            : [name, { dtype: 'float32', shape, data: Float32Array.from(data) }];
        }),
      ),
    );

  test('is the bilinear form of every pair, documents of any number of entities', async () => {
    await fc.assert(
      fc.asyncProperty(arbCase, async (made) => {
        const feeds = feedsOf(made);
        const { logits } = await run(feeds);
        expect(logits?.shape).toEqual([made.pairs.length, R]);
        expect(relativeError(logits?.data ?? [], naive(made, feeds))).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  const some: Case = {
    counts: [2, 1, 3],
    words: [0, 300, 7, 5, 5, 9],
    pairs: [
      { document: 2, head: 0, tail: 1 },
      { document: 0, head: 0, tail: 1 },
      { document: 2, head: 2, tail: 0 },
      { document: 0, head: 1, tail: 0 },
    ],
    seed: 5,
  };

  test('without distances it is the bilinear form of the entities alone, and has no table', async () => {
    expect([distanceWidth([]), distanceWidth(['types', 'coreference'])]).toEqual([20, 20]);
    const { params, logits, dense } = build(distanceWidth(['distances']));
    expect(params.specs.map(({ name, shape }) => [name, shape])).toEqual([
      ['bilinear.weight', [R, D, D]],
      ['bilinear.bias', [R]],
    ]);
    const feeds = { ...feedsOf(some), 'bilinear.weight': randomArray([R, D, D], Rng.fromSeed(6)) };
    const weight = dense.get(params.values.get('bilinear.weight') as Value) as Value;
    const results = await runEngine({ logits, weight }, feeds);
    expect(relativeError(results['logits']?.data ?? [], naive(some, feeds, 0))).toBeLessThan(1e-5);
    const [analytic] = evaluate64([weight], feeds);
    expect(relativeError(results['weight']?.data ?? [], analytic?.data ?? [])).toBeLessThan(1e-5);
  });

  test('its gradients are those of central differences, in the oracle and in the engine', async () => {
    const feeds = feedsOf(some);
    const results = await run(feeds);
    for (const name of ['entities', ...names]) {
      const value = name === 'entities' ? scorer.dense.get(scorer.entities) : gradientOf(name);
      const expected = numericGradient(scorer.loss, feeds, name);
      const [analytic] = evaluate64([value as Value], feeds);
      expect(relativeError(analytic?.data ?? [], expected)).toBeLessThan(1e-7);
      const engine = results[`d ${name}`]?.data ?? [];
      expect(relativeError(engine, expected)).toBeLessThan(1e-5);
    }
  });

  test('the row of distance 0 has no effect and no gradient, whatever it holds', async () => {
    // Entities 3 and 4 lie at one position: the first pair uses row 10 on both sides.
    const feeds = feedsOf(some);
    const results = await run(feeds);
    const rows = results['d distance_embedding.weight']?.data as Float32Array;
    expect([...rows.subarray(DISTANCE_ZERO * S, (DISTANCE_ZERO + 1) * S)]).toEqual([0, 0]);
    const used = new Set(
      some.pairs.flatMap(({ document, head, tail }) => {
        const start = [0, 2, 3][document] ?? 0;
        return Object.values(distanceRows(some.words[start + head] ?? 0, some.words[start + tail] ?? 0));
      }),
    );
    expect(used).toContain(DISTANCE_ZERO);
    for (let row = 0; row < DISTANCE_ROWS; row++) {
      const entries = [...rows.subarray(row * S, (row + 1) * S)];
      expect(entries.some((x) => x !== 0)).toBe(used.has(row) && row !== DISTANCE_ZERO);
    }
    const { shape, data } = feeds['distance_embedding.weight'] as Array64;
    const other = { shape, data: data.slice().fill(0, DISTANCE_ZERO * S, (DISTANCE_ZERO + 1) * S) };
    const again = await run({ ...feeds, 'distance_embedding.weight': other });
    expect(again['logits']).toEqual(results['logits']);
  });

  test('starts with the row of distance 0 at zero and the others drawn', () => {
    const table = initialValues(scorer.params.specs, 1).get('distance_embedding.weight') ?? [];
    expect(table).toHaveLength(DISTANCE_ROWS * S);
    const zeros = [...table].flatMap((x, i) => (x === 0 ? [Math.floor(i / S)] : []));
    expect(zeros).toEqual([DISTANCE_ZERO, DISTANCE_ZERO]);
  });
});
