import { describe, expect, it } from 'vitest';

import type { Document } from '../../../src/data/document.ts';
import { sampleCorpus } from '../../../src/data/sample/sample-corpus.ts';
import { typePredictorF1 } from './type-predictor.ts';

const { train, dev } = sampleCorpus({ documents: 500, seed: 1 });

/** People are born in the one place there is: types say everything. */
const trivial: Document = {
  title: 'Vet',
  sents: [['Vet', 'from', 'Marford']],
  vertexSet: [
    [{ name: 'Vet', sent_id: 0, pos: [0, 1], type: 'PER' }],
    [{ name: 'Marford', sent_id: 0, pos: [2, 3], type: 'LOC' }],
  ],
  labels: [{ h: 0, t: 1, r: 'P19', evidence: [0] }],
};

/** All relations of a pair as one label: a type pair then speaks of whole label sets. */
function merged(docs: readonly Document[]): Document[] {
  return docs.map((doc) => {
    const sets = new Map<string, string[]>();
    for (const { h, t, r } of doc.labels ?? []) sets.set(`${h} ${t}`, [...(sets.get(`${h} ${t}`) ?? []), r]);
    const labels = [...sets].map(([pair, relations]) => {
      const [h = 0, t = 0] = pair.split(' ').map(Number);
      return { h, t, r: relations.sort().join('+'), evidence: [] };
    });
    return { ...doc, labels };
  });
}

describe('a predictor that knows entity types only', () => {
  it('solves a corpus that types give away', () => {
    expect(typePredictorF1([trivial], [trivial])).toBe(100);
  });

  it('gets half of two people that one place may belong to', () => {
    const vertexSet = [
      ...trivial.vertexSet,
      [{ name: 'from', sent_id: 0, pos: [1, 2] as const, type: 'PER' }],
    ];
    // Two pairs predicted, one right, one gold: P 1/2, R 1.
    expect(typePredictorF1([{ ...trivial, vertexSet }], [{ ...trivial, vertexSet }])).toBeCloseTo(
      200 / 3,
      10,
    );
  });

  it('does not solve the sample corpus', () => {
    expect(typePredictorF1(train, dev)).toBeLessThan(60);
    expect(typePredictorF1(train, dev)).toBeGreaterThan(0);
  });

  it('does not by whole label sets either', () => {
    expect(typePredictorF1(merged(train), merged(dev))).toBeLessThan(60);
  });
});
