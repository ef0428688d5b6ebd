/** How words are written. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { AFFIX_ROWS, AFFIXES, affixRows, wordShape, wordShapes } from '../../src/features/word-surface.ts';

test.each([
  ['house', 'lower'],
  ['élan', 'lower'],
  ['London', 'Capitalised'],
  ['Élan', 'Capitalised'],
  ["O'Neill", 'a-b'],
  ['NASA', 'UPPER'],
  ['A', 'U'],
  ['McDonald', 'mixedCase'],
  ['iPhone', 'mixedCase'],
  ['1987', '1234'],
  ['12', '12'],
  ['1,000', '1,5'],
  ['3.5', '1,5'],
  ['$5', '1,5'],
  ['20th', 'a1'],
  ['U.S.', 'U.S.'],
  ['Jr.', 'U.S.'],
  ['Saint-Denis', 'a-b'],
  ['.', 'punctuation'],
  ['--', 'punctuation'],
  ['東京', 'other'],
  ['', 'other'],
])('the shape of %j is %s', (word, shape) => expect(wordShapes[wordShape(word)]).toBe(shape));

describe('affixRows', () => {
  test('equal beginnings and endings have equal rows, others of a sample have not', () => {
    const [united, unites, ending] = [affixRows('United'), affixRows('Unites'), affixRows('ited')];
    expect(united.slice(0, 4)).toEqual(unites.slice(0, 4));
    expect(united[4]).not.toBe(unites[4]);
    expect(united.slice(4)).toEqual(ending.slice(4));
    // A beginning is not an ending.
    expect(affixRows('a')[0]).not.toBe(affixRows('a')[4]);
    expect(affixRows('Ab')[0]).not.toBe(affixRows('ab')[0]);
  });

  test('digits count as equal', () => {
    expect(affixRows('1987')).toEqual(affixRows('2024'));
    expect(affixRows('1987')).not.toEqual(affixRows('198'));
  });

  test('a word that is too short for an affix has row 0 there, also where letters take two units', () => {
    expect(affixRows('ab').map((row) => row > 0)).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(affixRows('𝒜𝒷').map((row) => row > 0)).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  test('any word has rows of the table', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (word) => {
        const rows = affixRows(word);
        expect(rows).toHaveLength(AFFIXES);
        for (const row of rows) expect(Number.isInteger(row) && row >= 0 && row < AFFIX_ROWS).toBe(true);
      }),
    );
  });

  test('rows are used evenly', () => {
    const used = new Set(
      Array.from({ length: 4000 }, (_, i) => affixRows(`x${i.toString(26)}q`.replaceAll(/\d/g, 'z'))).flat(),
    );
    expect(used.size).toBeGreaterThan(300);
  });
});
