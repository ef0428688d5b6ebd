import { describe, expect, it } from 'vitest';

import { coverage } from '../../src/text/coverage.ts';
import { wordVocabulary } from '../../src/text/words.ts';

describe('coverage', () => {
  it('counts words and occurrences in lower case, and names the most frequent unknown ones', () => {
    const counts = new Map([
      ['The', 6],
      ['the', 2],
      ['Paris', 3],
      ['zyx', 1],
      ['constructor', 4],
      ['abc', 1],
      ['ZYX', 3],
    ]);
    // the 8, zyx 4, constructor 4, paris 3, abc 1: 20 in all, of which 11 have a vector.
    expect(coverage({ words: ['the', 'paris', 'unused'] }, counts)).toEqual({
      words: 2 / 5,
      occurrences: 11 / 20,
      missing: [
        { word: 'constructor', count: 4 },
        { word: 'zyx', count: 4 },
        { word: 'abc', count: 1 },
      ],
    });
  });

  it('names ten at most', () => {
    const counts = new Map(Array.from({ length: 30 }, (_, i) => [`w${i}`, i + 1]));
    const { missing } = coverage({ words: ['w29'] }, counts);
    expect(missing.map(({ count }) => count)).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
  });

  it('takes a vocabulary, whose reserved names are no words of a text', () => {
    const vocabulary = wordVocabulary(['[BLANK]', '[UNK]', 'a']);
    const counts = new Map([
      ['A', 1],
      ['[BLANK]', 3],
    ]);
    const missing = [{ word: '[blank]', count: 3 }];
    expect(coverage(vocabulary, counts)).toEqual({ words: 0.5, occurrences: 0.25, missing });
  });

  it('is whole for a text without words', () => {
    expect(coverage({ words: [] }, new Map())).toEqual({ words: 1, occurrences: 1, missing: [] });
  });
});
