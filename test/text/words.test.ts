import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import {
  buildWordVocabulary,
  loadWordVocabulary,
  saveWordVocabulary,
  wordVocabulary,
} from '../../src/text/words.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const error = (code: string, message: RegExp): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

const hostile = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', '\n', '\0', '\uD800'];
const arbWord = fc.oneof(
  fc.constantFrom(...hostile, 'İ', 'ΑΣ', 'ẞ', '[BLANK]', '[UNK]', '[blank]'),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom(...'aAbB-é'), maxLength: 4 }),
);

describe('a word vocabulary', () => {
  const vocabulary = wordVocabulary(['[BLANK]', '[UNK]', 'paris', 'constructor']);

  it('finds words in any case, and gives others the id of [UNK]', () => {
    expect(['Paris', 'PARIS', 'paris', 'constructor'].map(vocabulary.id)).toEqual([2, 2, 2, 3]);
    expect(['london', '__proto__', 'toString', '', 'paris '].map(vocabulary.id)).toEqual([1, 1, 1, 1, 1]);
  });

  it('gives no text word the id of [BLANK], even one that is spelt like it', () => {
    expect(['[BLANK]', '[blank]', '[UNK]', '[unk]'].map(vocabulary.id)).toEqual([1, 1, 1, 1]);
    const spelt = buildWordVocabulary(new Map([['[BLANK]', 9]]), { minimum: 1 });
    expect(spelt.words).toEqual(['[BLANK]', '[UNK]', '[blank]']);
    expect(spelt.id('[BLANK]')).toBe(2);
  });

  it('refuses wrong entries by their index', () => {
    const refused = (words: string[], reason: RegExp): void =>
      expect(() => wordVocabulary(words)).toThrow(error('E_WORDS', reason));
    refused([], /entry 0 is undefined, not "\[BLANK\]"/);
    refused(['[BLANK]', 'the'], /entry 1 is "the", not "\[UNK\]"/);
    refused(['[UNK]', '[BLANK]'], /entry 0 is "\[UNK\]"/);
    refused(['[BLANK]', '[UNK]', 'a', 'b', 'a'], /entry 4 repeats entry 2, "a"/);
    refused(['[BLANK]', '[UNK]', '[UNK]'], /entry 2 repeats entry 1/);
    refused(['[BLANK]', '[UNK]', 'a'.repeat(1001)], /entry 2 has 1001 characters/);
    expect(wordVocabulary(['[BLANK]', '[UNK]', 'a'.repeat(1000)]).words).toHaveLength(3);
  });
});

describe('buildWordVocabulary', () => {
  it('keeps words by falling count, then by code units, and adds up spellings', () => {
    const counts = new Map([
      ['b', 2],
      ['The', 3],
      ['\u{1F600}', 2], // its first code unit, D83D, is below FF21 though its code point is above
      ['\uFF41', 2],
      ['the', 1],
      ['a', 2],
      ['rare', 1],
      ['x'.repeat(1001), 9],
    ]);
    const { words } = buildWordVocabulary(counts, { minimum: 2 });
    expect(words).toEqual(['[BLANK]', '[UNK]', 'the', 'a', 'b', '\u{1F600}', '\uFF41']);
  });

  it('refuses a minimum that is none', () => {
    for (const minimum of [0, -1, 1.5, Number.NaN]) {
      expect(() => buildWordVocabulary(new Map(), { minimum })).toThrow(error('E_FIELD', /minimum/));
    }
  });

  it('gives each word that is frequent enough an id of its own, in any order and of any spelling', () => {
    const arbCounts = fc.array(fc.tuple(arbWord, fc.integer({ min: 1, max: 5 })), { maxLength: 30 });
    fc.assert(
      fc.property(arbCounts, fc.integer({ min: 1, max: 4 }), (list, minimum) => {
        const counts = new Map(list);
        const vocabulary = buildWordVocabulary(counts, { minimum });
        const backwards = buildWordVocabulary(new Map([...counts].reverse()), { minimum });
        expect(backwards.words).toEqual(vocabulary.words);
        for (const word of counts.keys()) {
          // An independent count, over a plain list.
          const same = [...counts].filter(([other]) => other.toLowerCase() === word.toLowerCase());
          const total = same.reduce((sum, [, count]) => sum + count, 0);
          const id = vocabulary.id(word);
          expect(vocabulary.words[id]).toBe(total < minimum ? '[UNK]' : word.toLowerCase());
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('words.json', () => {
  const path = join(folder, 'words.json');
  const refused = (content: string | Uint8Array, code: string, reason: RegExp): void => {
    writeFileSync(path, content);
    expect(() => loadWordVocabulary(path)).toThrow(error(code, reason));
  };

  it('is a JSON array that comes back as it was saved', () => {
    fc.assert(
      fc.property(fc.uniqueArray(arbWord, { selector: (word) => word.toLowerCase() }), (list) => {
        const vocabulary = buildWordVocabulary(new Map(list.map((word) => [word, 1])), { minimum: 1 });
        saveWordVocabulary(path, vocabulary);
        expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(vocabulary.words);
        const loaded = loadWordVocabulary(path);
        expect(loaded.words).toEqual(vocabulary.words);
        expect(list.map(loaded.id)).toEqual(list.map(vocabulary.id));
      }),
      { numRuns: 30 },
    );
    expect(readdirSync(folder)).toEqual(['words.json']);
  });

  it('is written in more than one part when it is long', () => {
    const words = ['[BLANK]', '[UNK]', ...Array.from({ length: 25_000 }, (_, i) => `w${i}`)];
    saveWordVocabulary(path, wordVocabulary(words));
    expect(loadWordVocabulary(path).words).toEqual(words);
  });

  it('is refused with the file and the index of the first wrong entry', () => {
    refused('["[BLANK]", "[UNK]", "a", 5]', 'E_WORDS', /words\.json.*entry 3 is a value of type number/);
    refused('["[BLANK]", "[UNK]", ["a"]]', 'E_WORDS', /entry 2 is an array/);
    refused('["[BLANK]", "[UNK]", null]', 'E_WORDS', /entry 2 is null/);
    refused('["[BLANK]", "[UNK]", "a", "a"]', 'E_WORDS', /entry 3 repeats entry 2/);
    refused('["[PAD]", "[UNK]"]', 'E_WORDS', /entry 0 is "\[PAD\]", not "\[BLANK\]"/);
    refused('["[BLANK]"]', 'E_WORDS', /entry 1 is undefined/);
    refused('{"[BLANK]": 0}', 'E_WORDS', /a value of type object where an array/);
    refused('["[BLANK]", "[UNK]"', 'E_JSON', /words\.json/);
    refused('', 'E_JSON', /words\.json/);
    refused(Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d), 'E_JSON', /not valid|encoded/);
    expect(() => loadWordVocabulary(join(folder, 'none.json'))).toThrow(
      error('E_FILE_MISSING', /none\.json/),
    );
    expect(() => loadWordVocabulary(folder)).toThrow(error('E_FILE_MISSING', /relata-words/));
  });

  it('is refused when it has too many entries', () => {
    const many = `["[BLANK]","[UNK]"${',0'.repeat(5_000_000)}]`;
    writeFileSync(path, many);
    expect(() => loadWordVocabulary(path)).toThrow(error('E_WORDS', /5000002 entries; 5000000 are allowed/));
  });
});
