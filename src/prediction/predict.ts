/** Facts of documents, by a saved system. */
import type { Document } from '../data/document.ts';
import { documentFeatures, type Features } from '../features/features.ts';
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

/**
 * Facts of each document, documents in their order, facts by falling score. Memory does not grow with their number.
 *
 * Documents are read and encoded while others run, see `PairModel.score`. When reading them fails, the facts of all
 * documents before come first.
 *
 * @throws RelataError `E_ENGINE`; and what reading the documents throws
 */
export async function* predict(
  system: OpenSystem,
  documents: AsyncIterable<Document> | Iterable<Document>,
  options: PredictOptions = {},
): AsyncGenerator<{ doc: Document; facts: Fact[] }> {
  const theta = Math.fround(options.theta ?? system.about.theta ?? 0.5);
  /** Read, and not yet done. */
  const waiting: Document[] = [];
  for await (const scores of scoreDocuments(system.models, features(), options.batchPieces)) {
    const doc = waiting.shift();
    if (doc) yield { doc, facts: factsAbove(doc, scores, theta, system) };
  }

  async function* features(): AsyncGenerator<Features> {
    for await (const doc of documents) {
      waiting.push(doc);
      yield documentFeatures(doc, system.relations, system.encode);
    }
  }
}

function factsAbove(doc: Document, scores: DocumentScores, theta: number, { relations }: OpenSystem): Fact[] {
  const facts: Fact[] = [];
  for (const { p, pair, relation, score } of scores.above(theta)) {
    facts.push({
      title: doc.title,
      head: pair.head,
      tail: pair.tail,
      relation: relations.relationId(relation),
      score,
      gate: scores.gates?.[p],
      evidence: evidenceSentences(doc, pair.head, pair.tail),
    });
  }
  return facts.sort((a, b) => b.score - a.score);
}
