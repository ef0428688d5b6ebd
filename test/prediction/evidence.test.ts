/** Evidence by its definition, pair of sentences by pair of sentences. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { evidenceOf, evidenceSentences } from '../../src/prediction/evidence.ts';

const documentOf = (...entities: readonly (readonly number[])[]): Document => ({
  title: 'made',
  sents: [],
  vertexSet: entities.map((sentences) =>
    sentences.map((sent_id) => ({ name: '', type: '', sent_id, pos: [0, 1] as const })),
  ),
});

test.each([
  [
    [3, 1, 5],
    [5, 3],
    [3, 5],
  ],
  [[9, 2], [5], [2, 5]],
  // 4 and 6 are as near to 5; the pair with the earlier sentences counts.
  [[6, 4], [5], [4, 5]],
  [[1], [1], [1]],
  [[], [1], []],
])('%j and %j: %j', (heads, tails, expected) => {
  expect(evidenceSentences(documentOf(heads, tails), 0, 1)).toEqual(expected);
});

test('any entities', () => {
  const sentences = fc.array(fc.nat(30), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sentences, sentences, (heads, tails) => {
      const both = [...new Set(heads)].filter((h) => tails.includes(h)).sort((a, b) => a - b);
      const pairs = heads.flatMap((h) => tails.map((t) => [Math.min(h, t), Math.max(h, t)] as const));
      pairs.sort(([a, b], [c, d]) => b - a - (d - c) || a + b - (c + d));
      const evidence = evidenceOf(documentOf(heads, tails));
      const [nearest = [0, 0]] = pairs;
      expect(evidence(0, 1)).toEqual({
        sentences: both.length > 0 ? both : [...nearest],
        apart: nearest[1] - nearest[0],
      });
      // What is remembered is not changed.
      expect(evidence(1, 0)).toEqual(evidence(0, 1));
    }),
  );
});
