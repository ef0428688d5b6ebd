/** From logits to scores, by hand: the two steps and their gate. */
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { distanceBucket } from '../../src/features/distance.ts';
import { documentFeatures, type Features } from '../../src/features/features.ts';
import { allPairs } from '../../src/features/task.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import type { ParameterLookup } from '../../src/models/tensors.ts';
import { DocumentScores, scoreDocuments } from '../../src/models/score.ts';
import { gateOf, probability } from '../../src/models/gate.ts';
import { sizeOf } from '../../src/nn/initialisers.ts';
import { DISTANCE_ROWS } from '../../src/nn/pair-scorer.ts';
import { Session, type Tensors } from '../../src/runtime/session.ts';
import { documentOf, encodeWith, relations, wordPiece } from '../features/documents.ts';
import { configOf, corpus, difference, drawn, featuresOf, shape } from './tiny.ts';

describe('gateOf', () => {
  test('is open where class 1 is strictly above class 0; its probability is their softmax', () => {
    const logits = Float32Array.of(1, 2, 9, 3, 3, 9, 2, 1, 9);
    const softmax = Math.E / (1 + Math.E);
    expect(gateOf(logits, 0, 3)).toEqual({ open: true, margin: 1, gate: Math.fround(softmax) });
    expect(gateOf(logits, 1, 3)).toEqual({ open: false, margin: 0, gate: 0.5 });
    expect(gateOf(logits, 2, 3)).toEqual({ open: false, margin: -1, gate: Math.fround(1 - softmax) });
  });

  test('probabilities are float32, also far out', () => {
    expect([probability(0), probability(1000), probability(-1000)]).toEqual([0.5, 1, 0]);
    expect(probability(0.1)).toBe(Math.fround(1 / (1 + Math.exp(-0.1))));
  });
});

describe('DocumentScores', () => {
  const logits = Float32Array.from({ length: 4000 }, (_, i) => (i - 2000) / 80);
  logits.set([Number.NaN, 1e4, -1e4, 17, 17.5, -104, -103], 5);
  const pairs = Array.from({ length: 1000 }, (_, i) => ({ head: i, tail: i + 1, relations: [] }));
  const item = { features: documentFeaturesOf(), pairs };
  const found = new DocumentScores(item, logits, 4);

  test.each([0, 1e-45, 1e-9, 0.1, 0.5, 0.9, 0.999, 0.9999999, 1])(
    'those above %d are those of all scores that are',
    (given) => {
      const theta = Math.fround(given);
      const expected = [...found.scores.entries()]
        .filter(([, score]) => score > theta)
        .map(([i, score]) => {
          const p = Math.floor(i / 3);
          return { p, pair: pairs[p], relation: 1 + (i % 3), score };
        });
      expect([...found.above(theta)]).toEqual(expected);
      expect(expected.length > 0).toBe(given < 1);
    },
  );
});

function documentFeaturesOf(): Features {
  return documentFeatures(documentOf([['a']], [[0, 0, 1]]), relations, encodeWith({ mode: 'corrected' }));
}

const collect = async (scores: AsyncGenerator<DocumentScores>): Promise<DocumentScores[]> => {
  const result: DocumentScores[] = [];
  for await (const score of scores) result.push(score);
  return result;
};

describe('scoreDocuments', () => {
  const encoder = { ...shape, vocabularySize: wordPiece.vocabulary.pieces.length };
  const config = {
    system: 'bert',
    encoder,
    mode: 'corrected',
    text: 'plain',
    relations: 3,
    without: [],
  } as const;
  const options = encodeWith({ mode: 'corrected' });
  let existence: PairModel;
  let relation: PairModel;
  beforeAll(async () => {
    existence = await PairModel.open({ ...config, task: 'existence' }, { threads: 1 });
    relation = await PairModel.open({ ...config, task: 'related-relation' }, { threads: 1 });
  });
  afterAll(async () => Promise.all([existence.dispose(), relation.dispose()]));

  /** All zero, but for what is written into it. */
  const weights = (model: PairModel, write: (name: string, value: Float32Array) => void): ParameterLookup => {
    const values = new Map(
      model.specs.map(({ name, shape: size }) => {
        const value = new Float32Array(sizeOf(size));
        write(name, value);
        return [name, value];
      }),
    );
    return (name) => values.get(name) ?? new Float32Array(0);
  };

  /** Step 1 whose logit of class 1 is the signed bucket of the distance: pairs whose head comes later are related. */
  const laterHead = (): ParameterLookup =>
    weights(existence, (name, value) => {
      if (name === 'distance_embedding.weight') {
        for (let row = 0; row < DISTANCE_ROWS; row++) [value[row * 20], value[row * 20 + 1]] = [row - 10, 1];
      }
      // W of class 1 takes the first number of the head's distance and the second of the tail's.
      if (name === 'bilinear.weight') value[148 * 148 + 128 * 148 + 129] = 1;
    });
  const bias = Float32Array.of(9, -1, 0, 2);
  const byBias = (): ParameterLookup =>
    weights(relation, (name, value) => {
      if (name === 'bilinear.bias') value.set(bias);
    });

  const words = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd', 'a', 'b'];
  const three = documentFeatures(
    documentOf([words], [[0, 0, 1]], [[0, 3, 4]], [[0, 8, 9]]),
    relations,
    options,
  );
  const two = documentFeatures(documentOf([['a', 'b']], [[0, 0, 1]], [[0, 0, 1]]), relations, options);
  const one = documentFeatures(documentOf([['a']], [[0, 0, 1]]), relations, options);

  test('two steps by hand: step 1 decides which pairs, step 2 gives the probabilities', async () => {
    const models = {
      kind: 'two-step',
      existence: { model: existence, parameter: laterHead() },
      relation: { model: relation, parameter: byBias() },
    } as const;
    const [first, none, single, again] = await collect(
      scoreDocuments(models, [three, two, one, three], 1000),
    );
    expect(first?.features).toBe(three);
    const open = [
      [1, 0],
      [2, 0],
      [2, 1],
    ] as const;
    expect(first?.pairs.map(({ head, tail }) => [head, tail])).toEqual(open);
    expect(first?.closed.map(({ head, tail }) => [head, tail])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    open.forEach(([head, tail], p) => {
      const bucket = distanceBucket((three.firstWords[head] ?? 0) - (three.firstWords[tail] ?? 0));
      expect(bucket).toBeGreaterThan(0);
      expect(first?.gates?.[p]).toBeCloseTo(1 / (1 + Math.exp(-bucket)), 6);
      expect([...(first?.scores.slice(3 * p, 3 * p + 3) ?? [])]).toEqual([-1, 0, 2].map(probability));
    });
    // Distance 0 gives equal logits: not strictly above, so closed. One entity has no pair.
    expect([none?.pairs, none?.closed.length, none?.scores.length]).toEqual([[], 2, 0]);
    expect([single?.pairs, single?.closed, single?.gates]).toEqual([[], [], new Float32Array(0)]);
    expect(again).toEqual(first);
    expect(again?.scores).toEqual(first?.scores);
  });

  describe('the engine', () => {
    afterEach(() => {
      vi.restoreAllMocks();
    });
    const oneStep = (): { kind: 'one-step'; relation: { model: PairModel; parameter: ParameterLookup } } => ({
      kind: 'one-step',
      relation: { model: relation, parameter: byBias() },
    });

    test('of step 2 reads only documents with a pair that step 1 let through', async () => {
      const models = {
        kind: 'two-step',
        existence: { model: existence, parameter: laterHead() },
        relation: { model: relation, parameter: byBias() },
      } as const;
      const run = vi.spyOn(Session.prototype, 'run');
      // Small batches: of each document alone.
      await collect(scoreDocuments(models, [two, three, one, two, two, three], 1));
      const lengths = new Map<unknown, number[]>();
      run.mock.contexts.forEach((session, i) => {
        const pieces = run.mock.calls[i]?.[0]['pieces']?.data.length ?? 0;
        lengths.set(session, [...(lengths.get(session) ?? []), pieces]);
      });
      const [step1, step2] = lengths.values();
      // A document with one entity has no pair, so that step 1 need not read it either.
      const ascending = (numbers: readonly number[] = []): number[] => numbers.toSorted((a, b) => a - b);
      expect(ascending(step1)).toEqual(ascending([two, three, two, two, three].map(({ pieces }) => pieces)));
      expect(step2).toEqual([three.pieces, three.pieces]);
    });

    test('runs while the next documents are taken, but not all of them', async () => {
      const { run } = Session.prototype;
      const log: string[] = [];
      vi.spyOn(Session.prototype, 'run').mockImplementation(async function (this: Session, feeds: Tensors) {
        log.push('begin');
        await sleep(5);
        const results = await run.call(this, feeds);
        log.push('end');
        return results;
      });
      const documents = function* (): Generator<Features> {
        for (let i = 0; i < 100; i++) {
          log.push(`take ${i}`);
          yield three;
        }
      };
      const scored = scoreDocuments(oneStep(), documents(), three.pieces);
      await scored.next();
      // Stretches of 1, 2, 4 documents: the second is taken while the first runs, and runs when the first is looked at.
      const [ended, next] = [log.indexOf('end'), log.indexOf('take 2')];
      expect(next).toBeGreaterThan(0);
      expect(next).toBeLessThan(ended);
      expect(log.slice(ended).indexOf('begin')).toBeGreaterThan(-1);
      await sleep(50);
      const taken = log.filter((line) => line.startsWith('take')).length;
      expect(taken).toBeLessThan(10);
      // Who leaves early waits for what runs, and nothing begins after that.
      await scored.return(undefined);
      const left = log.length;
      expect(log.filter((line) => line === 'begin')).toHaveLength(
        log.filter((line) => line === 'end').length,
      );
      await sleep(20);
      expect(log).toHaveLength(left);
    });

    test('runs all documents before one that cannot be read, and then the error comes', async () => {
      const documents = function* (): Generator<Features> {
        for (let i = 0; i < 12; i++) yield three;
        throw new Error('unreadable');
      };
      const scored = scoreDocuments(oneStep(), documents(), 2 * three.pieces);
      for (let i = 0; i < 12; i++) expect((await scored.next()).done).toBe(false);
      await expect(scored.next()).rejects.toThrow('unreadable');
    });
  });

  test('one step scores every pair and has no gate', async () => {
    const models = { kind: 'one-step', relation: { model: relation, parameter: byBias() } } as const;
    const [first, , single] = await collect(scoreDocuments(models, [three, two, one], 1000));
    expect(first?.pairs).toEqual(allPairs(three));
    expect([first?.gates, first?.closed]).toEqual([undefined, []]);
    expect([...(first?.scores ?? [])]).toEqual(
      Array.from({ length: 6 }, () => [-1, 0, 2].map(probability)).flat(),
    );
    expect(single?.scores).toHaveLength(0);
  });

  test.each(['corrected', 'faithful'] as const)('%s: agrees with both models run by hand', async (mode) => {
    const config1 = configOf({ mode, task: 'existence' });
    const step1 = await PairModel.open(config1, { threads: 1 });
    const step2 = await PairModel.open(configOf({ mode, task: 'related-relation' }), { threads: 1 });
    const [first, second] = [drawn(step1.specs, 1), drawn(step2.specs, 2)];
    const models = {
      kind: 'two-step',
      existence: { model: step1, parameter: first },
      relation: { model: step2, parameter: second },
    } as const;
    const features: Features[] = featuresOf(corpus.train.slice(0, 5), config1);
    const scored = await collect(scoreDocuments(models, features, 400));
    let [open, closed] = [0, 0];
    for (const [i, document] of features.entries()) {
      const pairs = allPairs(document);
      const gates = await step1.run([{ features: document, pairs }], first);
      const logits = await step2.run([{ features: document, pairs }], second);
      const found = scored[i] as DocumentScores;
      expect(found.features).toBe(document);
      const margins = pairs.map(
        (_, p) => (gates[p * step1.classes + 1] ?? 0) - (gates[p * step1.classes] ?? 0),
      );
      // No pair on the edge, where rounding would decide.
      expect(Math.min(...margins.map(Math.abs))).toBeGreaterThan(1e-4);
      const through = [...pairs.keys()].filter((p) => (margins[p] ?? 0) > 0);
      expect(found.pairs).toEqual(through.map((p) => pairs[p]));
      expect(found.closed).toEqual(pairs.filter((_, p) => (margins[p] ?? 0) < 0));
      const expected = through.flatMap((p) =>
        [...logits.subarray(p * step2.classes + 1, (p + 1) * step2.classes)].map(probability),
      );
      expect(difference(found.scores, expected)).toBeLessThan(1e-4);
      const odds = through.map((p) => probability(margins[p] ?? 0));
      expect(difference(found.gates ?? [], odds)).toBeLessThan(1e-4);
      [open, closed] = [open + found.pairs.length, closed + found.closed.length];
    }
    expect(Math.min(open, closed)).toBeGreaterThan(50); // both ways were taken
    await Promise.all([step1.dispose(), step2.dispose()]);
  });

  test('faithful: a document past the cut depends on its batch, others do not', async () => {
    const small = { ...shape, positions: 60 };
    const faithful = configOf({ mode: 'faithful', task: 'relation' }, small);
    const model = await PairModel.open(faithful, { threads: 1 });
    const parameter = drawn(model.specs);
    const [a, b] = featuresOf(corpus.train.slice(0, 2), faithful).map((features) => ({
      features,
      pairs: allPairs(features),
    }));
    if (!a || !b) throw new Error('the corpus has two documents');
    expect(a.features.entities.some(({ lost }) => lost.length > 0)).toBe(true);
    const longer = { ...b, features: { ...b.features, states: 1000 } };
    const alone = await model.run([a], parameter);
    const beside = await model.run([a, longer], parameter);
    const lost = new Set(
      [...a.features.entities.entries()].filter(([, { lost }]) => lost.length > 0).map(([e]) => e),
    );
    a.pairs.forEach(({ head, tail }, p) => {
      const change = Math.max(
        ...Array.from({ length: model.classes }, (_, k) =>
          Math.abs((alone[p * model.classes + k] ?? 0) - (beside[p * model.classes + k] ?? 0)),
        ),
      );
      expect(change > 1e-3).toBe(lost.has(head) || lost.has(tail));
    });
    await model.dispose();
  });
});
