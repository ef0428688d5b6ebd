import { describe, expect, it } from 'vitest';

import {
  firstMentionWords,
  sentenceStarts,
  wordDistanceBucket,
  wordDistances,
} from '../../src/data/word-distance.ts';
import { adaDocument } from './documents.ts';

describe('the distance of two entities in words', () => {
  it('falls into the bucket whose name has it, whatever its sign', () => {
    const names = [0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 127, 128, 255, 256, 9999].map(
      (distance) => wordDistances[wordDistanceBucket(distance)],
    );
    expect(names.join(' | ')).toBe(
      '0 | 1 | 2-3 | 2-3 | 4-7 | 4-7 | 8-15 | 8-15 | 16-31 | 32-63 | 64-127 | 64-127 | 128-255 | 128-255 | 256 and more | 256 and more',
    );
    for (const distance of [1, 2, 7, 64, 9999])
      expect(wordDistanceBucket(-distance)).toBe(wordDistanceBucket(distance));
  });

  it('is counted between the first listed mentions', () => {
    expect(firstMentionWords(adaDocument)).toEqual([0, 5, 10]);
    const [ada = [], london = [], england = []] = adaDocument.vertexSet;
    const reversed = { ...adaDocument, vertexSet: [ada.toReversed(), london, england] };
    expect(firstMentionWords(reversed)).toEqual([7, 5, 10]);
  });

  it('runs on over sentences, which begin where the ones before them end', () => {
    const doc = { ...adaDocument, sents: [['a', 'b'], [], ['c'], ['d', 'a', 'b']] };
    expect(sentenceStarts(doc)).toEqual([0, 2, 2, 3]);
  });
});
