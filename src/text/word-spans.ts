/**
 * Words of a sentence: those of `Intl.Segmenter`, made like the tokens of DocRED.
 *
 * There, punctuation is a word of its own, `'s` and `n't` are split off, `Franco - Prussian` is three words, and `U.S.`, `J.`, `Inc.`,
 * `1,234.5`, `8-year` and `R&B` are one. No word begins or ends inside a character that a reader sees as one.
 */
import type { Span } from '../data/text-document.ts';
import { isDotted, isInitial, takesStop } from './abbreviations.ts';
import { WORD_JOINER } from './blocks.ts';
import { cutAt, graphemeBorders } from './graphemes.ts';
import { MAX_WORD_LENGTH } from './words.ts';

const WHITE = /[\s\u0085]/;
const HAS_LETTER = /\p{L}/u;
const HAS_DIGIT = /\p{N}/u;
/** `Curie's`, `did` + `n't`. */
const CLITIC = /(?<=.)(?:['’](?:s|re|ve|ll|d|m)|n['’]t)$/i;
/** Two sentences without a space between. */
const FUSED = /(?<=\p{Ll}\p{Ll})\.(?=\p{Lu}\p{Ll})/u;
const NAME = /^\p{Lu}\p{Ll}/u;
/** What is one word when repeated. */
const REPEATED = /^[.-]+$/;

/** Spans of the words of `sentence` within `text`: every character but whitespace is in one of them. */
export type WordSplitter = (text: string, sentence: Span) => Span[];

/** @param language - a BCP 47 tag: languages written without spaces are split by dictionary */
export function wordSplitter(language: string): WordSplitter {
  const segmenter = new Intl.Segmenter(language, { granularity: 'word' });
  return (text, [start, end]) => {
    const sentence = text.slice(start, end);
    const isBorder = graphemeBorders(sentence);
    const parts: Span[] = [];
    for (const { index, segment } of segmenter.segment(sentence)) {
      if (segment === ' ' && isBorder(index) && isBorder(index + 1)) continue;
      if (WHITE.test(segment)) parts.push(...solid(sentence, [index, index + segment.length], isBorder));
      else parts.push(...split(segment, index));
    }
    return whole(joined(parts, sentence), isBorder)
      .flatMap((span) => bounded(sentence, span))
      .map(([from, to]) => [start + from, start + to]);
  };
}

/** The stretches of a span that are not whitespace. A space that carries a mark is no whitespace. */
function solid(text: string, [start, end]: Span, isBorder: (at: number) => boolean): Span[] {
  const spans: Span[] = [];
  let begin = start;
  for (let at = start; at < end; at++) {
    if (!WHITE.test(text[at] ?? '') || !isBorder(at) || !isBorder(at + 1)) continue;
    if (at > begin) spans.push([begin, at]);
    begin = at + 1;
  }
  if (end > begin) spans.push([begin, end]);
  return spans;
}

/** The parts of a segment that DocRED has apart. */
function split(segment: string, index: number): Span[] {
  const end = index + segment.length;
  const clitic = CLITIC.exec(segment)?.index;
  if (clitic !== undefined) return [...split(segment.slice(0, clitic), index), [index + clitic, end]];
  const stop = FUSED.exec(segment)?.index;
  if (stop === undefined) return [[index, end]];
  const at = index + stop;
  return [[index, at], [at, at + 1], ...split(segment.slice(stop + 1), at + 1)];
}

/** Parts that DocRED has together, put together. */
function joined(parts: readonly Span[], text: string): Span[] {
  const spans: Span[] = [];
  for (let i = 0; i < parts.length; i++) {
    const [start, end] = parts[i] as Span;
    const last = spans.at(-1);
    const touches = last?.[1] === start;
    const part = text.slice(start, end).replaceAll(WORD_JOINER, '');
    const next = parts[i + 1];
    const after = next?.[0] === end ? text.slice(...next) : '';
    if (!last || !touches) {
      spans.push([start, end]);
      continue;
    }
    const around = {
      before: text.slice(...last),
      after,
      previous: textBefore(spans, text),
      isLast: next === undefined,
    };
    if (next && connects(part, around)) {
      spans[spans.length - 1] = [last[0], next[1]];
      i++;
    } else if (belongs(part, around)) spans[spans.length - 1] = [last[0], end];
    else spans.push([start, end]);
  }
  return spans;
}

interface Neighbours {
  /** The word that touches the part, and the part that does on its other side; empty where there is none. */
  readonly before: string;
  readonly after: string;
  /** The word before that. */
  readonly previous: string;
  readonly isLast: boolean;
}

/** Whether the part makes one word of what stands on its two sides. */
function connects(part: string, { before, after }: Neighbours): boolean {
  if (after === '') return false;
  if (part === '&') return /^\p{Lu}{1,3}$/u.test(before) && /^\p{Lu}{1,3}$/u.test(after);
  if (part === '/') return isWord(before) && isWord(after) && !(NAME.test(before) && NAME.test(after));
  if (part !== '-' || NAME.test(after)) return false;
  return HAS_DIGIT.test(before)
    ? isWord(after) && !HAS_DIGIT.test(after)
    : isWord(before) && HAS_DIGIT.test(after);
}

/** Whether the part goes with the word before it. */
function belongs(part: string, { before, previous, isLast }: Neighbours): boolean {
  if (part === '.') {
    if (before.endsWith('.')) return REPEATED.test(before);
    // At the end of a sentence, a single letter is rather a number or a name: `World War I`.
    if (isLast && isInitial(before)) return /^\p{Lu}\.$/u.test(previous);
    return takesStop(before) || isDotted(before);
  }
  if (part === '-') return before.endsWith('-') && REPEATED.test(before);
  return part === 's' && (before === "'" || before === '’');
}

const isWord = (text: string): boolean => HAS_LETTER.test(text) || HAS_DIGIT.test(text);
const textBefore = (spans: readonly Span[], text: string): string => {
  const span = spans.at(-2);
  return span ? text.slice(...span) : '';
};

/** Spans with those put together that touch inside a character. */
function whole(spans: readonly Span[], isBorder: (at: number) => boolean): Span[] {
  const result: Span[] = [];
  for (const [start, end] of spans) {
    const last = result.at(-1);
    if (last?.[1] === start && !isBorder(start)) result[result.length - 1] = [last[0], end];
    else result.push([start, end]);
  }
  return result;
}

/** A span in parts of at most `MAX_WORD_LENGTH`, but for characters that are longer. */
function bounded(text: string, [start, end]: Span): Span[] {
  const spans: Span[] = [];
  let from = start;
  while (end - from > MAX_WORD_LENGTH) {
    const at = Math.min(end, cutAt(text, { from, limit: from + MAX_WORD_LENGTH }));
    spans.push([from, at]);
    from = at;
  }
  if (end > from) spans.push([from, end]);
  return spans;
}
