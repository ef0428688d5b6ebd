/** Facts of documents, by a saved system. */
import type { Document } from '../data/document.ts';
import { documentFeatures, type Features, type Pair } from '../features/features.ts';
import { type LongLimits, longLimits } from '../models/long-document.ts';
import type { OpenSystem } from '../models/open-system.ts';
import { scoreDocuments } from '../models/score.ts';
import { BestFacts } from './best-facts.ts';
import { evidenceOf } from './evidence.ts';

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
  /** Sentences that may lie between the nearest mentions of a fact's entities; default: any number. */
  readonly reach?: number | undefined;
  /** From where on a document is read in parts; default `longLimits`. */
  readonly limits?: LongLimits;
  /** Facts of a document that are kept; default `MOST_FACTS`. */
  readonly mostFacts?: number;
}

/** What is found in a document. */
export interface PredictedDocument {
  readonly doc: Document;
  /** By falling score. */
  readonly facts: Fact[];
  /** Facts above theta that were more than are kept: those with the lowest scores. */
  readonly leftOut: number;
}

/** A fact of few bytes. */
interface Kept {
  readonly pair: Pair;
  readonly relation: number;
  readonly score: number;
  readonly gate: number | undefined;
  readonly evidence: readonly number[];
}

/**
 * Facts of each document, documents in their order, facts by falling score. Memory grows neither with their number nor with
 * the pairs of one.
 *
 * Documents are read and encoded while others run, see `PairModel.score`. When reading them fails, the facts of all
 * documents before come first.
 *
 * @throws RelataError `E_ENGINE`; `E_LONG_DOCUMENT` for a long document and a model that cannot read one; and what reading the documents throws
 */
export async function* predict(
  system: OpenSystem,
  documents: AsyncIterable<Document> | Iterable<Document>,
  options: PredictOptions = {},
): AsyncGenerator<PredictedDocument> {
  const theta = Math.fround(options.theta ?? system.about.theta ?? 0.5);
  /** Read, and not yet done. */
  const waiting: Document[] = [];
  const { batchPieces, mostFacts, reach = Number.POSITIVE_INFINITY } = options;
  const limits = { ...(options.limits ?? longLimits), reach: options.reach };
  let best = new BestFacts<Kept>(mostFacts);
  let evidenceFor: ReturnType<typeof evidenceOf> | undefined;
  for await (const scores of scoreDocuments(system.models, features(), batchPieces, limits)) {
    const [doc] = waiting;
    if (!doc) continue;
    evidenceFor ??= evidenceOf(doc);
    for (const { p, pair, relation, score } of scores.above(theta)) {
      const { sentences, apart } = evidenceFor(pair.head, pair.tail);
      if (apart <= reach) best.add({ pair, relation, score, gate: scores.gates?.[p], evidence: sentences });
    }
    if (scores.hasMore) continue;
    waiting.shift();
    yield { doc, facts: factsOf(doc, best.sorted(), system), leftOut: best.leftOut };
    best = new BestFacts(mostFacts);
    evidenceFor = undefined;
  }

  async function* features(): AsyncGenerator<Features> {
    for await (const doc of documents) {
      waiting.push(doc);
      const features = documentFeatures(doc, system.relations, system.encode);
      yield options.reach === undefined ? features : { ...features, sentences: sentencesOf(doc) };
    }
  }
}

/** Of each entity, ascending. */
const sentencesOf = ({ vertexSet }: Document): Int32Array[] =>
  vertexSet.map((entity) => Int32Array.from(new Set(entity.map(({ sent_id }) => sent_id))).sort());

/** @param kept - of the document, by falling score */
const factsOf = ({ title }: Document, kept: readonly Kept[], { relations }: OpenSystem): Fact[] =>
  kept.map(({ pair: { head, tail }, relation, ...fact }) => ({
    title,
    head,
    tail,
    relation: relations.relationId(relation),
    ...fact,
  }));
