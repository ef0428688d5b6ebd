/** How often each word of documents occurs. */
import type { Document } from './document.ts';

/** Occurrences by word, as it is spelt. */
export function wordCounts(documents: readonly Document[]): Map<string, number> {
  // A map, not an object: "__proto__" and "constructor" are words.
  const counts = new Map<string, number>();
  for (const { sents } of documents)
    for (const sentence of sents) for (const word of sentence) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
