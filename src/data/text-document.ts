/**
 * A document that knows where its words stand in a text.
 *
 * Positions are counted in UTF-16 code units, as JavaScript's strings are, so `text.slice(...span)` cuts a span out.
 */
import type { Document, Mention } from './document.ts';

/** Characters [start, end) of a text, in UTF-16 code units. */
export type Span = readonly [start: number, end: number];

export interface TextDocument {
  readonly doc: Document;
  readonly text: string;
  /** The characters of every word: `text.slice(...words[s][w])` is `doc.sents[s][w]`. Ascending, never overlapping. */
  readonly words: readonly (readonly Span[])[];
}

/** The characters of words [start, end) of a sentence; empty where there are none. */
function wordsSpan(
  { words }: Pick<TextDocument, 'words'>,
  sentence: number,
  [start, end]: readonly [number, number],
): Span {
  const first = words[sentence]?.[start];
  const last = words[sentence]?.[end - 1];
  return first && last ? [first[0], last[1]] : [0, 0];
}

/** The characters of a mention. */
export const mentionSpan = (document: Pick<TextDocument, 'words'>, { sent_id, pos }: Mention): Span =>
  wordsSpan(document, sent_id, pos);

/** The words of a mention as a person would write them: on one line, without markup between them. */
export function mentionText({ doc, text: source, words }: TextDocument, { sent_id, pos }: Mention): string {
  let text = '';
  let last = words[sent_id]?.[pos[0]]?.[0] ?? 0;
  for (let word = pos[0]; word < pos[1]; word++) {
    const [start = 0, end = 0] = words[sent_id]?.[word] ?? [];
    if (/\s/.test(source.slice(last, start))) text += ' ';
    text += doc.sents[sent_id]?.[word] ?? '';
    last = end;
  }
  return text;
}

/** The characters of a sentence, from its first word to its last. */
export const sentenceSpan = (document: Pick<TextDocument, 'words'>, sentence: number): Span =>
  wordsSpan(document, sentence, [0, document.words[sentence]?.length ?? 0]);

/** A document that came as words, with a text made of them: one space between words, a line end between sentences. */
export function joinWords(doc: Document): TextDocument {
  let text = '';
  const words = doc.sents.map((sentence, s) => {
    if (s > 0) text += '\n';
    return sentence.map((word, w): Span => {
      if (w > 0) text += ' ';
      text += word;
      return [text.length - word.length, text.length];
    });
  });
  return { doc, text, words };
}
