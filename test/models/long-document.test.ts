/** Documents that are read in parts have the scores that they have when they are read as a whole. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { documentFeatures, type Features } from '../../src/features/features.ts';
import { exportSystem } from '../../src/models/export.ts';
import { isLong, type LongLimits, longLimits } from '../../src/models/long-document.ts';
import { type OpenSystem, openSystem } from '../../src/models/open-system.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import { scoreDocuments } from '../../src/models/score.ts';
import type { ScoringModels } from '../../src/models/scoring-models.ts';
import { wordSystems } from '../../src/models/systems.ts';
import { evaluateSystem } from '../../src/prediction/evaluate.ts';
import { predict, type PredictOptions } from '../../src/prediction/predict.ts';
import { Session } from '../../src/runtime/session.ts';
import { hasShared, shared } from '../shared.ts';
import { bookOf } from './book.ts';
import { saveBert, saveTwoStepBert, saveWords } from './saved.ts';
import { configOf, corpus, difference, drawn, featuresOf, shape } from './tiny.ts';
import * as words from './words.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-long-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());
const engine = { threads: 1 };

const whole: LongLimits = { pieces: Infinity, words: Infinity, logits: Infinity, block: Infinity };
/** Every document is long, and its pairs come in blocks of 7 and fewer. */
const inParts = (classes: number): LongLimits => ({ pieces: 0, words: 0, logits: 0, block: 7 * classes });

/** All of a document, by pair; pieces of it joined. */
interface Scores {
  readonly features: Features;
  readonly logits: Map<string, Float32Array>;
  readonly gates: Map<string, number>;
  readonly closed: Set<string>;
  readonly blocks: number;
}

async function scoresOf(
  models: ScoringModels,
  documents: readonly Features[],
  limits: LongLimits,
  batchPieces = 1,
): Promise<Scores[]> {
  const all: Scores[] = [];
  let more = false;
  const { classes } = models.relation.model;
  for await (const part of scoreDocuments(models, documents, batchPieces, limits)) {
    const { features } = part;
    const last = all.at(-1);
    const made = { features, logits: new Map(), gates: new Map(), closed: new Set<string>(), blocks: 0 };
    const found: { -readonly [K in keyof Scores]: Scores[K] } = more && last ? last : made;
    if (found === made) all.push(found);
    expect(found.features).toBe(features);
    found.blocks++;
    part.pairs.forEach(({ head, tail }, p) => {
      expect(found.logits.has(`${head} ${tail}`)).toBe(false);
      found.logits.set(`${head} ${tail}`, part.logits.slice(p * classes, (p + 1) * classes));
      if (part.gates) found.gates.set(`${head} ${tail}`, part.gates[p] ?? Number.NaN);
    });
    for (const { head, tail } of part.closed) found.closed.add(`${head} ${tail}`);
    more = part.hasMore;
  }
  expect(more).toBe(false);
  return all;
}

/** Fails where the two differ by more than rounding. */
function expectEqual(actual: readonly Scores[], expected: readonly Scores[], tolerance = 2e-5): void {
  expect(actual.map(({ features }) => features)).toEqual(expected.map(({ features }) => features));
  for (const [d, { logits, gates, closed }] of expected.entries()) {
    const own = actual[d] as Scores;
    expect([...own.logits.keys()].sort()).toEqual([...logits.keys()].sort());
    expect(own.closed).toEqual(closed);
    const keys = [...logits.keys()];
    const flat = (of: Scores['logits']): number[] => keys.flatMap((key) => [...(of.get(key) ?? [])]);
    expect(difference(flat(own.logits), flat(logits))).toBeLessThan(tolerance);
    const odds = (of: Scores['gates']): number[] => keys.map((key) => of.get(key) ?? Number.NaN);
    expect(own.gates.size).toBe(gates.size);
    expect(gates.size > 0 ? difference(odds(own.gates), odds(gates)) : 0).toBeLessThan(tolerance);
  }
}

const wordsOf = (doc: Document): number => doc.sents.flat().length;

describe('BERT', () => {
  // Some 3,000 words; entities of a name are one, so that they have mentions in many windows.
  const docs = [...corpus.train, ...corpus.dev, ...corpus.test].flatMap((doc) => [doc, doc, doc]);
  const book = bookOf(docs, { entities: 30 });
  const small = { ...shape, positions: 40 };

  test('the book is one', () => {
    expect(wordsOf(book)).toBeGreaterThan(2000);
    expect(Math.max(...book.vertexSet.map((entity) => entity.length))).toBeGreaterThan(10);
  });

  test.each(['corrected', 'faithful'] as const)('%s: one step', async (mode) => {
    const config = configOf({ mode, task: 'relation' }, small);
    const model = await PairModel.open(config, engine);
    const models: ScoringModels = { kind: 'one-step', relation: { model, parameter: drawn(model.specs) } };
    const documents = featuresOf([book, ...corpus.train.slice(0, 2)], config);
    expect(documents[0]?.sequences.length ?? 0).toBeGreaterThan(mode === 'faithful' ? 0 : 50);
    const expected = await scoresOf(models, documents, whole);
    expect(expected.map(({ blocks }) => blocks)).toEqual([1, 1, 1]);
    for (const budget of [1, 100, 100_000]) {
      const found = await scoresOf(models, documents, inParts(model.classes), budget);
      expectEqual(found, expected);
      for (const { blocks, features } of found)
        expect(blocks).toBeGreaterThan(features.entities.length ** 2 / 7 - 1);
    }
    await model.dispose();
  });

  test.each(['corrected', 'faithful'] as const)('%s: two steps', async (mode) => {
    const [config1, config2] = [
      configOf({ mode, task: 'existence' }, small),
      configOf({ mode, task: 'related-relation' }, small),
    ];
    const [first, second] = [await PairModel.open(config1, engine), await PairModel.open(config2, engine)];
    const models: ScoringModels = {
      kind: 'two-step',
      existence: { model: first, parameter: drawn(first.specs, 1) },
      relation: { model: second, parameter: drawn(second.specs, 2) },
    };
    const documents = featuresOf([book, ...corpus.train.slice(0, 2)], config1);
    const expected = await scoresOf(models, documents, whole);
    expect(expected[0]?.logits.size).toBeGreaterThan(20);
    expect(expected[0]?.closed.size).toBeGreaterThan(20);
    expectEqual(await scoresOf(models, documents, inParts(second.classes), 300), expected);
    await Promise.all([first.dispose(), second.dispose()]);
  });

  test('short and long documents come in their order, and short ones as ever', async () => {
    const config = configOf({ mode: 'corrected', task: 'relation' }, small);
    const model = await PairModel.open(config, engine);
    const models: ScoringModels = { kind: 'one-step', relation: { model, parameter: drawn(model.specs) } };
    const [a, b, c, long] = featuresOf([...corpus.train.slice(0, 3), book], config) as [
      Features,
      Features,
      Features,
      Features,
    ];
    const limits = { ...whole, pieces: long.pieces - 1, block: 10 * model.classes };
    const documents = [long, a, b, long, long, c];
    const [found, expected] = [
      await scoresOf(models, documents, limits, 500),
      await scoresOf(models, documents, whole, 500),
    ];
    expectEqual(found, expected);
    expect(found.map(({ blocks }) => blocks > 1)).toEqual([true, false, false, true, true, false]);
    await model.dispose();
  });

  test('who leaves early ends the source, and an error of the source comes after all before it', async () => {
    const config = configOf({ mode: 'corrected', task: 'relation' }, small);
    const model = await PairModel.open(config, engine);
    const models: ScoringModels = { kind: 'one-step', relation: { model, parameter: drawn(model.specs) } };
    const [a, long] = featuresOf([...corpus.train.slice(0, 1), book], config) as [Features, Features];
    const limits = { ...whole, pieces: long.pieces - 1, block: 100 * model.classes };
    let ended = false;
    async function* endless(): AsyncGenerator<Features> {
      try {
        for (;;) yield* [a, long];
      } finally {
        ended = true;
      }
    }
    for await (const { hasMore } of scoreDocuments(models, endless(), 100, limits)) if (hasMore) break;
    expect(ended).toBe(true);

    function* failing(): Generator<Features> {
      yield* [a, long, a];
      throw new Error('unreadable');
    }
    const titles: string[] = [];
    await expect(
      (async () => {
        for await (const { features, hasMore } of scoreDocuments(models, failing(), 100, limits))
          if (!hasMore) titles.push(features.title);
      })(),
    ).rejects.toThrow('unreadable');
    expect(titles).toEqual([a.title, long.title, a.title]);
    await model.dispose();
  });

  test('one entity and none have no pair, and nothing runs', async () => {
    const config = configOf({ mode: 'corrected', task: 'relation' }, small);
    const model = await PairModel.open(config, engine);
    const relation = { model, parameter: drawn(model.specs) };
    const documents = featuresOf(
      [
        { ...book, vertexSet: book.vertexSet.slice(0, 1), labels: [] },
        { ...book, vertexSet: [], labels: [] },
      ],
      config,
    );
    const run = vi.spyOn(Session.prototype, 'run');
    const found = await scoresOf({ kind: 'one-step', relation }, documents, { ...inParts(1), logits: -1 });
    expect(found.map(({ logits, blocks }) => [logits.size, blocks])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    const gated = await scoresOf({ kind: 'two-step', existence: relation, relation }, documents, inParts(1));
    expect(gated.map(({ closed }) => closed.size)).toEqual([0, 0]);
    expect(run).not.toHaveBeenCalled();
    await model.dispose();
  });

  test('where step 1 lets no pair through, step 2 does not run', async () => {
    const config = configOf({ mode: 'corrected', task: 'existence' }, small);
    const [model, second] = [
      await PairModel.open(config, engine),
      await PairModel.open(configOf({ mode: 'corrected', task: 'related-relation' }, small), engine),
    ];
    const random = drawn(model.specs);
    // The bias of "not related" outweighs everything.
    const parameter = (name: string): Float32Array =>
      name === 'bilinear.bias' ? Float32Array.of(1e6, 0) : random(name);
    const vectors = vi.spyOn(second, 'entityVectors');
    const documents = featuresOf([book], config);
    const [found] = await scoresOf(
      {
        kind: 'two-step',
        existence: { model, parameter },
        relation: { model: second, parameter: drawn(second.specs) },
      },
      documents,
      inParts(second.classes),
    );
    const entities = book.vertexSet.length;
    expect([found?.logits.size, found?.closed.size]).toEqual([0, entities * (entities - 1)]);
    expect(vectors).not.toHaveBeenCalled();
    await Promise.all([model.dispose(), second.dispose()]);
  });

  test.skipIf(!hasShared)('documents of DocRED, alone and as a book', async () => {
    const docs = (await loadDocuments(shared('data/docred/dev.json'))).slice(0, 8);
    const config = configOf({ mode: 'corrected', task: 'relation' });
    const model = await PairModel.open(config, engine);
    const models: ScoringModels = { kind: 'one-step', relation: { model, parameter: drawn(model.specs) } };
    const documents = featuresOf([...docs, bookOf(docs)], config);
    expect(documents.at(-1)?.sequences.length).toBeGreaterThan(3);
    const expected = await scoresOf(models, documents, whole, 2048);
    expectEqual(await scoresOf(models, documents, inParts(200 * model.classes), 1000), expected);
    await model.dispose();
  });
});

describe('isLong', () => {
  const model = (system: 'bert' | 'bilstm' | 'context-aware', classes: number): PairModel =>
    ({ config: { system }, classes }) as unknown as PairModel;
  const of = (pieces: number, entities: number): Features =>
    ({ pieces, entities: { length: entities } }) as unknown as Features;
  test.each([
    ['bert', 4096, 415, false],
    ['bert', 4097, 2, true],
    ['bert', 10, 416, true],
    ['bilstm', 8192, 415, false],
    ['bilstm', 8193, 2, true],
    ['context-aware', 100_000, 415, false],
    ['context-aware', 10, 416, true],
  ] as const)('%s with %d pieces and %d entities: %s', (system, pieces, entities, long) => {
    expect(isLong(model(system, 97), of(pieces, entities), longLimits)).toBe(long);
  });
});

describe('saved systems', () => {
  const names = ['bert', 'two-step', ...wordSystems.filter((system) => system !== 'context-aware')];
  const book = bookOf([...words.documents, ...words.documents, ...words.documents].map(named));
  const booksOf = (name: string): Document[] =>
    name === 'bert' || name === 'two-step'
      ? [...corpus.test, bookOf(corpus.train, { entities: 25 })]
      : [book, book];
  beforeAll(() => {
    saveBert(join(folder, 'bert'));
    saveTwoStepBert(join(folder, 'two-step'));
    for (const system of wordSystems) saveWords(join(folder, system), { system, mode: 'corrected' });
  });

  /** Facts of all documents, each a line; and how many were left out. */
  async function factsOf(
    system: OpenSystem,
    docs: readonly Document[],
    options: PredictOptions,
  ): Promise<{ facts: Map<string, number>; leftOut: number; scores: number[][] }> {
    const facts = new Map<string, number>();
    const scores: number[][] = [];
    let leftOut = 0;
    for await (const found of predict(system, docs, options)) {
      const d = scores.push(found.facts.map(({ score }) => score)) - 1;
      leftOut += found.leftOut;
      for (const { head, tail, relation, score, gate, evidence } of found.facts)
        facts.set(`${d} ${head} ${tail} ${relation} ${gate === undefined} ${evidence.join()}`, score);
    }
    return { facts, leftOut, scores };
  }

  test.each(names)('%s: predict finds the same facts, trained and exported', async (name) => {
    const docs = booksOf(name);
    const trained = await openSystem(join(folder, name), engine);
    const classes = trained.relations.size;
    const options = { theta: 0.5, batchPieces: 60 };
    const expected = await factsOf(trained, docs, { ...options, limits: whole });
    expect(expected.facts.size).toBeGreaterThan(10);
    for await (const { part } of exportSystem(join(folder, name), join(folder, `${name} fp32`), 'fp32'))
      expect(part.length).toBeLessThan(10);
    const exported = await openSystem(join(folder, `${name} fp32`), engine);
    for (const system of [trained, exported]) {
      const found = await factsOf(system, docs, { ...options, limits: inParts(classes) });
      expect([...found.facts.keys()].sort()).toEqual([...expected.facts.keys()].sort());
      const keys = [...expected.facts.keys()];
      const scores = (of: Map<string, number>): number[] => keys.map((key) => of.get(key) ?? Number.NaN);
      expect(difference(scores(found.facts), scores(expected.facts))).toBeLessThan(1e-5);
      expect(found.leftOut).toBe(0);
      for (const own of found.scores) expect(own).toEqual(own.toSorted((a, b) => b - a));
    }
    await Promise.all([trained.dispose(), exported.dispose()]);
  });

  test('the best facts are kept, and the others counted', async () => {
    const system = await openSystem(join(folder, 'bert'), engine);
    const options = { theta: 0.1, limits: inParts(system.relations.size) };
    const docs = [bookOf(corpus.train, { entities: 15 })];
    const [all] = (await factsOf(system, docs, options)).scores;
    const some = await factsOf(system, docs, { ...options, mostFacts: 20 });
    expect(all?.length).toBeGreaterThan(100);
    expect(some.scores[0]).toEqual(all?.slice(0, 20));
    expect(some.leftOut).toBe((all?.length ?? 0) - 20);
    await system.dispose();
  });

  test.each(['bert', 'two-step'])('%s: evaluation of long documents has the same scores', async (name) => {
    const system = await openSystem(join(folder, name), engine);
    const docs = [...corpus.test, bookOf(corpus.train, { entities: 25 })];
    const done: number[] = [];
    const expected = await evaluateSystem(system, docs, { limits: whole });
    const { scores, facts, counts } = await evaluateSystem(system, docs, {
      limits: inParts(system.relations.size),
      onDocument: (n) => done.push(n),
    });
    expect(done).toEqual(docs.map((_, d) => d + 1));
    expect(expected.scores.gold).toBeGreaterThan(10);
    for (const key of ['gold', 'ranked', 'predicted'] as const)
      expect(scores[key], key).toBe(expected.scores[key]);
    for (const key of ['f1', 'bestF1', 'auc'] as const)
      expect(scores[key], key).toBeCloseTo(expected.scores[key], 6);
    expect(facts.size).toBe(scores.predicted);
    expect(counts).toEqual(expected.counts);
    await system.dispose();
  });

  test('Context-Aware refuses what its attention could not hold, and names another way', async () => {
    const system = await openSystem(join(folder, 'context-aware'), engine);
    // Read in windows it may be as long as it likes.
    const limits = { ...whole, words: 0 };
    for await (const { hasMore } of scoreDocuments(system.models, [encoded(system, book)], 100, limits))
      expect(hasMore).toBe(false);
    await expect(factsOf(system, [book], { limits: inParts(1) })).rejects.toMatchObject({
      code: 'E_LONG_DOCUMENT',
      exit: 3,
      message: expect.stringMatching(/"a book", which has \d+ words and \d+ entities: Context-Aware/),
      help: expect.stringContaining('another system'),
    });
    await system.dispose();
  });

  test('an export without the second file says to export again; short documents need it not', async () => {
    for await (const { part } of exportSystem(join(folder, 'two-step'), join(folder, 'older'), 'fp32'))
      rmSync(join(folder, 'older', part, 'pairs.onnx'));
    const system = await openSystem(join(folder, 'older'), engine);
    const { facts } = await factsOf(system, corpus.test, { theta: 0.5 });
    expect(facts.size).toBeGreaterThan(0);
    await expect(factsOf(system, corpus.test, { limits: inParts(1) })).rejects.toMatchObject({
      code: 'E_LONG_DOCUMENT',
      message: expect.stringContaining('pairs.onnx'),
      help: expect.stringContaining('relata export'),
    });
    await system.dispose();
  });
});

const encoded = (system: OpenSystem, doc: Document): Features =>
  documentFeatures(doc, system.relations, system.encode);

/** Entities with names of their own, so that a book can merge them. */
function named(doc: Document, d: number): Document {
  const vertexSet = doc.vertexSet.map((entity, e) =>
    entity.map((mention) => ({ ...mention, name: `${d % 5} ${e}` })),
  );
  return { ...doc, vertexSet };
}
