/**
 * A text as stretches within which sentences stand: paragraphs, headings, items of lists.
 *
 * What is no text (markup, line ends within a stretch) is blanked out by tabs, one for one, so every position stays the same. A tab joins
 * with no character, while a mark after a space would.
 */
import type { Span } from '../data/text-document.ts';

export interface Blocks {
  /** As long as the text that it was made of. */
  readonly readable: string;
  /** Ascending, never overlapping; what lies between them is no text. */
  readonly spans: readonly Span[];
}

/** Fills up what stands for a character but is longer in the text: it joins with the character before it, and nothing else does. */
export const WORD_JOINER = '\u2060';

/** A line this long, in characters, was not broken to fit a page: there, every line end is the end of a paragraph. */
const LONGEST_BROKEN_LINE = 200;

const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/g;
const WHITE_LINE = /^[\s\u0085]*$/;
/** How an item of a list begins. */
const ITEM = /^\s*(?:[-*•‣◦·–]|\(?(?:\d{1,3}|[a-z])[.)])\s/i;
const HEADING = /^#{1,6}\s/;

/** The paragraphs of a plain text, parted by blank lines; items and headings stand for themselves. */
export function plainBlocks(text: string): Blocks {
  const spans: Span[] = [];
  let lines: Span[] = [];
  const finish = (): void => {
    const broken = lines.every(([start, end]) => end - start <= LONGEST_BROKEN_LINE);
    const [first, last] = [lines[0], lines.at(-1)];
    if (broken && first && last) spans.push([first[0], last[1]]);
    else spans.push(...lines);
    lines = [];
  };
  for (const [start, end] of linesOf(text)) {
    const line = text.slice(start, Math.min(end, start + LONGEST_BROKEN_LINE));
    const heading = HEADING.test(line);
    const white = WHITE_LINE.test(line) && end - start <= LONGEST_BROKEN_LINE;
    if (lines.length > 0 && (white || heading || ITEM.test(line))) finish();
    if (!white) lines.push([start, end]);
    if (heading) finish();
  }
  if (lines.length > 0) finish();
  return { readable: text.replace(LINE_END, blank), spans };
}

/** As many tabs as `text` is long. */
export const blank = (text: string): string => '\t'.repeat(text.length);

/** The lines of a text without their ends. */
export function* linesOf(text: string): Generator<Span> {
  let start = 0;
  for (const { 0: end, index } of text.matchAll(LINE_END)) {
    yield [start, index];
    start = index + end.length;
  }
  yield [start, text.length];
}
