/**
 * The vocabulary of the systems that read whole words: which words have a row in the word table.
 *
 * A word is looked up in lower case, as in the DocRED baselines. There BLANK and UNK are entries like any other word;
 * here their names hold capitals, so that no text word, which is lower-cased first, can take them.
 */
import { statSync } from 'node:fs';

import { fail, reasonOf } from '../core/errors.ts';
import { readBytes, writeAtomic } from '../core/files.ts';

/** The ids that are no words: what fills a row after its text, and any word that has no id. */
export const BLANK_WORD = 0;
export const UNKNOWN_WORD = 1;
export const RESERVED_WORDS = ['[BLANK]', '[UNK]'] as const;

/** Bounds of a vocabulary and of its file: words, UTF-16 units, bytes. GloVe's own tools end a word at 1,000. */
export const MAX_WORDS = 5_000_000;
export const MAX_WORD_LENGTH = 1000;
const MAX_FILE = 128 * 1024 * 1024;

/** Words by id. An id is a row of the word table. */
export interface WordVocabulary {
  /** The two reserved names, then words in lower case. */
  readonly words: readonly string[];
  /** The id of a word in any case; that of `[UNK]` where it has none. Never that of `[BLANK]`. */
  id(word: string): number;
}

/**
 * A vocabulary of these words.
 *
 * @param words - by id, the reserved names first
 * @param options.path - what an error calls it
 * @throws RelataError `E_WORDS` for wrong reserved names, repeated or too long words, or too many
 */
export function wordVocabulary(
  words: readonly string[],
  options: { readonly path?: string } = {},
): WordVocabulary {
  const problem = problemOf(words);
  if (problem !== undefined) {
    throw fail('E_WORDS', { path: options.path ?? 'the vocabulary', reason: problem });
  }
  // A map, not an object: "__proto__" and "constructor" are words.
  const ids = new Map<string, number>();
  for (let id = RESERVED_WORDS.length; id < words.length; id++) ids.set(words[id] as string, id);
  return { words, id: (word) => ids.get(word.toLowerCase()) ?? UNKNOWN_WORD };
}

/**
 * The words of a training text, the most frequent first, equal ones by code units. Whatever the order of `counts`,
 * the result is the same.
 *
 * Words of more than `MAX_WORD_LENGTH` are left out, and so are the rarest beyond `MAX_WORDS`.
 * Source: none for the order and the minimum. The published table holds every word of its corpus that GloVe has.
 *
 * @param counts - how often each word occurs; spellings that differ in case count as one
 * @param options.minimum - occurrences that a word needs, at least 1
 * @throws RelataError `E_FIELD` for a minimum that is no positive whole number
 */
export function buildWordVocabulary(
  counts: ReadonlyMap<string, number>,
  options: { readonly minimum: number },
): WordVocabulary {
  const { minimum } = options;
  if (!Number.isInteger(minimum) || minimum < 1) {
    const expected = 'a minimum of occurrences of 1 or more';
    throw fail('E_FIELD', { expected, found: String(minimum), where: 'word vocabulary' });
  }
  const kept = [...lowercaseCounts(counts)]
    .filter(([word, count]) => count >= minimum && word.length <= MAX_WORD_LENGTH)
    .sort(byCount)
    .slice(0, MAX_WORDS - RESERVED_WORDS.length);
  return wordVocabulary([...RESERVED_WORDS, ...kept.map(([word]) => word)]);
}

/** How often each word occurs when case does not count. */
export function lowercaseCounts(counts: ReadonlyMap<string, number>): Map<string, number> {
  const merged = new Map<string, number>();
  for (const [word, count] of counts) {
    const lower = word.toLowerCase();
    merged.set(lower, (merged.get(lower) ?? 0) + count);
  }
  return merged;
}

/** The higher count first, then by code units. */
export function byCount(a: readonly [string, number], b: readonly [string, number]): number {
  return b[1] - a[1] || (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
}

/** Writes `words.json`, a JSON array with one word a line, atomically. @throws RelataError `E_WORDS` if too large */
export function saveWordVocabulary(path: string, vocabulary: WordVocabulary): void {
  writeAtomic(path, linesOf(vocabulary.words, path));
}

/**
 * The vocabulary of a `words.json`.
 *
 * Words are taken as they stand: one that is not in lower case for this version of Unicode is never found, which is
 * better than a model that a newer Node refuses.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_WORDS` with the index of the first wrong entry
 */
export function loadWordVocabulary(path: string): WordVocabulary {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_FILE)
    throw fail('E_WORDS', { path, reason: `it has ${size} bytes; ${MAX_FILE} are allowed` });
  const bytes = readBytes(path, 'a word vocabulary (words.json)');
  let words: unknown;
  try {
    words = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail('E_JSON', { path, reason: reasonOf(error) }, { cause: error });
  }
  if (!Array.isArray(words)) {
    throw fail('E_WORDS', { path, reason: `it holds ${kindOf(words)} where an array of words should be` });
  }
  return wordVocabulary(words as string[], { path });
}

/** What is wrong with entries of any kind, the first thing; undefined where they are a vocabulary. */
function problemOf(words: readonly unknown[]): string | undefined {
  if (words.length > MAX_WORDS) return `it has ${words.length} entries; ${MAX_WORDS} are allowed`;
  for (const [id, name] of RESERVED_WORDS.entries()) {
    if (words[id] !== name) return `entry ${id} is ${quoted(words[id])}, not ${JSON.stringify(name)}`;
  }
  const seen = new Map<string, number>();
  for (const [id, word] of words.entries()) {
    if (typeof word !== 'string') return `entry ${id} is ${kindOf(word)}, not a string`;
    if (word.length > MAX_WORD_LENGTH) {
      return `entry ${id} has ${word.length} characters; ${MAX_WORD_LENGTH} are allowed`;
    }
    const first = seen.get(word);
    if (first !== undefined) return `entry ${id} repeats entry ${first}, ${quoted(word)}`;
    seen.set(word, id);
  }
  return undefined;
}

function* linesOf(words: readonly string[], path: string): Generator<string> {
  const PER_WRITE = 10_000;
  let bytes = 0;
  for (let from = 0; from < words.length; from += PER_WRITE) {
    const lines = words.slice(from, from + PER_WRITE).map((word) => JSON.stringify(word));
    const text = `${from === 0 ? '[\n' : ',\n'}${lines.join(',\n')}`;
    bytes += Buffer.byteLength(text);
    if (bytes + 3 > MAX_FILE) {
      throw fail('E_WORDS', { path, reason: `its words would take more than ${MAX_FILE} bytes` });
    }
    yield text;
  }
  yield '\n]\n';
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : kindOf(value);
}
