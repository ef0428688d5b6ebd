/**
 * The ranking curve: precision and recall at every rank of all scored facts, without sorting them.
 *
 * Facts are ranked by score, descending; equal scores keep the order in which they were added. Precision changes at
 * every rank, but F1 and Ign F1 fall, and the area does not grow, wherever a fact is wrong. So everything that is
 * asked of the curve follows from the exact ranks of the correct facts, and a rank is a count: the facts with a higher
 * score, and the equal ones that came before. One pass over the scores counts for all correct facts at once.
 *
 * Memory: 4 bytes a fact (DocRED's test part: 37.6 million facts, 150 MB) and some 50 for each correct one.
 *
 * Source: DocRED baselines, Config.py:551-726. Differs: float64 in place of float32 arithmetic, so that the fifth
 * digit may differ. Scores are float32, as the models' are. What one must know of it:
 * - F1 is the best of the curve, so that theta is optimistic on the data that it is chosen on. Pass the theta of the
 *   development part to score another one.
 * - A given theta keeps scores STRICTLY above it, which leaves out the fact that theta was read from: F1 at the chosen
 *   theta is below the best F1 that defined it.
 * - The best cut may fall inside a run of equal scores, which no threshold can reproduce, and depends on the order in
 *   which facts were added. `tieSafe` cuts between different scores only.
 */
import { fail } from '../core/errors.ts';
import { curveOf, pointsOf } from './curve.ts';
import type { CorrectFact, CurvePoint, RankingCurve } from './curve.ts';

export type { CurvePoint, CutScores, RankingCurve } from './curve.ts';

/** Flags of a fact: it is gold; it is gold and training states it. */
export const CORRECT = 1;
export const IN_TRAIN = 2;

/** Facts per block; blocks are added as facts come, so that nothing is copied. */
const BLOCK = 1 << 20;

/** Facts are looked up by the upper half of their score's bits first. */
const COARSE_BITS = 16;

/** Collects scored facts; `curve` measures them. */
export class Ranking {
  readonly #blocks: Float32Array[] = [];
  #size = 0;
  /** Of correct facts, in the order in which they were added. */
  readonly #correctAt: number[] = [];
  readonly #correctInTrain: boolean[] = [];
  /** The highest score. */
  #top = Number.NEGATIVE_INFINITY;

  /** Number of facts. */
  get size(): number {
    return this.#size;
  }

  /** Adds one fact. @throws RelataError `E_SCORE` for NaN */
  add(score: number, correct = false, inTrain = false): void {
    // Zero is added so that -0, which equals 0, has the same bits.
    const value = Math.fround(score) + 0;
    if (Number.isNaN(value)) throw fail('E_SCORE', { position: this.#size });
    const offset = this.#size % BLOCK;
    if (offset === 0) this.#blocks.push(new Float32Array(BLOCK));
    (this.#blocks.at(-1) as Float32Array)[offset] = value;
    if (correct) {
      this.#correctAt.push(this.#size);
      this.#correctInTrain.push(inTrain);
    }
    if (value > this.#top) this.#top = value;
    this.#size++;
  }

  /**
   * Adds facts in their order.
   *
   * @param flags - `CORRECT`, `CORRECT | IN_TRAIN` or 0 for each; default: all wrong
   * @throws RelataError `E_SCORE` for NaN
   */
  append(scores: Float32Array | Float64Array, flags?: Uint8Array): void {
    for (let i = 0; i < scores.length; i++) {
      const flag = flags?.[i] ?? 0;
      this.add(scores[i] as number, (flag & CORRECT) !== 0, (flag & IN_TRAIN) !== 0);
    }
  }

  /**
   * What the ranking is worth.
   *
   * @param goldCount - gold facts, whether they were scored or not; 0 counts as 1
   * @param options.theta - scores strictly above it are output; default: the best theta of this very ranking
   */
  curve(goldCount: number, options: { readonly theta?: number } = {}): RankingCurve {
    return curveOf({
      size: this.#size,
      top: this.#size === 0 ? 0 : this.#top,
      correct: this.#correctByRank(),
      goldCount: Math.max(1, goldCount),
      theta: options.theta === undefined ? undefined : Math.fround(options.theta),
      countAbove: (theta) => this.#countAbove(theta),
    });
  }

  /**
   * At most `most` points of precision over recall; see `pointsOf`.
   *
   * @param goldCount - as `curve` takes it
   * @param options.most - default 300, at least 2
   */
  points(goldCount: number, { most = 300 }: { readonly most?: number } = {}): CurvePoint[] {
    return pointsOf(this.#correctByRank(), Math.max(1, goldCount), Math.max(2, most));
  }

  /** The highest score strictly below `score`; minus infinity when there is none. */
  highestBelow(score: number): number {
    let highest = Number.NEGATIVE_INFINITY;
    let left = this.#size;
    for (const block of this.#blocks) {
      const end = Math.min(left, BLOCK);
      for (let i = 0; i < end; i++) {
        const value = block[i] as number;
        if (value < score && value > highest) highest = value;
      }
      left -= end;
    }
    return highest;
  }

  #correctByRank(): CorrectFact[] {
    const scores = Float32Array.from(this.#correctAt, (at) => this.#scoreAt(at));
    const levels = scores.slice().sort().reverse();
    const distinct = levels.filter((score, i) => i === 0 || score !== levels[i - 1]);
    const { above, equal, before } = this.#count(distinct);

    const correct = this.#correctAt.map((_, i) => {
      const score = scores[i] as number;
      const level = firstNotAbove(distinct, score);
      const rank = (above[level] as number) + (before[i] as number) + 1;
      const end = (above[level] as number) + (equal[level] as number);
      return { rank, score, end, inTrain: this.#correctInTrain[i] === true };
    });
    return correct.sort((a, b) => a.rank - b.rank);
  }

  #scoreAt(at: number): number {
    return (this.#blocks[Math.floor(at / BLOCK)] as Float32Array)[at % BLOCK] as number;
  }

  #countAbove(theta: number): number {
    let count = 0;
    let left = this.#size;
    for (const block of this.#blocks) {
      const end = Math.min(left, BLOCK);
      for (let i = 0; i < end; i++) if ((block[i] as number) > theta) count++;
      left -= end;
    }
    return count;
  }

  /**
   * One pass over all facts: how many score above each level and how many equal it, and for each correct fact how many
   * of its equals came before.
   *
   * @param levels - distinct scores, descending
   */
  #count(levels: Float32Array): { above: Float64Array; equal: Float64Array; before: Float64Array } {
    const keys = Uint32Array.from(levels, keyOf);
    // Levels whose key begins with c are first[c] <= level < first[c + 1]: keys ascend as scores descend.
    const first = new Uint32Array((1 << COARSE_BITS) + 1);
    for (const key of keys)
      first[(key >>> COARSE_BITS) + 1] = (first[(key >>> COARSE_BITS) + 1] as number) + 1;
    for (let c = 1; c < first.length; c++) first[c] = (first[c] as number) + (first[c - 1] as number);

    // between[l]: facts below level l - 1 and above level l.
    const between = new Float64Array(levels.length + 1);
    const equal = new Float64Array(levels.length);
    const before = new Float64Array(this.#correctAt.length);
    let next = 0;
    let left = this.#size;
    let start = 0;
    for (const block of this.#blocks) {
      const bits = new Int32Array(block.buffer);
      const end = Math.min(left, BLOCK);
      for (let i = 0; i < end; i++) {
        const bit = bits[i] as number;
        const key = (bit < 0 ? bit : ~bit & 0x7fffffff) >>> 0;
        let low = first[key >>> COARSE_BITS] as number;
        let high = first[(key >>> COARSE_BITS) + 1] as number;
        while (low < high) {
          const middle = (low + high) >>> 1;
          if ((keys[middle] as number) < key) low = middle + 1;
          else high = middle;
        }
        if (keys[low] === key) {
          if (start + i === this.#correctAt[next]) before[next++] = equal[low] as number;
          equal[low] = (equal[low] as number) + 1;
        } else {
          between[low] = (between[low] as number) + 1;
        }
      }
      left -= end;
      start += end;
    }

    const above = new Float64Array(levels.length);
    let sum = 0;
    for (let level = 0; level < levels.length; level++) {
      sum += between[level] as number;
      above[level] = sum;
      sum += equal[level] as number;
    }
    return { above, equal, before };
  }
}

const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);

/** A number that ascends as the float32 descends. */
function keyOf(score: number): number {
  float[0] = score;
  const bit = floatBits[0] as number;
  return (bit < 0 ? bit : ~bit & 0x7fffffff) >>> 0;
}

/** The first position of `levels` (descending) that is not above `score`. */
function firstNotAbove(levels: Float32Array, score: number): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((levels[middle] as number) > score) low = middle + 1;
    else high = middle;
  }
  return low;
}
