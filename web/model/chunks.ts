/** A long text in blocks of some dozens of sentences, which a browser can lay out one at a time. */
import type { Span } from '../../src/data/text-document.ts';

export interface Chunk {
  /** Sentences [first, last). */
  readonly first: number;
  readonly last: number;
  /** Characters [start, end): with the space before its sentences. The last ends with the text. */
  readonly start: number;
  readonly end: number;
}

/** A block ends at the first line end after so many sentences, or anywhere after the second number. */
const SENTENCES = 16;
const MOST = 80;

/** Blocks that together are the whole text. */
export function chunks(text: string, sentences: readonly Span[]): Chunk[] {
  const result: Chunk[] = [];
  let [first, start] = [0, 0];
  for (let s = 1; s < sentences.length; s++) {
    const before = sentences[s - 1]?.[1] ?? 0;
    const after = sentences[s]?.[0] ?? before;
    const length = s - first;
    if (length < SENTENCES || (length < MOST && !text.slice(before, after).includes('\n'))) continue;
    result.push({ first, last: s, start, end: after });
    [first, start] = [s, after];
  }
  result.push({ first, last: sentences.length, start, end: text.length });
  return result;
}
