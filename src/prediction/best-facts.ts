/** The facts with the best scores, of as many as there are, in bounded memory. */

/**
 * Facts of a document that are kept: a threshold far too low would make billions of a book's. All facts of a document of 52
 * entities, at DocRED's 96 relations, are fewer; its largest has 42.
 */
export const MOST_FACTS = 2 ** 18;

/** Keeps the best of what is added; of equal scores, what came first. */
export class BestFacts<F extends { readonly score: number }> {
  readonly #most: number;
  #facts: F[] = [];
  #leftOut = 0;
  /** The lowest score that is kept once there are more than enough: what comes with no more is left out. */
  #floor = Number.NEGATIVE_INFINITY;

  constructor(most: number = MOST_FACTS) {
    this.#most = most;
  }

  add(fact: F): void {
    if (fact.score <= this.#floor) {
      this.#leftOut++;
      return;
    }
    this.#facts.push(fact);
    if (this.#facts.length >= 2 * this.#most) this.#cut();
  }

  /** Facts that were added and are not kept. */
  get leftOut(): number {
    return this.#leftOut + Math.max(0, this.#facts.length - this.#most);
  }

  /** By falling score. */
  sorted(): F[] {
    this.#cut();
    return [...this.#facts];
  }

  #cut(): void {
    // Sorting is stable, and what is added later stands behind.
    this.#facts.sort((a, b) => b.score - a.score);
    if (this.#facts.length <= this.#most) return;
    this.#leftOut += this.#facts.length - this.#most;
    this.#facts.length = this.#most;
    this.#floor = this.#facts.at(-1)?.score ?? Number.POSITIVE_INFINITY;
  }
}
