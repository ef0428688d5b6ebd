/** One document as typed arrays: the same in training and prediction. */
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { firstMentionWords } from '../data/word-distance.ts';
import { type EncodedDocument, encodePieces, type PieceOptions } from './encode.ts';
import { encodeWords, type WordOptions } from './encode-words.ts';

/** What a model reads: word pieces, or words. */
export type EncodeOptions = PieceOptions | WordOptions;

/** An ordered pair of entities, h != t, with the relations that hold. */
export interface Pair {
  readonly head: number;
  readonly tail: number;
  /** Indices into the relation vocabulary, 1 and above, each once; empty when the pair is not related. */
  readonly relations: readonly number[];
}

export interface Features extends EncodedDocument {
  readonly title: string;
  /** Pieces, or words, of all sequences. */
  readonly pieces: number;
  /** Document position of each entity's first listed mention, in words. */
  readonly firstWords: Int32Array;
  /** Sentences that mention each entity, ascending; only where pairs far apart are to be left out. */
  readonly sentences?: readonly Int32Array[];
  /** Related pairs, in order of first appearance. */
  readonly related: readonly Pair[];
}

/** Features of a document. Labels of relations outside the vocabulary and labels with h = t are left out. */
export function documentFeatures(
  doc: Document,
  relations: RelationVocabulary,
  options: EncodeOptions,
): Features {
  const encoded = options.reads === 'words' ? encodeWords(doc, options) : encodePieces(doc, options);
  const labelled = new Map<number, Set<number>>();
  const entities = doc.vertexSet.length;
  for (const { h, t, r } of doc.labels ?? []) {
    const relation = relations.relationIndex(r);
    if (h === t || relation === undefined || relation === 0) continue;
    const key = h * entities + t;
    labelled.set(key, (labelled.get(key) ?? new Set()).add(relation));
  }
  const related = [...labelled].map(([key, set]) => ({
    head: Math.floor(key / entities),
    tail: key % entities,
    relations: [...set],
  }));
  return {
    ...encoded,
    title: doc.title,
    pieces: encoded.sequences.reduce((sum, sequence) => sum + sequence.length, 0),
    firstWords: Int32Array.from(firstMentionWords(doc)),
    related,
  };
}
