import { readFileSync } from 'node:fs';

import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { publishedTokenizer } from '../../bench/published-tokenizer.ts';
import { createVocabulary } from '../../src/text/vocabulary.ts';
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { hasShared, shared } from '../shared.ts';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const pieces = (tokenizer: WordPiece, word: string) =>
  [...tokenizer.pieces(word)].map((id) => tokenizer.vocabulary.pieces[id]);

const load = (name: string) =>
  new WordPiece(loadVocabulary(shared(`data/bert-vocab/bert-base-${name}-vocab.txt`)));

describe('a small vocabulary', () => {
  const small = new WordPiece(
    createVocabulary([
      ...SPECIAL,
      'un',
      '##aff',
      '##able',
      '##a',
      'a',
      '[',
      ']',
      'cls',
      '-',
      '\u4E2D',
      'e',
      'w',
      'unk',
    ]),
  );

  it('takes the longest piece first, and is unknown as a whole when a part is', () => {
    expect(pieces(small, 'unaffable')).toEqual(['un', '##aff', '##able']);
    expect(pieces(small, 'UNA')).toEqual(['un', '##a']);
    expect(pieces(small, 'unx')).toEqual(['[UNK]']);
    expect(pieces(small, 'una-unx')).toEqual(['un', '##a', '-', '[UNK]']);
  });

  it('reads special pieces as text', () => {
    expect(pieces(small, '[CLS]')).toEqual(['[', 'cls', ']']);
    const special = new Set([0, 1, 2, 3, 4]);
    expect([...small.pieces('[CLS]')].some((id) => special.has(id))).toBe(false);
    // Even where no punctuation splits it.
    const bare = createVocabulary([...SPECIAL, 'NIL'], { unknown: 'NIL', lowercase: false });
    expect(bare.special.unk).toBe(5);
    expect([...new WordPiece(bare).pieces('NIL')]).toEqual([5]);
    expect(new WordPiece(bare).pieces('NIL')).toEqual(new WordPiece(bare).pieces('other'));
  });

  it('gives no piece for spaces and control characters', () => {
    for (const word of ['', ' ', '\u00A0', '\t\n', '\u200B', '\u0000', '\uFFFD', '\u00AD\u2028']) {
      expect(pieces(small, word)).toEqual([]);
    }
  });

  it('drops accents with the case, and splits ideographs and inner spaces', () => {
    expect(pieces(small, 'É')).toEqual(['e']);
    expect(pieces(small, '中中a')).toEqual(['中', '中', 'a']);
    expect(pieces(small, 'a\u00A0w')).toEqual(['a', 'w']);
    const keeping = createVocabulary([...SPECIAL, 'é', 'e'], { stripAccents: false });
    expect(pieces(new WordPiece(keeping), 'É')).toEqual(['é']);
  });

  it('is unknown past 100 characters, counted in code points', () => {
    const wide = '\u{1D51E}';
    const tokenizer = new WordPiece(createVocabulary([...SPECIAL, wide, `##${wide}`, 'a', '##a']));
    for (const letter of [wide, 'a']) {
      expect(tokenizer.pieces(letter.repeat(100))).toHaveLength(100);
      expect(pieces(tokenizer, letter.repeat(101))).toEqual(['[UNK]']);
    }
  });

  it('infers the case from the pieces, unless told', () => {
    expect(small.lowercase).toBe(true);
    expect(new WordPiece(createVocabulary([...SPECIAL, 'Ada', 'ada'])).lowercase).toBe(false);
    expect(new WordPiece(createVocabulary([...SPECIAL, 'Ada'], { lowercase: true })).lowercase).toBe(true);
    expect(new WordPiece(createVocabulary([...SPECIAL, 'Ada']), { lowercase: true }).lowercase).toBe(true);
  });
});

describe.skipIf(!hasShared)('the published vocabularies', () => {
  it('agrees with the specification', () => {
    const uncased = load('uncased');
    expect(uncased.vocabulary.pieces).toHaveLength(30_522);
    expect(uncased.vocabulary.special).toEqual({ pad: 0, unk: 100, cls: 101, sep: 102, mask: 103 });
    expect(pieces(uncased, 'Skai')).toEqual(['ska', '##i']);
    expect(pieces(uncased, 'unaffable')).toEqual(['una', '##ffa', '##ble']);
    expect(pieces(uncased, '\u00A0')).toEqual([]);
    expect(pieces(uncased, '[CLS]')).toEqual(['[', 'cl', '##s', ']']);
    const cased = load('cased');
    expect(cased.vocabulary.pieces).toHaveLength(28_996);
    expect([uncased.lowercase, cased.lowercase]).toEqual([true, false]);
  });

  describe.each(['uncased', 'cased'])('%s', (name) => {
    let tokenizer: WordPiece;
    let theirs: (text: string) => readonly number[];
    beforeAll(() => {
      tokenizer = load(name);
      const other = publishedTokenizer(tokenizer.vocabulary, tokenizer.lowercase);
      theirs = (text) => other.encode(text, { add_special_tokens: false }).ids;
    });

    it('agrees with the published tokenizer on every word of DocRED', () => {
      const words = new Set<string>();
      for (const part of ['train', 'dev', 'test']) {
        const docs: { sents: string[][] }[] = JSON.parse(
          readFileSync(shared(`data/docred/${part}.json`), 'utf8'),
        );
        for (const doc of docs) for (const word of doc.sents.flat()) words.add(word);
      }
      expect(words.size).toBeGreaterThan(30_000);
      const different: string[] = [];
      for (const word of words) {
        if (tokenizer.pieces(word).join() !== theirs(word).join()) different.push(word);
      }
      expect(different).toEqual([]);
    });

    it('agrees with it on any text', () => {
      // It takes characters of 16 bits for ideographs only, so that it does not split those of the higher planes.
      const high = /[\u{20000}-\u{2FFFF}]/u;
      const letters = fc.constantFrom(
        ...'aéÅßΣσİıŁ9- \u00A0\u0301\u200D\u2028\u3000中가が\uFEFF[]#_\u{1F600}\t',
      );
      const arbText = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.string({ unit: letters, maxLength: 12 }),
        fc.string({ unit: 'grapheme', maxLength: 12 }),
      );
      fc.assert(
        fc.property(
          arbText.filter((text) => !high.test(text)),
          (text) => {
            expect([...tokenizer.pieces(text)]).toEqual(theirs(text));
          },
        ),
        { numRuns: 3000 },
      );
    });
  });
});
