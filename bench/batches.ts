/** What both contestants train on: documents as plain JSON. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Rng } from '../src/core/rng.ts';
import type { Document } from '../src/data/document.ts';
import { loadDocuments } from '../src/data/read.ts';
import { relationsFrom } from '../src/data/relations.ts';
import { sampleCorpus } from '../src/data/sample/sample-corpus.ts';
import { wordCounts } from '../src/data/word-counts.ts';
import type { Item } from '../src/features/batch.ts';
import { distanceRows } from '../src/features/distance.ts';
import { documentFeatures, type EncodeOptions } from '../src/features/features.ts';
import { allPairs } from '../src/features/task.ts';
import { buildVocabulary } from '../src/text/train-vocabulary.ts';
import type { Vocabulary } from '../src/text/vocabulary.ts';
import { loadVocabulary } from '../src/text/vocabulary-file.ts';
import { WordPiece } from '../src/text/wordpiece.ts';

/** A document of one sequence. */
export interface BenchDocument {
  readonly sequence: readonly number[];
  readonly firstWords: readonly number[];
  /** Per entity: pieces and their weights. */
  readonly entities: readonly { readonly pieces: readonly number[]; readonly weights: readonly number[] }[];
  /** Head, tail, their rows of the distance table, relations. */
  readonly pairs: readonly (readonly [
    head: number,
    tail: number,
    headRow: number,
    tailRow: number,
    relations: readonly number[],
  ])[];
}

/** R of DocRED with N/A. */
export const CLASSES = 97;
/** Pieces of BERT's uncased vocabulary. */
export const VOCABULARY = 30_522;
/** Positions of BERT. */
const POSITIONS = 512;

export const shared = (path: string): string =>
  fileURLToPath(new URL(`../../shared/data/${path}`, import.meta.url));
export const trainFile = shared('docred/train.json');
export const vocabularyFile = shared('bert-vocab/bert-base-uncased-vocab.txt');
/** Whether DocRED and BERT's vocabulary lie beside the checkout. */
export const hasDocred = existsSync(trainFile) && existsSync(vocabularyFile);

/** Made-up documents of one length; an entity is two mentions of two words; one pair in thirty is related. */
export function evenBatch(size: { documents: number; pieces: number; entities: number }): BenchDocument[] {
  const rng = Rng.fromSeed(1, 'even batch');
  return Array.from({ length: size.documents }, () => {
    const firstWords = Array.from({ length: size.entities }, () => rng.integer(size.pieces - 4));
    const entities = firstWords.map((word) => {
      const other = rng.integer(size.pieces - 4);
      return { pieces: [word + 1, word + 2, other + 1, other + 2], weights: [0.25, 0.25, 0.25, 0.25] };
    });
    const pairs = firstWords.flatMap((headWord, head) =>
      firstWords.flatMap((tailWord, tail) => {
        if (head === tail) return [];
        const rows = distanceRows(headWord, tailWord);
        const relations = rng.integer(30) === 0 ? [1 + rng.integer(CLASSES - 1)] : [];
        return [[head, tail, rows.head, rows.tail, relations] as const];
      }),
    );
    return {
      sequence: Array.from({ length: size.pieces }, () => rng.integer(VOCABULARY)),
      firstWords,
      entities,
      pairs,
    };
  });
}

/** How BERT-base reads documents. */
export const readingOf = (vocabulary: Vocabulary): EncodeOptions => ({
  reads: 'pieces',
  wordPiece: new WordPiece(vocabulary),
  positions: POSITIONS,
  mode: 'corrected',
  text: 'plain',
});

/** Batches of documents drawn at random from DocRED's training part, or from the sample corpus where it is absent. */
export async function realBatches(size: { batches: number; documents: number }): Promise<BenchDocument[][]> {
  const documents = hasDocred
    ? await loadDocuments(trainFile)
    : sampleCorpus({ documents: 300, seed: 1 }).train;
  const vocabulary = hasDocred ? loadVocabulary(vocabularyFile) : sampleVocabulary(documents);
  const options = readingOf(vocabulary);
  const relations = relationsFrom(documents);
  const single = documents
    .map((doc) => documentFeatures(doc, relations, options))
    .filter(({ sequences, entities }) => sequences.length === 1 && entities.length > 1);
  const drawn = Rng.fromSeed(1, 'real batches').sample(single, size.batches * size.documents);
  const all = drawn.map((features) => describe({ features, pairs: allPairs(features) }));
  return Array.from({ length: size.batches }, (_, i) =>
    all.slice(i * size.documents, (i + 1) * size.documents),
  );
}

/** The document as our batch builder takes it. */
export function toItem({ sequence, firstWords, entities, pairs }: BenchDocument): Item {
  return {
    features: {
      title: '',
      sequences: [Int32Array.from(sequence)],
      pieces: sequence.length,
      states: sequence.length,
      firstWords: Int32Array.from(firstWords),
      entities: entities.map(({ pieces, weights }) => ({
        states: Int32Array.from(pieces),
        weights: Float32Array.from(weights),
        lost: [],
      })),
      related: [],
    },
    pairs: pairs.map(([head, tail, , , relations]) => ({ head, tail, relations })),
  };
}

/** The document as both sides take it; of one that needs windows only the first. */
export function describe({ features, pairs }: Item): BenchDocument {
  const firstWords = [...features.firstWords];
  const sequence = [...(features.sequences[0] ?? [])];
  return {
    sequence,
    firstWords,
    entities: features.entities.map(({ states, weights }) => {
      const seen = [...states.keys()].filter((i) => (states[i] ?? 0) < sequence.length);
      return { pieces: seen.map((i) => states[i] ?? 0), weights: seen.map((i) => weights[i] ?? 0) };
    }),
    pairs: pairs.map(({ head, tail, relations }) => {
      const rows = distanceRows(firstWords[head] ?? 0, firstWords[tail] ?? 0);
      return [head, tail, rows.head, rows.tail, relations];
    }),
  };
}

export function sampleVocabulary(documents: readonly Document[]): Vocabulary {
  return buildVocabulary(wordCounts(documents), { size: 8000, lowercase: true });
}
