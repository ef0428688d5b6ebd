/** Predicted facts by the index of their document: the same from a model and from a submission. */
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import type { Prediction } from './submission.ts';

/** A fact of one of several documents. */
export interface DocumentFact {
  /** Index of the document; below 0 for a title that none of them has. */
  readonly document: number;
  /** Indices of the entities. */
  readonly head: number;
  readonly tail: number;
  /** Relation id. */
  readonly relation: string;
}

/** A fact that a model predicts. */
export interface ScoredFact extends DocumentFact {
  readonly score: number;
}

/**
 * The facts of a submission, each once.
 *
 * Titles tell documents apart: of documents with the same title the last has the facts. Each title that no document has
 * gets a number of its own, -1 and below.
 */
export function submittedFacts(
  predictions: readonly Prediction[],
  documents: readonly Document[],
): DocumentFact[] {
  const numbers = new Map(documents.map(({ title }, index) => [title, index]));
  let unknown = 0;
  const facts = new Map<string, DocumentFact>();
  for (const { title, h_idx, t_idx, r } of predictions) {
    const document = numbers.get(title) ?? --unknown;
    numbers.set(title, document);
    const key = `${document} ${h_idx} ${t_idx} ${r}`;
    if (!facts.has(key)) facts.set(key, { document, head: h_idx, tail: t_idx, relation: r });
  }
  return [...facts.values()];
}

/** A document's distinct gold facts. */
export function goldFacts(doc: Document, document: number): DocumentFact[] {
  const facts = new Map<string, DocumentFact>();
  for (const { h, t, r } of doc.labels ?? [])
    facts.set(`${h} ${t} ${r}`, { document, head: h, tail: t, relation: r });
  return [...facts.values()];
}

/** Tells whether a fact is gold. */
export function goldTest(documents: readonly Document[]): (fact: DocumentFact) => boolean {
  const gold = documents.map((doc) => new Set((doc.labels ?? []).map(({ h, t, r }) => `${h} ${t} ${r}`)));
  return ({ document, head, tail, relation }) => gold[document]?.has(`${head} ${tail} ${relation}`) === true;
}

/** Facts per block. */
const BLOCK = 1 << 16;
/** Whole numbers of a fact: document, head, tail, relation. */
const WIDTH = 4;

/**
 * A model's facts in 20 bytes each: a threshold that is far too low keeps millions of them.
 *
 * Going through it makes one fact after the other.
 */
export class FactList implements Iterable<ScoredFact> {
  readonly #relations: RelationVocabulary;
  readonly #places: Int32Array[] = [];
  readonly #scores: Float32Array[] = [];
  #size = 0;

  constructor(relations: RelationVocabulary) {
    this.#relations = relations;
  }

  get size(): number {
    return this.#size;
  }

  /** @param relation - index into the vocabulary */
  add(document: number, head: number, tail: number, relation: number, score: number): void {
    const at = this.#size++ % BLOCK;
    if (at === 0) {
      this.#places.push(new Int32Array(BLOCK * WIDTH));
      this.#scores.push(new Float32Array(BLOCK));
    }
    this.#places.at(-1)?.set([document, head, tail, relation], at * WIDTH);
    this.#scores.at(-1)?.set([score], at);
  }

  *[Symbol.iterator](): Generator<ScoredFact> {
    for (const [b, places] of this.#places.entries()) {
      const end = Math.min(BLOCK, this.#size - b * BLOCK);
      for (let i = 0; i < end; i++) {
        const [document = 0, head = 0, tail = 0, relation = 0] = places.subarray(i * WIDTH, (i + 1) * WIDTH);
        const score = this.#scores[b]?.[i] ?? 0;
        yield { document, head, tail, relation: this.#relations.relationId(relation), score };
      }
    }
  }
}
