import { describe, expect, it } from 'vitest';

import { firstMentionWords, wordDistanceBucket, wordDistances } from '../../src/data/word-distance.ts';
import { distanceBucket, firstWords } from '../../src/features/distance.ts';
import { adaDocument } from './documents.ts';

describe('the distance of two entities in words', () => {
  it('falls into the bucket whose name has it, whatever its sign', () => {
    const names = [0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 127, 128, 255, 256, 9999].map(
      (distance) => wordDistances[wordDistanceBucket(distance)],
    );
    expect(names.join(' | ')).toBe(
      '0 | 1 | 2-3 | 2-3 | 4-7 | 4-7 | 8-15 | 8-15 | 16-31 | 32-63 | 64-127 | 64-127 | 128-255 | 128-255 | 256 and more | 256 and more',
    );
    for (let distance = -600; distance < 600; distance++)
      expect(wordDistanceBucket(distance), `${distance}`).toBe(Math.abs(distanceBucket(distance)));
  });

  it('is counted between the first listed mentions', () => {
    expect(firstMentionWords(adaDocument)).toEqual([0, 5, 10]);
    expect(firstMentionWords(adaDocument)).toEqual([...firstWords(adaDocument)]);
    const [ada = [], london = [], england = []] = adaDocument.vertexSet;
    const reversed = { ...adaDocument, vertexSet: [ada.toReversed(), london, england] };
    expect(firstMentionWords(reversed)).toEqual([7, 5, 10]);
  });
});
