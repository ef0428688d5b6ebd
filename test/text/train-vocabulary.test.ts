import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { buildVocabulary } from '../../src/text/train-vocabulary.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { hasShared, shared } from '../shared.ts';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

describe('buildVocabulary', () => {
  it('gives no piece to a character that is less than one in a million', () => {
    const rare = (count: number): Set<string> =>
      new Set(
        buildVocabulary(
          new Map([
            ['ab', count],
            ['\u0153', 1],
          ]),
          { size: 100, lowercase: true },
        ).pieces,
      );
    expect(rare(400_000)).toContain('\u0153');
    expect(rare(600_000)).not.toContain('\u0153');
  });

  it('merges the most frequent pair, the older one among equals', () => {
    const words = new Map([
      ['abc', 5],
      ['bc', 3],
      ['!', 1],
    ]);
    // Pairs: a ##b 5, ##b ##c 5, b ##c 3. "a ##b" has the older symbols; then ab ##c 5; then b ##c 3.
    const { pieces, special } = buildVocabulary(words, { size: 100, lowercase: true });
    expect(pieces).toEqual([...SPECIAL, '!', 'a', 'b', 'c', '##a', '##b', '##c', 'ab', 'abc', 'bc']);
    expect(special).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
    expect(buildVocabulary(words, { size: 13, lowercase: true }).pieces.at(-1)).toBe('ab');
  });

  it('merges runs of one letter, and does not merge what was seen once', () => {
    const { pieces } = buildVocabulary(
      new Map([
        ['aaaa', 2],
        ['xy', 1],
      ]),
      { size: 100, lowercase: true },
    );
    // ##a ##a occurs twice in a word, though it can be merged once only.
    expect(pieces.slice(11)).toEqual(['##aa', 'aaa', 'aaaa']);
  });

  it('keeps the most frequent characters when there is room for few', () => {
    const words = new Map([
      ['z', 9],
      ['a', 5],
      ['b', 1],
    ]);
    expect(buildVocabulary(words, { size: 7, lowercase: true }).pieces).toEqual([...SPECIAL, 'a', 'z']);
    expect(() => buildVocabulary(words, { size: 5, lowercase: true })).toThrow(
      expect.objectContaining({ code: 'E_FIELD' }),
    );
  });

  it('gives distinct pieces, at most size, the same for any order of words, and spells every word', () => {
    const arbWords = fc.dictionary(
      fc.string({ unit: fc.constantFrom(...'abcdAB-é'), minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 20 }),
      { maxKeys: 30 },
    );
    fc.assert(
      fc.property(arbWords, fc.integer({ min: 30, max: 80 }), fc.boolean(), (counts, size, lowercase) => {
        const entries = Object.entries(counts);
        const vocabulary = buildVocabulary(new Map(entries), { size, lowercase });
        const { pieces } = vocabulary;
        expect(pieces.length).toBeLessThanOrEqual(size);
        expect(new Set(pieces).size).toBe(pieces.length);
        expect(buildVocabulary(new Map(entries.reverse()), { size, lowercase }).pieces).toEqual(pieces);
        const tokenizer = new WordPiece(vocabulary);
        for (const word of Object.keys(counts)) {
          expect(tokenizer.pieces(word).includes(vocabulary.special.unk)).toBe(false);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe.skipIf(!hasShared)('on DocRED', () => {
  it('spells words in few pieces', () => {
    const docs: { sents: string[][] }[] = JSON.parse(readFileSync(shared('data/docred/train.json'), 'utf8'));
    const counts = new Map<string, number>();
    for (const word of docs.flatMap((doc) => doc.sents.flat())) counts.set(word, (counts.get(word) ?? 0) + 1);
    const vocabulary = buildVocabulary(counts, { size: 8000, lowercase: true });
    expect(vocabulary.pieces).toHaveLength(8000);
    const tokenizer = new WordPiece(vocabulary);
    let pieces = 0;
    let words = 0;
    for (const [word, count] of counts) {
      pieces += count * tokenizer.pieces(word).length;
      words += count;
    }
    expect(pieces / words).toBeLessThan(1.25);
    expect(vocabulary.ids.has('university')).toBe(true);
  });
});
