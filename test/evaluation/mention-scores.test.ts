/** Scores of mentions, against counts made by hand. */
import { describe, expect, test } from 'vitest';

import type { Document, Mention } from '../../src/data/document.ts';
import { mentionScores } from '../../src/evaluation/mention-scores.ts';

const mention = (type: string, sent_id: number, start: number, end: number): Mention => ({
  name: 'x',
  sent_id,
  pos: [start, end],
  type,
});
const documentOf = (...entities: readonly (readonly Mention[])[]): Document => ({
  title: 'made',
  sents: [
    ['a', 'b', 'c', 'd', 'e'],
    ['f', 'g', 'h'],
  ],
  vertexSet: entities,
});

describe('mentionScores', () => {
  const first = documentOf(
    [mention('PER', 0, 0, 2), mention('PER', 1, 0, 1)],
    [mention('LOC', 0, 3, 4)],
    // Of another entity, but the same words and type: counts once.
    [mention('LOC', 0, 3, 4), mention('TIME', 1, 2, 3)],
  );
  const second = documentOf([mention('PER', 0, 0, 2)]);
  const found = [
    [
      mention('PER', 0, 0, 2), // right
      mention('PER', 1, 0, 2), // another end
      mention('ORG', 0, 3, 4), // another type
      mention('PER', 0, 0, 2), // again
    ],
    [mention('PER', 1, 0, 2)], // right in the sentence of another document only
  ];
  const scores = mentionScores([first, second], found);

  test('counts exact words and type', () => {
    expect(scores).toMatchObject({ gold: 5, found: 4, right: 1 });
    expect(scores.precision).toBeCloseTo(1 / 4, 12);
    expect(scores.recall).toBeCloseTo(1 / 5, 12);
    expect(scores.f1).toBeCloseTo(2 / 9, 12);
  });

  test('by type, sorted, also types that are only found or only gold', () => {
    expect(scores.byType.map(({ type, gold, found: own, right }) => [type, gold, own, right])).toEqual([
      ['LOC', 1, 0, 0],
      ['ORG', 0, 1, 0],
      ['PER', 3, 3, 1],
      ['TIME', 1, 0, 0],
    ]);
    expect(scores.byType.map(({ f1, precision, recall }) => [f1, precision, recall])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [1 / 3, 1 / 3, 1 / 3],
      [0, 0, 0],
    ]);
  });

  test('by words alone', () => {
    expect(scores.untyped).toEqual({
      gold: 5,
      found: 4,
      right: 2,
      precision: 1 / 2,
      recall: 2 / 5,
      f1: 4 / 9,
    });
  });

  test('words that are found with two types are one finding where types do not count', () => {
    const both = mentionScores([second], [[mention('PER', 0, 0, 2), mention('ORG', 0, 0, 2)]]);
    expect(both).toMatchObject({ gold: 1, found: 2, right: 1 });
    expect(both.untyped).toMatchObject({ gold: 1, found: 1, right: 1, f1: 1 });
  });

  test('nothing found, nothing to find', () => {
    expect(mentionScores([second], [[]])).toMatchObject({
      gold: 1,
      found: 0,
      precision: 0,
      recall: 0,
      f1: 0,
    });
    expect(mentionScores([documentOf()], [[]])).toMatchObject({ gold: 0, found: 0, f1: 0, byType: [] });
    expect(mentionScores([documentOf()], [[mention('PER', 0, 0, 1)]])).toMatchObject({
      found: 1,
      precision: 0,
      recall: 0,
    });
  });
});
