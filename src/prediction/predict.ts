/** Facts of documents, by a saved system. */
import type { Document } from '../data/document.ts';
import { documentFeatures } from '../features/features.ts';
import type { OpenSystem } from '../models/open-system.ts';
import { type DocumentScores, scoreDocuments } from '../models/score.ts';
import { evidenceSentences } from './evidence.ts';

/** A predicted relation of two entities. */
export interface Fact {
  readonly title: string;
  /** Index of the head entity. */
  readonly head: number;
  readonly tail: number;
  /** Relation id. */
  readonly relation: string;
  /** Probability of the relation, above theta. */
  readonly score: number;
  /** Two steps: step 1's probability that the pair is related. */
  readonly gate: number | undefined;
  /** Sentences that mention the two; see `evidenceSentences`. */
  readonly evidence: readonly number[];
}

export interface PredictOptions {
  /** Pieces or words that run at once; default 2048 pieces or 16384 words. */
  readonly batchPieces?: number | undefined;
  /** Scores strictly above it are facts; default the saved one. */
  readonly theta?: number;
}

/** Documents that are held at once: those of like length among them run together. */
const CHUNK_DOCUMENTS = 128;

/**
 * Facts of each document, documents in their order, facts by falling score. Memory does not grow with their number.
 *
 * @throws RelataError `E_ENGINE`; and what reading the documents throws
 */
export async function* predict(
  system: OpenSystem,
  documents: AsyncIterable<Document> | Iterable<Document>,
  options: PredictOptions = {},
): AsyncGenerator<{ doc: Document; facts: Fact[] }> {
  const theta = Math.fround(options.theta ?? system.about.theta ?? 0.5);
  for await (const docs of chunksOf(documents, CHUNK_DOCUMENTS)) {
    const features = docs.map((doc) => documentFeatures(doc, system.relations, system.encode));
    let index = 0;
    for await (const scores of scoreDocuments(system.models, features, options.batchPieces)) {
      const doc = docs[index++];
      if (doc) yield { doc, facts: factsAbove(doc, scores, theta, system) };
    }
  }
}

function factsAbove(
  doc: Document,
  { pairs, scores, gates }: DocumentScores,
  theta: number,
  { relations }: OpenSystem,
): Fact[] {
  const width = relations.size - 1;
  const facts: Fact[] = [];
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (!(score > theta)) continue;
    const pair = pairs[Math.floor(i / width)];
    if (!pair) continue;
    facts.push({
      title: doc.title,
      head: pair.head,
      tail: pair.tail,
      relation: relations.relationId(1 + (i % width)),
      score,
      gate: gates?.[Math.floor(i / width)],
      evidence: evidenceSentences(doc, pair.head, pair.tail),
    });
  }
  return facts.sort((a, b) => b.score - a.score);
}

async function* chunksOf<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    if (chunk.push(item) === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
