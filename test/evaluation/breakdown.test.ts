import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { breakDown, type BreakdownRow } from '../../src/evaluation/breakdown.ts';
import { documentCounts } from '../../src/evaluation/document-counts.ts';
import { submittedFacts } from '../../src/evaluation/facts.ts';
import { evaluateSubmission } from '../../src/evaluation/official.ts';
import { readSubmission } from '../../src/evaluation/submission.ts';
import { loadTrainFacts, TrainFacts } from '../../src/evaluation/train-facts.ts';
import { hasShared, shared } from '../shared.ts';
import { entity, gold, known, predictions } from './documents.ts';

const trainFacts = new TrainFacts();
for (const [head, tail, relation] of known) trainFacts.add(head, tail, relation);
const facts = submittedFacts(predictions, gold);

/** Rows by name: predicted, correct, gold. Rows of nothing are left out. */
const rowsOf = (rows: readonly BreakdownRow[]): Record<string, number[]> =>
  Object.fromEntries(
    rows
      .filter(({ predicted, support }) => predicted + support > 0)
      .map(({ name, predicted, correct, support }) => [name, [predicted, correct, support]]),
  );

describe('counts by document', () => {
  it('are those of the hand-made documents', () => {
    expect(documentCounts(facts, gold, { trainFacts })).toEqual({
      predicted: Int32Array.of(6, 1),
      correct: Int32Array.of(2, 0),
      correctInTrain: Int32Array.of(1, 0),
      gold: Int32Array.of(3, 1),
      elsewhere: 1,
    });
    expect(documentCounts(facts, gold).correctInTrain).toBeNull();
  });
});

describe('the break-down of hand-made documents', () => {
  const result = breakDown(facts, gold, { trainFacts, relationName: (id) => `relation ${id}` });

  it('has the whole', () => {
    expect(result.all).toEqual({
      name: 'all',
      f1: 4 / 12,
      precision: 2 / 8,
      recall: 2 / 4,
      support: 4,
      predicted: 8,
      correct: 2,
    });
  });

  it('tells facts within a sentence from those across', () => {
    expect(rowsOf(result.sentences)).toEqual({ intra: [3, 1, 2], inter: [3, 1, 2], elsewhere: [2, 0, 0] });
    // Paris and Rome stand 7 sentences apart; France and Rome 5, which is not more than 5.
    expect(rowsOf([result.interLong])).toEqual({ 'inter long': [1, 1, 1] });
  });

  it('tells distances in words', () => {
    expect(result.words.map(({ name }) => name)).toHaveLength(11);
    expect(rowsOf(result.words)).toEqual({
      0: [1, 0, 0],
      1: [1, 0, 1],
      '2-3': [1, 1, 1],
      '4-7': [1, 0, 1],
      '16-31': [2, 1, 1],
      elsewhere: [2, 0, 0],
    });
  });

  it('tells how often the two are mentioned', () => {
    expect(rowsOf(result.mentions)).toEqual({
      2: [4, 1, 2],
      3: [1, 1, 1],
      '5 and more': [1, 0, 1],
      elsewhere: [2, 0, 0],
    });
  });

  it('tells what training states, of wrong facts too', () => {
    expect(rowsOf(result.training ?? [])).toEqual({
      seen: [2, 1, 1],
      unseen: [4, 1, 3],
      elsewhere: [2, 0, 0],
    });
    expect(breakDown(facts, gold).training).toBeNull();
  });

  it('tells relations, most gold facts first', () => {
    expect(result.relations.map(({ relation }) => relation)).toEqual(['R1', 'R2', 'R3']);
    expect(rowsOf(result.relations)).toEqual({
      'relation R1': [5, 2, 3],
      'relation R2': [2, 0, 1],
      'relation R3': [1, 0, 0],
    });
    expect(result.relations[0]).toMatchObject({ f1: 4 / 8, precision: 2 / 5, recall: 2 / 3 });
    expect(result.relations[2]).toMatchObject({ f1: 0, precision: 0, recall: 0 });
    expect(breakDown(facts, gold).relations[0]?.name).toBe('R1');
    expect(result.frequentRelations).toEqual(['R1', 'R2']);
    expect(rowsOf(result.frequency)).toEqual({ frequent: [7, 2, 4], 'long tail': [1, 0, 0] });
  });
});

describe('frequent relations', () => {
  const frequent = ['P17', 'P131', 'P27', 'P150', 'P175', 'P577', 'P463', 'P527', 'P495', 'P361'];
  const labelled = (relations: readonly string[]): Document[] =>
    relations.map((r) => ({
      title: r,
      sents: [['w']],
      vertexSet: [entity(['a', 0, 0]), entity(['b', 0, 0])],
      labels: [{ h: 0, t: 1, r, evidence: [] }],
    }));

  it("are the ten of Re-DocRED's evaluator where the gold facts have all of them", () => {
    const documents = labelled([...frequent, 'P1', 'P1', 'P1', 'P2']);
    const { frequency, frequentRelations } = breakDown([], documents);
    expect(frequentRelations).toEqual(frequent);
    expect(rowsOf(frequency)).toEqual({ frequent: [0, 0, 10], 'long tail': [0, 0, 4] });
  });

  it('are the ten most frequent elsewhere, equal ones by id', () => {
    const documents = labelled([...frequent.slice(1), 'P9', 'P1', 'P1']);
    const { frequency, frequentRelations } = breakDown([], documents);
    expect([...frequentRelations].sort()).toEqual(['P1', ...frequent.slice(1), 'P9'].sort().slice(0, 10));
    expect(rowsOf(frequency)).toEqual({ frequent: [0, 0, 11], 'long tail': [0, 0, 1] });
  });
});

/** Sums of predicted, correct and gold facts. */
const sumOf = (rows: readonly BreakdownRow[]): number[] =>
  rows.reduce(
    ([p = 0, c = 0, s = 0], { predicted, correct, support }) => [p + predicted, c + correct, s + support],
    [0, 0, 0],
  );

/** The sums of every split and of the counts by document, each as predicted, correct and gold facts; and the official counts. */
function sumsOf(...[submission, documents, options]: Parameters<typeof evaluateSubmission>) {
  const official = evaluateSubmission(submission, documents, options);
  const submitted = submittedFacts(submission, documents);
  const { all, sentences, words, mentions, frequency, relations, training } = breakDown(
    submitted,
    documents,
    options,
  );
  const counts = documentCounts(submitted, documents, options);
  const total = (values: Int32Array): number => values.reduce((a, b) => a + b, 0);
  return {
    official,
    all,
    /** Correct facts that training states, by the break-down and by the counts. */
    inTrain: [training?.[0]?.correct ?? null, counts.correctInTrain && total(counts.correctInTrain)],
    sums: [
      ...[[all], sentences, words, mentions, frequency, relations, training ?? [all]].map(sumOf),
      [total(counts.predicted) + counts.elsewhere, total(counts.correct), total(counts.gold)],
    ],
  };
}

describe('sums', () => {
  it('are the whole, for any documents', () => {
    const arbMention = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(7), fc.nat(2));
    const arbEntity = fc.array(arbMention, { minLength: 1, maxLength: 3 }).map((all) => entity(...all));
    const arbRelation = fc.constantFrom('P17', 'P1', 'Na');
    const arbLabel = fc.record({
      h: fc.nat(2),
      t: fc.nat(2),
      r: arbRelation,
      evidence: fc.constant([]),
    });
    const arbDocument = fc.record({
      sents: fc.constant(Array.from({ length: 8 }, () => ['w', 'w', 'w'])),
      vertexSet: fc.array(arbEntity, { minLength: 3, maxLength: 3 }),
      labels: fc.array(arbLabel, { maxLength: 6 }),
    });
    const arbPrediction = fc.record({
      title: fc.constantFrom('0', '0', '1', '1', '2'),
      h_idx: fc.nat(3),
      t_idx: fc.nat(3),
      r: arbRelation,
    });
    fc.assert(
      fc.property(
        fc.array(arbDocument, { minLength: 2, maxLength: 2 }),
        fc.array(arbPrediction, { maxLength: 20 }),
        fc.boolean(),
        (contents, submission, isTrainKnown) => {
          fc.pre(submission.length === 0 || submission.some(({ title }) => title !== '2'));
          const documents = contents.map((content, i) => ({ title: `${i}`, ...content }));
          const stated = new TrainFacts();
          stated.add('a', 'b', 'P17');
          stated.add('b', 'c', 'P1');
          const options = isTrainKnown ? { trainFacts: stated } : {};
          const { official, all, inTrain, sums } = sumsOf(submission, documents, options);
          for (const sum of sums) expect(sum).toEqual([official.predicted, official.correct, official.gold]);
          expect(inTrain).toEqual([official.correctInTrain, official.correctInTrain]);
          for (const name of ['f1', 'precision', 'recall'] as const)
            expect(all[name]).toBeCloseTo(official[name], 12);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.skipIf(!hasShared)('are the whole, for published predictions', async () => {
    const documents = await loadDocuments(shared('data/dwie/dev.json'));
    const submission = await readSubmission(shared('data/predictions/dwie-dev.atlop.result.json'));
    const stated = await loadTrainFacts([shared('data/dwie/train_annotated.fact')]);
    const { official, inTrain, sums } = sumsOf(submission, documents, { trainFacts: stated });
    for (const sum of sums) expect(sum).toEqual([2369, 1743, 2620]);
    expect([official.predicted, official.correct, official.gold]).toEqual([2369, 1743, 2620]);
    expect(inTrain).toEqual([784, 784]);
  });
});
