/** What a text's document must be, whatever the text. */
import { expect } from 'vitest';

import type { TextDocument } from '../../src/data/text-document.ts';
import { MAX_SENTENCE_WORDS } from '../../src/text/segment.ts';

/** What holds of every segmentation: the characters that are in words. */
export function expectSound({ doc, text, words: spans }: TextDocument): Set<number> {
  expect(spans.map((sentence) => sentence.map(([start, end]) => text.slice(start, end)))).toEqual(doc.sents);
  expect(doc.sents.every((sentence) => sentence.length > 0 && sentence.length <= MAX_SENTENCE_WORDS)).toBe(
    true,
  );
  expect(doc.sents.flat().every((word) => word !== '')).toBe(true);
  const covered = new Set<number>();
  let last = 0;
  for (const [start, end] of spans.flat()) {
    expect(start).toBeGreaterThanOrEqual(last);
    for (let at = start; at < end; at++) covered.add(at);
    last = end;
  }
  return covered;
}
