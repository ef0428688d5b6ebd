/** How much of a text the word vectors, or a vocabulary, know. */
import { byCount, lowercaseCounts } from './words.ts';

/** Unknown words that are shown. */
const SHOWN = 10;

/** Shares from 0 to 1; both 1 for a text without words. */
export interface Coverage {
  /** Of the distinct words of the text. */
  readonly words: number;
  /** Of their occurrences. */
  readonly occurrences: number;
  /** The most frequent words that are not known, at most ten; equal counts by code units. */
  readonly missing: readonly { readonly word: string; readonly count: number }[];
}

/**
 * What of a text is known. Its words are compared in lower case, as they are looked up.
 *
 * @param known - word vectors or a word vocabulary, whose reserved names equal no word in lower case
 * @param counts - how often each word of the text occurs
 */
export function coverage(
  known: { readonly words: readonly string[] },
  counts: ReadonlyMap<string, number>,
): Coverage {
  const words = new Set(known.words);
  const all = [...lowercaseCounts(counts)].filter(([, count]) => count > 0);
  const missing = all.filter(([word]) => !words.has(word));
  const occurrences = (list: readonly [string, number][]): number =>
    list.reduce((sum, [, count]) => sum + count, 0);
  return {
    words: shareWithout(missing.length, all.length),
    occurrences: shareWithout(occurrences(missing), occurrences(all)),
    missing: missing
      .sort(byCount)
      .slice(0, SHOWN)
      .map(([word, count]) => ({ word, count })),
  };
}

const shareWithout = (missing: number, all: number): number => (all === 0 ? 1 : (all - missing) / all);
