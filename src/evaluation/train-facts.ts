/**
 * Facts that the training data states, by name: what Ign F1 does not count.
 *
 * Entities are compared across documents by their mentions' exact names, over all pairs of names: one common pair
 * marks a fact as known.
 *
 * Source: official DocRED evaluation.py (gen_train_facts). Differs: nothing is cached beside the data.
 */
import { fail } from '../core/errors.ts';
import type { Document, Entity } from '../data/document.ts';
import { parseElement } from '../data/elements.ts';
import { show } from '../data/problem.ts';
import { readDocuments, readElements } from '../data/read.ts';

/** Head and tail as one exact number: head * this + tail. */
const PAIR = 2 ** 26;

/** A set of (head name, tail name, relation). */
export class TrainFacts {
  readonly #names = new Map<string, number>();
  /** Pairs of name numbers, by relation: some fifty bytes a fact, for the millions of the distant part. */
  readonly #pairs = new Map<string, Set<number>>();

  /** Number of distinct triples. */
  get size(): number {
    let size = 0;
    for (const pairs of this.#pairs.values()) size += pairs.size;
    return size;
  }

  add(head: string, tail: string, relation: string): void {
    let pairs = this.#pairs.get(relation);
    if (pairs === undefined) this.#pairs.set(relation, (pairs = new Set()));
    pairs.add(this.#number(head) * PAIR + this.#number(tail));
  }

  /** Adds every pair of names of every label. */
  addDocument(doc: Document): void {
    for (const { h, t, r } of doc.labels ?? []) {
      for (const head of doc.vertexSet[h] ?? []) {
        for (const tail of doc.vertexSet[t] ?? []) this.add(head.name, tail.name, r);
      }
    }
  }

  /** Whether training states this relation for any name of the head and any name of the tail. */
  has(head: Entity, tail: Entity, relation: string): boolean {
    const pairs = this.#pairs.get(relation);
    if (pairs === undefined) return false;
    for (const from of head) {
      const headNumber = this.#names.get(from.name);
      if (headNumber === undefined) continue;
      for (const to of tail) {
        const tailNumber = this.#names.get(to.name);
        if (tailNumber !== undefined && pairs.has(headNumber * PAIR + tailNumber)) return true;
      }
    }
    return false;
  }

  #number(name: string): number {
    let number = this.#names.get(name);
    if (number === undefined) this.#names.set(name, (number = this.#names.size));
    return number;
  }
}

/** The facts of these documents. */
export function factsOf(documents: Iterable<Document>): TrainFacts {
  const facts = new TrainFacts();
  for (const doc of documents) facts.addDocument(doc);
  return facts;
}

/**
 * The facts of all these files together: documents, or `.fact` files ([[head name, tail name, relation], ...]), told
 * apart by content.
 *
 * @param options.noRelation - relation ids whose labels are dropped
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_DOCUMENT`, `E_FIELD`
 */
export async function loadTrainFacts(
  paths: readonly string[],
  options: { readonly noRelation?: readonly string[] } = {},
): Promise<TrainFacts> {
  const facts = new TrainFacts();
  const dropped = new Set(options.noRelation);
  for (const path of paths) {
    if (await holdsTriples(path)) {
      for await (const element of readElements(path)) {
        const [head, tail, relation] = triple(parseElement(element, path), `${path}, fact ${element.index}`);
        if (!dropped.has(relation)) facts.add(head, tail, relation);
      }
    } else {
      for await (const doc of readDocuments(path, { noRelation: [...dropped] })) facts.addDocument(doc);
    }
  }
  return facts;
}

/** Whether the first element is an array. */
async function holdsTriples(path: string): Promise<boolean> {
  for await (const element of readElements(path)) return element.text.startsWith('[');
  return false;
}

function triple(value: unknown, where: string): [head: string, tail: string, relation: string] {
  if (Array.isArray(value) && value.length === 3) {
    const [head, tail, relation] = value as unknown[];
    if (typeof head === 'string' && typeof tail === 'string' && typeof relation === 'string') {
      return [head, tail, relation];
    }
  }
  throw fail('E_FIELD', {
    expected: 'an array of head name, tail name and relation',
    found: show(value),
    where,
  });
}
