import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Document, Entity } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { evaluateSubmission } from '../../src/evaluation/official.ts';
import { readSubmission } from '../../src/evaluation/submission.ts';
import type { Prediction } from '../../src/evaluation/submission.ts';
import { factsOf, loadTrainFacts, TrainFacts } from '../../src/evaluation/train-facts.ts';
import { hasShared, shared } from '../shared.ts';

const entity = (...names: string[]): Entity =>
  names.map((name) => ({ name, sent_id: 0, pos: [0, 1] as const, type: 'X' }));

const gold: Document[] = [
  {
    title: 'A',
    sents: [['w'], ['w']],
    vertexSet: [entity('Ada'), entity('Paris', 'City of Light'), entity('France')],
    labels: [
      { h: 1, t: 2, r: 'P17', evidence: [0, 1] },
      { h: 2, t: 1, r: 'P150', evidence: [0] },
      { h: 0, t: 1, r: 'P19', evidence: [] },
    ],
  },
];
const trainFacts = factsOf([
  {
    title: 'T',
    sents: [['w']],
    vertexSet: [entity('City of Light'), entity('France')],
    labels: [{ h: 0, t: 1, r: 'P17', evidence: [] }],
  },
]);
const fact = (title: string, h_idx: number, t_idx: number, r: string, evidence?: number[]): Prediction =>
  evidence === undefined ? { title, h_idx, t_idx, r } : { title, h_idx, t_idx, r, evidence };
const submission = [
  fact('A', 1, 2, 'P17', [0]),
  fact('A', 1, 2, 'P17', [0, 1]),
  fact('A', 0, 1, 'P19', [1]),
  fact('A', 0, 2, 'P27', [0, 1]),
  fact('Z', 0, 1, 'P17', [0]),
];

const titled = (title: string, labels: readonly Prediction[]): Document => ({
  title,
  sents: [['w'], ['w'], ['w']],
  vertexSet: [entity('x', 'y'), entity('y'), entity('z')],
  labels: labels
    .filter((label) => label.title === title)
    .map(({ h_idx, t_idx, r, evidence = [] }) => ({ h: h_idx, t: t_idx, r, evidence })),
});
const id = (f: Prediction) => JSON.stringify([f.title, f.h_idx, f.t_idx, f.r]);

describe('evaluateSubmission', () => {
  it('prints what the official script prints for the golden submission', () => {
    const scores = evaluateSubmission(submission, gold, { trainFacts, distantFacts: new TrainFacts() });
    expect(scores.f1).toBeCloseTo(0.571429, 6);
    expect(scores.evidenceF1).toBeCloseTo(0.285714, 6);
    expect(scores.ignF1).toBeCloseTo(0.444444, 6);
    expect(scores.ignDistantF1).toBeCloseTo(0.571429, 6);
    expect(scores).toMatchObject({
      predicted: 4,
      correct: 2,
      gold: 3,
      correctInTrain: 1,
      correctInDistant: 0,
      evidencePredicted: 4,
      evidenceCorrect: 1,
      evidenceGold: 3,
      titlesPredicted: 2,
      titlesGold: 1,
      titlesMatched: 1,
    });
  });

  it('keeps the evidence of the first of repeated predictions', () => {
    const [short, long] = [fact('A', 1, 2, 'P17', [0]), fact('A', 1, 2, 'P17', [0, 1])];
    expect(evaluateSubmission([short, long], gold).evidenceCorrect).toBe(1);
    expect(evaluateSubmission([long, short], gold).evidenceCorrect).toBe(2);
  });

  it('scores 0 for an empty submission', () => {
    expect(evaluateSubmission([], gold, { trainFacts })).toMatchObject({
      f1: 0,
      precision: 0,
      recall: 0,
      ignF1: 0,
      evidenceF1: 0,
      predicted: 0,
      gold: 3,
    });
  });

  it('says null where nothing can be measured, and 0 where every prediction is known', () => {
    expect(evaluateSubmission(submission, gold)).toMatchObject({
      ignF1: null,
      ignDistantF1: null,
      correctInTrain: null,
    });
    const [doc] = gold as [Document];
    const bare = [{ ...doc, labels: [{ h: 0, t: 1, r: 'P19', evidence: [] }] }];
    expect(evaluateSubmission(submission, bare).evidenceF1).toBeNull();
    expect(evaluateSubmission([fact('A', 1, 2, 'P17')], gold, { trainFacts }).ignF1).toBe(0);
  });

  it('counts repeated labels once, with their last evidence, but all evidence as gold', () => {
    const [doc] = gold as [Document];
    const labels = [
      { h: 0, t: 1, r: 'P19', evidence: [0, 0] },
      { h: 0, t: 1, r: 'P19', evidence: [1] },
    ];
    expect(evaluateSubmission([fact('A', 0, 1, 'P19', [0, 1])], [{ ...doc, labels }])).toMatchObject({
      gold: 1,
      evidenceGold: 3,
      evidenceCorrect: 1,
    });
  });

  it('refuses predictions for other documents, and gold without labels', () => {
    expect(() => evaluateSubmission([fact('Y', 0, 1, 'P17'), fact('Z', 0, 1, 'P17')], gold)).toThrow(
      expect.objectContaining({
        code: 'E_TITLES',
        message: expect.stringMatching(/2 predicted.*"Y", "Z".* 1 of/),
      }),
    );
    const [{ title, sents, vertexSet }] = gold as [Document];
    expect(() => evaluateSubmission(submission, [{ title, sents, vertexSet }])).toThrow(
      expect.objectContaining({ code: 'E_NO_LABELS' }),
    );
  });

  it('agrees with a plain reading of the definition', () => {
    const arbFact = fc
      .tuple(
        fc.constantFrom('A', 'B', 'Z'),
        fc.nat(2),
        fc.nat(2),
        fc.constantFrom('P1', 'P2'),
        fc.array(fc.nat(2)),
      )
      .map(([title, h, t, r, evidence]) => fact(title, h, t, r, evidence));
    fc.assert(
      fc.property(fc.array(arbFact), fc.array(arbFact, { minLength: 1 }), (labels, others) => {
        const predictions = [fact('A', 0, 1, 'P1'), ...others];
        const docs = [titled('A', labels), titled('B', labels)];
        const known = new TrainFacts();
        known.add('y', 'z', 'P1');
        const scores = evaluateSubmission(predictions, docs, { trainFacts: known });

        const goldIds = new Set(labels.filter((f) => f.title !== 'Z').map(id));
        const predictedIds = new Set(predictions.map(id));
        const correct = [...predictedIds].filter((x) => goldIds.has(x));
        // The first two entities are called y, the third z.
        const inTrain = correct.filter((x) => /^\["[AB]",[01],2,"P1"\]$/.test(x)).length;
        expect([scores.predicted, scores.correct, scores.gold]).toEqual([
          predictedIds.size,
          correct.length,
          goldIds.size,
        ]);
        expect(scores.correctInTrain).toBe(inTrain);
        const p = correct.length / predictedIds.size;
        const r = goldIds.size === 0 ? 0 : correct.length / goldIds.size;
        expect(scores.f1).toBeCloseTo(p + r === 0 ? 0 : (2 * p * r) / (p + r), 12);
      }),
    );
  });
});

describe.skipIf(!hasShared)('published submissions', () => {
  it.each([
    ['atlop', 0.6987372218881539, 0.6337298717497893],
    ['milr', 0.7191578947368422, 0.6718691696798587],
  ])('score as the official script prints: %s', async (system, f1, ignF1) => {
    const docs = await loadDocuments(shared('data/dwie/dev.json'));
    const predictions = await readSubmission(shared(`data/predictions/dwie-dev.${system}.result.json`));
    const trainFacts = await loadTrainFacts([shared('data/dwie/train_annotated.fact')]);
    const scores = evaluateSubmission(predictions, docs, { trainFacts });
    expect(Math.abs(scores.f1 - f1)).toBeLessThan(1e-12);
    expect(Math.abs((scores.ignF1 ?? 0) - ignF1)).toBeLessThan(1e-12);
    expect(scores.evidenceF1).toBe(0);
  });

  it('are refused for other documents', async () => {
    const docs = await loadDocuments(shared('data/docred/dev.json'));
    const predictions = await readSubmission(shared('data/predictions/dwie-dev.milr.result.json'));
    expect(() => evaluateSubmission(predictions, docs)).toThrow(
      expect.objectContaining({ code: 'E_TITLES' }),
    );
  });
});
