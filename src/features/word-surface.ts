/**
 * How a word is written, which vocabularies in lower case do not keep: its shape, and its first and last letters.
 *
 * Beginnings and endings go to the rows of one table by a hash, so that any word has some. Digits count as equal.
 * Source of the idea: Collobert et al. 2011 (capitals, suffixes); hashed tables as in spaCy's HashEmbed.
 */

/** Shapes of words; the id of one is its place. */
export const wordShapes = [
  'lower',
  'Capitalised',
  'UPPER',
  'U',
  'mixedCase',
  '1234',
  '12',
  '1,5',
  'a1',
  'U.S.',
  'a-b',
  'punctuation',
  'other',
] as const;
export type WordShapeName = (typeof wordShapes)[number];

/** Characters of the shortest and the longest beginning and ending. */
const SHORTEST = 1;
const LONGEST = 4;
/** Beginnings and endings of a word. */
export const AFFIXES = 2 * (LONGEST - SHORTEST + 1);
/** Rows of the table of affixes; row 0 is for those that a word is too short for. */
export const AFFIX_ROWS = 16_384;

/** In this order: the first that fits is a word's shape. */
const patterns: readonly (readonly [WordShapeName, RegExp])[] = [
  ['1234', /^\p{N}{4}$/u],
  ['12', /^\p{N}+$/u],
  ['1,5', /^[\p{N}\p{P}\p{S}]*\p{N}[\p{N}\p{P}\p{S}]*$/u],
  ['punctuation', /^[\p{P}\p{S}]+$/u],
  ['U', /^\p{Lu}$/u],
  ['lower', /^\p{Ll}+$/u],
  ['Capitalised', /^\p{Lu}[\p{Ll}\p{M}'’]+$/u],
  ['UPPER', /^\p{Lu}+$/u],
  ['U.S.', /^(\p{Lu}\p{Ll}*\.)+\p{Lu}?$/u],
  ['a1', /\p{N}/u],
  ['a-b', /\p{L}\p{P}+\p{L}/u],
  ['mixedCase', /^(?=.*\p{Lu})[\p{L}\p{M}]+$/u],
];

/** The id of a word's shape. */
export function wordShape(word: string): number {
  const name = patterns.find(([, pattern]) => pattern.test(word))?.[0] ?? 'other';
  return wordShapes.indexOf(name);
}

/** Rows of a word's beginnings, the shortest first, then of its endings: [AFFIXES]. */
export function affixRows(word: string): number[] {
  const letters = [...word].map((letter) => (/\p{N}/u.test(letter) ? '0' : letter));
  const rows: number[] = [];
  for (const kind of ['^', '$'] as const) {
    for (let size = SHORTEST; size <= LONGEST; size++) {
      const part = kind === '^' ? letters.slice(0, size) : letters.slice(-size);
      rows.push(part.length < size ? 0 : 1 + (hash(`${kind}${part.join('')}`) % (AFFIX_ROWS - 1)));
    }
  }
  return rows;
}

/** FNV-1a of 32 bits over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  // The last bits of FNV-1a are its weakest.
  return (value ^ (value >>> 15)) >>> 0;
}
