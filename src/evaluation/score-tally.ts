/**
 * How often scores are right, in bounded memory: all scored facts of a collection, counted by score.
 *
 * A bin is what two float32 share that agree in sign, exponent and seven bits of the fraction, of the score below a
 * half and of its distance from 1 above: fine where probabilities are close to 0 or to 1, at most 1/128 of the odds
 * wide, and found without a logarithm. A bin remembers the sum of its scores, so that its mean is exact. Tens of
 * millions of facts take 280 kB.
 *
 * Documents fall into two halves in turn, so that what is fitted on one can be measured on the other.
 */
import { CORRECT } from './ranking.ts';

/** Facts of about one score. */
export interface ScoreLevel {
  /** Their mean score, from 0 to 1. */
  readonly score: number;
  readonly facts: number;
  /** How many of them are right. */
  readonly right: number;
}

/** Documents of even and of odd position. */
export const halves = [0, 1] as const;
export type Half = (typeof halves)[number];

/** Bits of a float32 that make no bin. */
const FINE_BITS = 16;
/** Below 2^-24, half the distance of the float32 under 1, scores share one bin. */
const LOWEST = (127 - 24) << (23 - FINE_BITS);
/** The bin of 0.5, in the middle. */
const MIDDLE = (126 << (23 - FINE_BITS)) - LOWEST;
const BINS = 2 * MIDDLE + 1;

interface Counts {
  readonly facts: Float64Array;
  readonly right: Float64Array;
  /** Of the scores. */
  readonly sum: Float64Array;
}

/** Counts scored facts, document by document. */
export class ScoreTally {
  readonly #halves: readonly [Counts, Counts] = [emptyCounts(), emptyCounts()];
  #documents = 0;

  /** Documents that were added. */
  get documents(): number {
    return this.#documents;
  }

  /**
   * Adds the facts of the next document.
   *
   * @param scores - probabilities
   * @param flags - `CORRECT` and other bits, for each score
   */
  addDocument(scores: Float32Array, flags: Uint8Array): void {
    const counts = this.#halves[(this.#documents % 2) as Half];
    this.#documents++;
    const { facts, right, sum } = counts;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      const bin = binOf(score);
      facts[bin] = (facts[bin] as number) + 1;
      sum[bin] = (sum[bin] as number) + score;
      if (((flags[i] as number) & CORRECT) !== 0) right[bin] = (right[bin] as number) + 1;
    }
  }

  /** What was counted, by rising score. @param half - of the documents; default all */
  levels(half?: Half): ScoreLevel[] {
    const counted = half === undefined ? this.#halves : [this.#halves[half]];
    const levels: ScoreLevel[] = [];
    for (let bin = 0; bin < BINS; bin++) {
      let [facts, right, sum] = [0, 0, 0];
      for (const counts of counted) {
        facts += counts.facts[bin] as number;
        right += counts.right[bin] as number;
        sum += counts.sum[bin] as number;
      }
      if (facts > 0) levels.push({ score: sum / facts, facts, right });
    }
    return levels;
  }
}

function emptyCounts(): Counts {
  return { facts: new Float64Array(BINS), right: new Float64Array(BINS), sum: new Float64Array(BINS) };
}

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

/** Rises with the score. */
function binOf(score: number): number {
  const isHigh = score >= 0.5;
  float[0] = isHigh ? 1 - score : score;
  const distance = Math.max(0, ((floatBits[0] as number) >>> FINE_BITS) - LOWEST);
  return isHigh ? 2 * MIDDLE - distance : distance;
}
