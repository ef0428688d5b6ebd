/** How much is done in a second, as of late. */

/** Weight of the newest batch. */
const NEWEST = 0.3;

export class Throughput {
  #rate: number | undefined;
  #lastEnd = 0;

  /** Undefined before anything was done. */
  get wordsPerSecond(): number | undefined {
    return this.#rate;
  }

  /** Counts a batch that ran from `began` to `ended`, in ms; time in which another one ran too counts once. */
  add(words: number, began: number, ended: number): void {
    const seconds = (ended - Math.max(began, this.#lastEnd)) / 1000;
    this.#lastEnd = ended;
    if (seconds <= 0) return;
    const rate = words / seconds;
    this.#rate = this.#rate === undefined ? rate : NEWEST * rate + (1 - NEWEST) * this.#rate;
  }
}
