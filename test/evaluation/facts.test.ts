import { describe, expect, it } from 'vitest';

import { relationVocabulary } from '../../src/data/relations.ts';
import { FactList, submittedFacts } from '../../src/evaluation/facts.ts';
import type { Prediction } from '../../src/evaluation/submission.ts';

describe('submittedFacts', () => {
  const fact = (title: string, h_idx: number, r = 'P1'): Prediction => ({ title, h_idx, t_idx: 1, r });
  const doc = (title: string) => ({ title, sents: [], vertexSet: [] });

  it('has every fact once, unknown titles apart', () => {
    const predictions = ['A', 'B', 'A', 'Y', 'Z', 'Y'].map((title) => fact(title, 0));
    const facts = submittedFacts([...predictions, fact('A', 2), fact('A', 0, 'P2')], [doc('B'), doc('A')]);
    const place = { head: 0, tail: 1, relation: 'P1' };
    expect(facts).toEqual([
      { ...place, document: 1 },
      { ...place, document: 0 },
      { ...place, document: -1 },
      { ...place, document: -2 },
      { ...place, document: 1, head: 2 },
      { ...place, document: 1, relation: 'P2' },
    ]);
  });
});

describe('FactList', () => {
  it('gives back what was put in, across blocks', () => {
    const relations = relationVocabulary(new Map(['P1', 'P2', 'P3'].map((id) => [id, id])));
    const facts = new FactList(relations);
    expect([...facts]).toEqual([]);
    const expected = Array.from({ length: (1 << 16) + 3 }, (_, i) => ({
      document: i >> 4,
      head: i % 7,
      tail: i % 5,
      relation: 1 + (i % 3),
      score: Math.fround(i / 7),
    }));
    for (const { document, head, tail, relation, score } of expected)
      facts.add(document, head, tail, relation, score);
    expect(facts.size).toBe(expected.length);
    expect([...facts]).toEqual(expected.map((fact) => ({ ...fact, relation: `P${fact.relation}` })));
  });
});
