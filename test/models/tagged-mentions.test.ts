/** Mentions of a document by the scores of its words: one name, one type. */
import { describe, expect, test } from 'vitest';

import { beginTag, insideTag, tagCount } from '../../src/features/bio.ts';
import { taggedMentions } from '../../src/models/tagged-mentions.ts';

const types = ['LOC', 'PER'];
const K = tagCount(types.length);

/** Words that stand alone, each with its probabilities of (outside, LOC, PER); others are as good as impossible. */
function logitsOf(words: readonly (readonly [number, number, number])[]): Float32Array {
  return Float32Array.from(
    words.flatMap(([outside, loc, per]) => {
      const row = Array.from({ length: K }, () => -60);
      row[0] = Math.log(outside);
      row[beginTag(0)] = Math.log(loc);
      row[beginTag(1)] = Math.log(per);
      return row;
    }),
  );
}

const documentOf = (...sents: readonly (readonly string[])[]) => ({ title: 'made', sents, vertexSet: [] });

describe('taggedMentions', () => {
  test('a mention that stands alone has its own probability', () => {
    const found = taggedMentions(
      documentOf(['Turin', 'is']),
      logitsOf([
        [0.1, 0.3, 0.6],
        [0.9, 0.05, 0.05],
      ]),
      types,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ name: 'Turin', sent_id: 0, pos: [0, 1], type: 'PER' });
    expect(found[0]?.score).toBeCloseTo(0.6, 5);
  });

  test('mentions of one name agree on the type that they speak for most, in any case of letters', () => {
    const doc = documentOf(['Paris', 'x'], ['PARIS', 'Paris', 'Rome']);
    const logits = logitsOf([
      [0.1, 0.4, 0.5],
      [1, 1e-9, 1e-9],
      [0.05, 0.9, 0.05],
      [0.2, 0.3, 0.5],
      [0.1, 0.1, 0.8],
    ]);
    const found = taggedMentions(doc, logits, types);
    // LOC: 4/9 x 18/19 x 3/8 against PER: 5/9 x 1/19 x 5/8.
    expect(found.map(({ name, type, sent_id, pos }) => [name, type, sent_id, ...pos])).toEqual([
      ['Paris', 'LOC', 0, 0, 1],
      ['PARIS', 'LOC', 1, 0, 1],
      ['Paris', 'LOC', 1, 1, 2],
      ['Rome', 'PER', 1, 2, 3],
    ]);
    const share = (4 / 9 + 18 / 19 + 3 / 8) / 3;
    [0.9 * share, 0.95 * share, 0.8 * share, 0.8].forEach((score, i) =>
      expect(found[i]?.score).toBeCloseTo(score, 5),
    );
  });

  test('no mention goes on in the next sentence', () => {
    const row = (tag: number): number[] => Array.from({ length: K }, (_, k) => (k === tag ? 20 : 0));
    const logits = Float32Array.from([beginTag(1), insideTag(1), beginTag(1)].flatMap(row));
    const found = taggedMentions(documentOf(['Ada', 'King'], [], ['Ada']), logits, types);
    expect(found.map(({ name, sent_id }) => [name, sent_id])).toEqual([
      ['Ada King', 0],
      ['Ada', 2],
    ]);
    const apart = taggedMentions(documentOf(['Ada'], ['King'], ['Ada']), logits, types);
    expect(apart.map(({ name, sent_id }) => [name, sent_id])).not.toContainEqual(['Ada King', 0]);
  });

  test('refuses scores that are no numbers', () => {
    expect(() => taggedMentions(documentOf(['a']), new Float32Array(K).fill(NaN), types)).toThrow(
      expect.objectContaining({ code: 'E_SCORE' }),
    );
  });
});
