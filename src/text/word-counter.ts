/** How often each word of a text of any size occurs, for a vocabulary that is built from it. */

/** Words kept: some 300 MB. */
const MOST = 2_000_000;

/**
 * Counts what stands between white space, as it is spelt.
 *
 * Memory is bounded: past two million different words the rarest are dropped, those seen once, then twice and so on, until
 * at most half of them are left. A dropped word that comes again begins at 1, so counts of rare words may be too low; those
 * that a vocabulary is made of are not rare. (Lossy counting, Manku and Motwani 2002, with the bound on words instead of errors.)
 */
export class WordCounter {
  readonly #counts = new Map<string, number>();
  readonly #most: number;

  /** @param options.most - different words kept, at most; default: two million */
  constructor(options: { readonly most?: number } = {}) {
    this.#most = options.most ?? MOST;
  }

  /** Occurrences by word. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** @returns how many words the lines hold */
  add(lines: readonly string[]): number {
    let words = 0;
    for (const line of lines) {
      for (const word of wordsOf(line)) {
        this.#count(word);
        words++;
      }
    }
    return words;
  }

  #count(word: string): void {
    const count = this.#counts.get(word);
    if (count !== undefined) {
      this.#counts.set(word, count + 1);
      return;
    }
    // A copy: what is cut out of a text keeps all of it alive.
    this.#counts.set(word.length < SLICED ? word : Buffer.from(word, 'utf8').toString('utf8'), 1);
    if (this.#counts.size > this.#most) this.#dropRare();
  }

  #dropRare(): void {
    for (let rare = 1; this.#counts.size > this.#most / 2; rare++) {
      for (const [word, count] of this.#counts) if (count <= rare) this.#counts.delete(word);
    }
  }
}

/** Characters from which on V8 keeps a part of a string as a view of it. */
const SLICED = 13;

/** What stands between the white space of a line. */
export function wordsOf(line: string): string[] {
  return line.match(/\S+/g) ?? [];
}
