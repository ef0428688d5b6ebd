/**
 * Sentences of a paragraph: those of `Intl.Segmenter`, less the breaks after abbreviations and initials.
 *
 * It runs over windows, since its time is quadratic in what it is given; each begins where the one before surely
 * ended a sentence, so the result is that of the whole paragraph but for sentences longer than a window, which are cut.
 */
import type { Span } from '../data/text-document.ts';
import { needsNumber, opensSentence, stopAfter } from './abbreviations.ts';
import { cutAt, graphemeBorders } from './graphemes.ts';

/** The longest sentence, and what is looked at once; in UTF-16 code units. */
const MAX_SENTENCE_CHARACTERS = 4096;

/** How a sentence ends that may not: with a word of letters and its full stop. And what follows it. */
const LAST_WORD = /([\p{L}\p{M}\p{N}.]+)\.\s*$/u;
const NEXT_WORD = /^[\s"“'‘([]*([\p{L}\p{M}'’]+|\p{N})/u;
/** More than any abbreviation, with what stands around it. */
const CONTEXT = 48;
/** The rest of references such as `[1][2]`, whose first bracket `Intl.Segmenter` takes for the end of the sentence. */
const REFERENCE = /[^\s[\]]{1,12}\](?:\[[^\s[\]]{1,12}\])*\s*/y;

/** Splits a paragraph: spans of `text` that follow each other without gaps. */
export type SentenceSplitter = (text: string, paragraph: Span) => Generator<Span>;

/** @param language - a BCP 47 tag; abbreviations are English ones whatever it is */
export function sentenceSplitter(language: string): SentenceSplitter {
  const segmenter = new Intl.Segmenter(language, { granularity: 'sentence' });
  return function* (text, [start, end]) {
    let begin = start;
    for (const { at, forced } of breaks(segmenter, text, [start, end])) {
      if (at <= begin) continue;
      const undone = !forced && at < end && !endsAt(text, { begin, at });
      if (undone && at - begin <= MAX_SENTENCE_CHARACTERS) continue;
      yield [begin, at];
      begin = at;
    }
  };
}

interface Break {
  readonly at: number;
  /** Whether it is only there because the sentence is too long. */
  readonly forced: boolean;
}

/** Where sentences of the paragraph may end; the last one is its end. */
function* breaks(segmenter: Intl.Segmenter, text: string, [start, end]: Span): Generator<Break> {
  for (let from = start; from < end;) {
    const limit = from + MAX_SENTENCE_CHARACTERS;
    const until = limit >= end ? end : Math.min(end, cutAt(text, { from, limit }));
    if (until > limit) {
      // One character, longer than the window: there is nothing in it to find.
      yield { at: until, forced: true };
      from = until;
      continue;
    }
    const stretch = text.slice(from, until);
    const isBorder = graphemeBorders(stretch);
    let last = 0;
    for (const { index } of segmenter.segment(stretch)) {
      if (index === 0 || !isBorder(index)) continue;
      last = index;
      yield { at: pastReference(text, from + index), forced: false };
    }
    if (until === end) {
      yield { at: end, forced: true };
      return;
    }
    if (last === 0) {
      last = lastSpace(stretch);
      yield { at: from + last, forced: true };
    }
    from += last;
  }
}

/** Whether the sentence from `begin` ends at `at`, where `Intl.Segmenter` ends it. */
function endsAt(text: string, { begin, at }: { readonly begin: number; readonly at: number }): boolean {
  const [, word] = LAST_WORD.exec(text.slice(Math.max(begin, at - CONTEXT), at)) ?? [];
  const stop = word === undefined ? undefined : stopAfter(word);
  if (word === undefined || stop === undefined) return true;
  const [, next] = NEXT_WORD.exec(text.slice(at, at + CONTEXT)) ?? [];
  if (next === undefined) return true;
  if (needsNumber(word)) return !/^\p{N}/u.test(next);
  return stop === 'maybe' && opensSentence(next);
}

/** A break behind an opening bracket belongs behind the reference in it, or before it. */
function pastReference(text: string, at: number): number {
  const bracket = text[at - 1];
  if (bracket !== '[' && bracket !== '(') return at;
  REFERENCE.lastIndex = at;
  return bracket === '[' && REFERENCE.test(text) ? REFERENCE.lastIndex : at - 1;
}

/** Behind the last space of a text, or its end where it has none. */
function lastSpace(text: string): number {
  for (let at = text.length; at > 0; at--) if (/[\s\u0085]/.test(text[at - 1] ?? '')) return at;
  return text.length;
}
