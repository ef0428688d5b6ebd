/** Tags of mentions, by hand, and back again. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { distinctMentions, goldTags } from '../../src/features/bio.ts';
import { arbDocument } from './documents.ts';

type Place = readonly [type: string, sentence: number, start: number, end: number];
const documentOf = (sents: readonly (readonly string[])[], ...places: readonly Place[]): Document => ({
  title: 'made',
  sents,
  vertexSet: places.map(([type, sent_id, start, end]) => [{ name: 'x', sent_id, pos: [start, end], type }]),
});
const words = (count: number): string[] => Array.from({ length: count }, () => 'w');

describe('goldTags', () => {
  test('the first word of a mention begins it, the others are inside', () => {
    const doc = documentOf([words(4), words(3)], ['LOC', 0, 1, 4], ['ORG', 1, 0, 1], ['LOC', 1, 1, 2]);
    expect(goldTags(doc, ['ORG', 'LOC'])).toEqual({ tags: Int32Array.of(0, 3, 4, 4, 1, 3, 0), lost: 0 });
  });

  test('of mentions that overlap the longest is kept, then the earliest, then the first', () => {
    const nested = documentOf([words(5)], ['A', 0, 1, 2], ['B', 0, 0, 3], ['A', 0, 3, 5]);
    expect(goldTags(nested, ['A', 'B'])).toEqual({ tags: Int32Array.of(3, 4, 4, 1, 2), lost: 1 });
    const crossing = documentOf([words(3)], ['A', 0, 1, 3], ['B', 0, 0, 2]);
    expect(goldTags(crossing, ['A', 'B'])).toEqual({ tags: Int32Array.of(3, 4, 0), lost: 1 });
    const same = documentOf([words(2)], ['B', 0, 0, 2], ['A', 0, 0, 2]);
    expect(goldTags(same, ['A', 'B'])).toEqual({ tags: Int32Array.of(3, 4), lost: 1 });
  });

  test('a mention that is listed twice is not lost; one of an unknown type is', () => {
    const doc = documentOf([words(3)], ['A', 0, 0, 2], ['A', 0, 0, 2], ['C', 0, 2, 3]);
    expect(goldTags(doc, ['A', 'B'])).toEqual({ tags: Int32Array.of(1, 2, 0), lost: 1 });
  });

  test('tags make the mentions that were kept', () => {
    fc.assert(
      fc.property(arbDocument(), (doc) => {
        const { tags, lost } = goldTags(doc, ['T']);
        const begun = tags.filter((tag) => tag === 1).length;
        expect(begun + lost).toBe(distinctMentions(doc.vertexSet.flat()).length);
        expect([...tags].filter((tag, w) => tag === 2 && !tags[w - 1])).toEqual([]);
      }),
    );
  });
});
