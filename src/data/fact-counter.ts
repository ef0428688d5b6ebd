/**
 * Counts distinct facts (#Fact of the paper's Table 1) by each rule for when two label entries are one fact.
 *
 * Published numbers are those of `firstMention`: an entity is known across documents by the exact
 * string of its first listed mention. The other rules are there to compare.
 */
import type { Document, Entity } from './document.ts';
import { Triples } from './triples.ts';

export interface FactCounts {
  /** Distinct (head, relation, tail), an entity being the name of its first listed mention, exactly. */
  readonly firstMention: number;
  /** The same without regard to case (`toLowerCase`). */
  readonly caseFolded: number;
  /**
   * Label entries of which no pair of names (one of the head's, one of the tail's) stands in an earlier
   * entry of the same relation, in file order.
   */
  readonly anyMention: number;
  /** Groups of label entries that such shared pairs connect, directly or through others. */
  readonly transitive: number;
  /** Distinct (head name, relation, tail name) over all names of both: the facts that Ign F1 matches. */
  readonly names: number;
}

export class FactCounter {
  readonly #names = new Numbering();
  readonly #relations = new Numbering();
  readonly #byFirst = new Triples();
  readonly #byName = new Triples();
  /** Union-find over the triples of `byName`. */
  #parents = new Int32Array(1024);
  #anyMention = 0;
  /** Unions made: each makes one group of two. */
  #unions = 0;

  /** Takes the label entries of one more document. */
  add(doc: Document): void {
    const known: (readonly number[] | undefined)[] = [];
    const namesOf = (e: number): readonly number[] =>
      (known[e] ??= this.#distinctNames(doc.vertexSet[e] ?? []));
    for (const { h, t, r } of doc.labels ?? []) {
      const heads = namesOf(h);
      const tails = namesOf(t);
      const [head, tail] = [heads[0], tails[0]];
      if (head === undefined || tail === undefined) continue;
      const relation = this.#relations.of(r);
      this.#byFirst.of(head, relation, tail);
      this.#addNames(heads, relation, tails);
    }
  }

  /** The counts so far. */
  counts(): FactCounts {
    const folds = new Numbering();
    const folded = this.#names.texts().map((text) => folds.of(text.toLowerCase()));
    const byFolded = new Triples();
    this.#byFirst.forEach((head, r, tail) => byFolded.of(folded[head] ?? 0, r, folded[tail] ?? 0));
    return {
      firstMention: this.#byFirst.size,
      caseFolded: byFolded.size,
      anyMention: this.#anyMention,
      transitive: this.#byName.size - this.#unions,
      names: this.#byName.size,
    };
  }

  #distinctNames(entity: Entity): readonly number[] {
    return [...new Set(entity.map((mention) => this.#names.of(mention.name)))];
  }

  /** Joins all pairs of names of one label entry into one group. */
  #addNames(heads: readonly number[], relation: number, tails: readonly number[]): void {
    let group = -1;
    let fresh = true;
    for (const head of heads) {
      for (const tail of tails) {
        const known = this.#byName.size;
        const fact = this.#byName.of(head, relation, tail);
        if (fact === known) this.#begin(fact);
        else fresh = false;
        const root = this.#root(fact);
        if (group === -1) group = root;
        if (root === group) continue;
        this.#parents[root] = group;
        this.#unions++;
      }
    }
    if (fresh) this.#anyMention++;
  }

  /** A group of one. */
  #begin(fact: number): void {
    if (fact === this.#parents.length) {
      const larger = new Int32Array(this.#parents.length * 2);
      larger.set(this.#parents);
      this.#parents = larger;
    }
    this.#parents[fact] = fact;
  }

  #root(fact: number): number {
    const parents = this.#parents;
    let root = fact;
    while (parents[root] !== root) {
      const parent = parents[root] as number;
      parents[root] = parents[parent] as number;
      root = parent;
    }
    return root;
  }
}

/** Numbers texts 0, 1, ... in the order of their first appearance. */
class Numbering {
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }

  texts(): string[] {
    return [...this.#numbers.keys()];
  }
}
