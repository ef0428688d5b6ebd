import { describe, expect, test } from 'vitest';

import type { Document, Mention } from '../../src/data/document.ts';
import { endToEndScores } from '../../src/evaluation/end-to-end.ts';

const at = (sent_id: number, start: number, end = start + 1): Mention => ({
  name: `${sent_id}.${start}`,
  sent_id,
  pos: [start, end],
  type: 'X',
});

/** Three entities; the first is mentioned twice. Facts 0-P1-1, 1-P2-2, 2-P1-0. */
const gold: Document = {
  title: 'made',
  sents: [['a', 'b', 'c', 'd', 'e', 'f']],
  vertexSet: [[at(0, 0), at(0, 4)], [at(0, 1)], [at(0, 2, 4)]],
  labels: [
    { h: 0, t: 1, r: 'P1', evidence: [] },
    { h: 1, t: 2, r: 'P2', evidence: [] },
    { h: 2, t: 0, r: 'P1', evidence: [] },
  ],
};
const fact = (head: number, relation: string, tail: number, score = 0.5) => ({ head, tail, relation, score });

describe('end to end', () => {
  test('gold entities and gold facts are perfect', () => {
    const facts = [fact(0, 'P1', 1), fact(1, 'P2', 2), fact(2, 'P1', 0)];
    expect(endToEndScores([{ vertexSet: gold.vertexSet, facts }], [gold])).toEqual({
      f1: 1,
      precision: 1,
      recall: 1,
      correct: 3,
      predicted: 3,
      gold: 3,
      entitiesFound: 1,
    });
  });

  test('the surer of two facts claims first', () => {
    // Found: entity 0; entity 1; 0 and 2 as one, which may claim a fact of either.
    const vertexSet = [[at(0, 0)], [at(0, 1)], [at(0, 4), at(0, 2, 4)]];
    const labels = [0, 2].map((h) => ({ h, t: 1, r: 'P1', evidence: [] }));
    const correct = (alone: number, merged: number): number =>
      endToEndScores(
        [{ vertexSet, facts: [fact(2, 'P1', 1, merged), fact(0, 'P1', 1, alone)] }],
        [{ ...gold, labels }],
      ).correct;
    expect([correct(0.9, 0.8), correct(0.8, 0.9)]).toEqual([2, 1]);
  });

  test('one shared mention is enough, a mention with other words is none', () => {
    // Found: the second mention of entity 0 alone; entity 1; entity 2 cut short, so missed.
    const vertexSet = [[at(0, 4)], [at(0, 1), at(0, 5)], [at(0, 2)]];
    const facts = [fact(0, 'P1', 1), fact(1, 'P2', 2), fact(0, 'P2', 1)];
    const scores = endToEndScores([{ vertexSet, facts }], [gold]);
    expect(scores).toMatchObject({ correct: 1, predicted: 3, gold: 3, entitiesFound: 2 / 3 });
    expect(scores.f1).toBeCloseTo(2 / 6, 12);
  });

  test('an entity that fell into two does not count a fact twice', () => {
    const vertexSet = [[at(0, 0)], [at(0, 4)], [at(0, 1)]];
    const facts = [fact(0, 'P1', 2, 0.4), fact(1, 'P1', 2, 0.9)];
    expect(endToEndScores([{ vertexSet, facts }], [gold])).toMatchObject({ correct: 1, predicted: 2 });
  });

  test('an entity that joins two gold ones claims the facts of both, a gold fact each', () => {
    const vertexSet = [[at(0, 0), at(0, 1)], [at(0, 2, 4)]];
    const facts = [fact(0, 'P2', 1), fact(1, 'P1', 0), fact(0, 'P1', 1)];
    expect(endToEndScores([{ vertexSet, facts }], [gold])).toMatchObject({
      correct: 2,
      predicted: 3,
      entitiesFound: 1,
    });
  });

  test('a label that stands twice is one fact, and nothing found is 0, not NaN', () => {
    const twice = { ...gold, labels: [...(gold.labels ?? []), { h: 0, t: 1, r: 'P1', evidence: [0] }] };
    expect(endToEndScores([{ vertexSet: [], facts: [] }], [twice])).toEqual({
      f1: 0,
      precision: 0,
      recall: 0,
      correct: 0,
      predicted: 0,
      gold: 3,
      entitiesFound: 0,
    });
    expect(endToEndScores([], []).entitiesFound).toBe(0);
  });
});
