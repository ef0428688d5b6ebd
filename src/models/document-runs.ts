/** A stream of documents in runs of short ones, with a long one between two runs. */
import type { Features } from '../features/features.ts';

export class DocumentRuns {
  readonly #iterator: AsyncIterator<Features> | Iterator<Features>;
  readonly #isLong: (features: Features) => boolean;
  #long: Features | undefined;
  /** Whether no document is left. */
  isDone = false;

  constructor(
    documents: AsyncIterable<Features> | Iterable<Features>,
    isLong: (features: Features) => boolean,
  ) {
    this.#iterator =
      Symbol.asyncIterator in documents ? documents[Symbol.asyncIterator]() : documents[Symbol.iterator]();
    this.#isLong = isLong;
  }

  /** Those up to the next long one. */
  async *short(): AsyncGenerator<Features> {
    for (;;) {
      const { done, value } = await this.#iterator.next();
      this.isDone = done === true;
      if (done === true) return;
      if (this.#isLong(value)) {
        this.#long = value;
        return;
      }
      yield value;
    }
  }

  /** The long one that ended the run. */
  takeLong(): Features | undefined {
    const features = this.#long;
    this.#long = undefined;
    return features;
  }

  /** Ends the source where it has more. */
  async close(): Promise<void> {
    if (!this.isDone) await this.#iterator.return?.();
  }
}
