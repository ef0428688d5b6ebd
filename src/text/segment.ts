/** A text as a document: sentences and words, each with its place in the text. */
import { fail } from '../core/errors.ts';
import type { Span, TextDocument } from '../data/text-document.ts';
import { plainBlocks } from './blocks.ts';
import { MAX_TEXT_CHARACTERS } from './limits.ts';
import { markdownBlocks } from './markdown.ts';
import { sentenceSplitter } from './sentences.ts';
import { wordSplitter } from './word-spans.ts';

/** The longest sentence in words; the rest of a longer one is the next sentence. */
export const MAX_SENTENCE_WORDS = 500;

export interface RawText {
  readonly text: string;
  /** The document's only identifier; not a part of the text. */
  readonly title: string;
  /** Whether `text` is Markdown, whose markup is left out; default false. */
  readonly markdown?: boolean;
  /** BCP 47 tag of the language, for those that are split by dictionary; default `en`. */
  readonly language?: string;
}

/**
 * The document of a text, without entities.
 *
 * Every character of the text but whitespace and markup is in exactly one word, and every word is a piece of the text,
 * whatever the text holds: no character is changed, dropped or cut apart. Time is linear in the length of the text.
 *
 * @throws RelataError `E_TEXT` for one of more than `MAX_TEXT_CHARACTERS`
 */
export function segmentText({ text, title, markdown = false, language = 'en' }: RawText): TextDocument {
  if (text.length > MAX_TEXT_CHARACTERS)
    throw fail('E_TEXT', {
      where: title,
      reason: `it has ${text.length} characters, more than ${MAX_TEXT_CHARACTERS}`,
    });
  const { readable, spans } = markdown ? markdownBlocks(text) : plainBlocks(text);
  const sentencesOf = sentenceSplitter(language);
  const wordsOf = wordSplitter(language);
  const words: Span[][] = [];
  for (const span of spans) {
    for (const sentence of sentencesOf(readable, span)) {
      const found = wordsOf(readable, sentence);
      for (let w = 0; w < found.length; w += MAX_SENTENCE_WORDS)
        words.push(found.slice(w, w + MAX_SENTENCE_WORDS));
    }
  }
  const sents = words.map((sentence) => sentence.map(([start, end]) => text.slice(start, end)));
  return { doc: { title, sents, vertexSet: [] }, text, words };
}
