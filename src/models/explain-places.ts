/** Which word of the document each state of an encoder belongs to. */
import type { Document } from '../data/document.ts';
import { sentenceStarts } from '../data/word-distance.ts';
import type { PieceOptions } from '../features/encode.ts';
import type { EncodeOptions, Features } from '../features/features.ts';
import { windows } from '../features/windows.ts';

/** Of states that are no word's: [CLS], [SEP]. */
export const NO_WORD = -1;

/**
 * @param options.features - of the document, as `encode` makes them
 * @returns for every piece, or word, of all sequences its word's position in the document, or `NO_WORD`; [N]
 */
export function wordsOfStates(
  doc: Document,
  { encode, features }: { readonly encode: EncodeOptions; readonly features: Pick<Features, 'sequences'> },
): Int32Array {
  const { sequences } = features;
  const words =
    encode.reads === 'pieces' ? ofPieces(doc, encode, sequences) : ofWords(doc, encode.unit, sequences);
  const count = sequences.reduce((sum, { length }) => sum + length, 0);
  if (words.length !== count) throw new TypeError(`${words.length} words of ${count} states`);
  return Int32Array.from(words);
}

/** A sequence is a sentence with words, or a window; a document that is read as one is a single window. */
function ofWords(doc: Document, unit: 'document' | 'sentence', sequences: Features['sequences']): number[] {
  const firsts =
    unit === 'sentence'
      ? sentenceStarts(doc).filter((_, s) => (doc.sents[s]?.length ?? 0) > 0)
      : sequences.length === 1
        ? [0]
        : windows(doc.sents.flat().length, sequences[0]?.length ?? 1).map(({ from }) => from);
  return sequences.flatMap((sequence, s) => Array.from(sequence, (_, i) => (firsts[s] ?? 0) + i));
}

/** A sequence is a window with [CLS] before and [SEP] after it; the original's only one begins with the document. */
function ofPieces(doc: Document, options: PieceOptions, sequences: Features['sequences']): number[] {
  const owners: number[] = [];
  let word = 0;
  for (const sentence of doc.sents) {
    sentence.forEach((text, i) => {
      const isReplaced = options.text === 'sentence-cls' && i === sentence.length - 1;
      const pieces = isReplaced ? 1 : options.wordPiece.pieces(text).length;
      for (let piece = 0; piece < pieces; piece++) owners.push(word);
      word++;
    });
  }
  const spans = windows(owners.length, options.positions - 2);
  return sequences.flatMap((sequence, s) => {
    const from = options.mode === 'faithful' ? 0 : (spans[s]?.from ?? 0);
    return [NO_WORD, ...owners.slice(from, from + sequence.length - 2), NO_WORD];
  });
}
