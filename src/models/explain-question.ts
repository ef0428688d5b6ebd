/** What is asked about one score, and the form in which words answer. */
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import type { EncodeOptions, Features } from '../features/features.ts';
import type { SessionOptions } from '../runtime/session.ts';

/** A pair of a document. */
export interface PairQuestion {
  readonly doc: Document;
  /** Of `doc`. */
  readonly features: Features;
  readonly encode: EncodeOptions;
  readonly relations: RelationVocabulary;
  readonly head: number;
  readonly tail: number;
}

/** One of its scores. */
export interface LogitQuestion extends PairQuestion {
  /** The class, k. */
  readonly relation: number;
  readonly engine?: SessionOptions | undefined;
  readonly batchPieces?: number | undefined;
}

/** What a word, by its position in the document, adds. */
export type WordParts = ReadonlyMap<number, number>;
