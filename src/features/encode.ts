/**
 * A document as a BERT sees it: sequences of pieces, and for every entity the weights with which the states
 * of pieces make its vector.
 *
 * An entity's vector is the mean over its mentions of the mean over their words; a word's state is that of its
 * first piece. `corrected` keeps to this. `faithful` does what the original code did (systems of 2019): one
 * sequence, cut; words that share a start collapse; weights of overlapping mentions overwrite each other.
 */
import type { Document, Entity } from '../data/document.ts';
import { sentenceStarts } from '../data/word-distance.ts';
import type { WordPiece } from '../text/wordpiece.ts';
import { placesIn, windows } from './windows.ts';

export type Mode = 'corrected' | 'faithful';
/** `sentence-cls` replaces the last word of every sentence by [CLS], as one branch of the original does. */
export type TextVariant = 'plain' | 'sentence-cls';
export const modes = ['corrected', 'faithful'] as const satisfies readonly Mode[];
export const textVariants = ['plain', 'sentence-cls'] as const satisfies readonly TextVariant[];

export interface PieceOptions {
  readonly reads: 'pieces';
  readonly wordPiece: WordPiece;
  /** Longest sequence of the encoder, in pieces, with [CLS] and [SEP]. */
  readonly positions: number;
  readonly mode: Mode;
  readonly text: TextVariant;
}

/** A sparse row over the states of a document, all its sequences one after the other. */
export interface WeightRow {
  readonly states: Int32Array;
  readonly weights: Float32Array;
  /**
   * `faithful` only: weights of words without a state, by word. The original gives such a word a row of -1 when another
   * document of the batch has that many words, else of 0.
   */
  readonly lost: readonly (readonly [word: number, weight: number])[];
}

export interface EncodedDocument {
  /** Ids of each sequence: pieces with [CLS] and [SEP], or words. */
  readonly sequences: readonly Int32Array[];
  /** Words only: 1 + the entity, and 1 + its type, of every word of the sequences; 0 where there is none. */
  readonly tags?: { readonly coreference: Int32Array; readonly types: Int32Array };
  /** One row per entity. */
  readonly entities: readonly WeightRow[];
  /** Words that have a state of their own; `faithful` needs it for `lost`. */
  readonly states: number;
}

/** The original leaves room for 509 pieces in 512; an encoder that takes less leaves less. */
const FAITHFUL_PIECES = 509;

export function encodePieces(doc: Document, options: PieceOptions): EncodedDocument {
  const { special } = options.wordPiece.vocabulary;
  const ids: number[] = [];
  const starts: number[] = [];
  for (const sentence of doc.sents) {
    sentence.forEach((word, i) => {
      starts.push(ids.length);
      if (options.text === 'sentence-cls' && i === sentence.length - 1) ids.push(special.cls);
      else for (const id of options.wordPiece.pieces(word)) ids.push(id);
    });
  }
  return options.mode === 'faithful' ? cut(doc, ids, starts, options) : inWindows(doc, ids, starts, options);
}

function inWindows(
  doc: Document,
  ids: readonly number[],
  starts: readonly number[],
  options: PieceOptions,
): EncodedDocument {
  const { cls, sep } = options.wordPiece.vocabulary.special;
  const spans = windows(ids.length, options.positions - 2);
  const sequences = spans.map(({ from, to }) => Int32Array.from([cls, ...ids.slice(from, to), sep]));
  // States of a piece, counted over all sequences: each window adds [CLS] before and [SEP] after its pieces.
  const statesOf = placesIn(spans, { before: 1, after: 1 });
  const wordStates = (word: number): number[] => {
    if (ids.length === 0) return [0];
    const start = starts[word] ?? ids.length;
    // A word without a piece takes the state of the piece before it, or of the first one.
    const own = (starts[word + 1] ?? ids.length) > start;
    return statesOf(own ? start : Math.max(0, start - 1));
  };
  const firstWords = sentenceStarts(doc);
  const entities = doc.vertexSet.map((entity) => {
    const sums = new Map<number, number>();
    for (const [word, weight] of mentionWeights(entity, firstWords)) {
      const states = wordStates(word);
      for (const state of states) sums.set(state, (sums.get(state) ?? 0) + weight / states.length);
    }
    return weightRow(sums, []);
  });
  return { sequences, entities, states: starts.length };
}

function cut(
  doc: Document,
  ids: readonly number[],
  starts: readonly number[],
  { wordPiece, positions }: PieceOptions,
): EncodedDocument {
  const { cls, sep } = wordPiece.vocabulary.special;
  const room = Math.min(FAITHFUL_PIECES, positions - 2);
  const sequence = Int32Array.from([cls, ...ids.slice(0, room), sep]);
  // Starts were kept as a row of zeros and ones: words that share a start share a one, and all later words shift.
  const ones = [...new Set(starts.map((start) => Math.min(1 + start, room)))].toSorted((a, b) => a - b);
  const firstWords = sentenceStarts(doc);
  const entities = doc.vertexSet.map((entity) => {
    const assigned = new Map(mentionWeights(entity, firstWords));
    const sums = new Map<number, number>();
    const lost: [number, number][] = [];
    for (const [word, weight] of assigned) {
      const state = ones[word];
      if (state === undefined) lost.push([word, weight]);
      else sums.set(state, weight);
    }
    return weightRow(sums, lost);
  });
  return { sequences: [sequence], entities, states: ones.length };
}

/**
 * Word of the document and weight, mention by mention: 1 / mentions / words of the mention.
 *
 * @param firstWords - the document position of each sentence's first word
 */
export function* mentionWeights(entity: Entity, firstWords: readonly number[]): Generator<[number, number]> {
  for (const { sent_id, pos } of entity) {
    const [start, end] = pos;
    for (let word = start; word < end; word++)
      yield [(firstWords[sent_id] ?? 0) + word, 1 / entity.length / (end - start)];
  }
}

export function weightRow(sums: ReadonlyMap<number, number>, lost: WeightRow['lost']): WeightRow {
  return { states: Int32Array.from(sums.keys()), weights: Float32Array.from(sums.values()), lost };
}
