/**
 * Whether one run is better than another, or only luckier in its documents: the paired bootstrap.
 *
 * Documents are drawn with replacement, as many as there are, and both runs are measured on the same draw. The spread
 * of their difference over many draws says what other documents of the same kind could have shown. It covers the choice
 * of documents; that of the seed is covered by groups of runs, whose means are compared on each draw.
 *
 * - Interval: percentiles. Of B differences in order, the k-th and the (B + 1 - k)-th, k = floor((B + 1) (1 - c) / 2).
 * - p, two-sided: twice the share of draws in which the difference is not above 0, or not below 0, whichever is
 *   smaller; at most 1. One draw is added to both counts, so that p is never 0: (1 + count) / (1 + B).
 *   It is below 0.05 where the 95 % interval leaves out 0.
 * - Predicted facts of titles that no document has are in no draw; each draw counts all of them as wrong.
 *
 * Source: Efron and Tibshirani 1993 (percentile interval); Koehn 2004 (paired, over the items of a test set).
 */
import { fail } from '../core/errors.ts';
import { Rng } from '../core/rng.ts';
import type { DocumentCounts } from './document-counts.ts';

/** One measure of two runs, or the means over the runs of two groups. */
export interface Difference {
  /** On the documents themselves. */
  readonly first: number;
  readonly second: number;
  /** first - second. */
  readonly difference: number;
  /** Ends of the interval of the difference. */
  readonly low: number;
  readonly high: number;
  /** Two-sided p-value of no difference. */
  readonly p: number;
}

export interface BootstrapResult {
  readonly f1: Difference;
  /** Null unless training is known for all runs. */
  readonly ignF1: Difference | null;
  readonly documents: number;
  readonly resamples: number;
  /** Share of differences within the interval. */
  readonly confidence: number;
  readonly seed: number;
}

export interface BootstrapOptions {
  /** Draws; default 10,000. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly confidence?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** Differences below it come of rounding and count as none. */
const NO_DIFFERENCE = 1e-12;

/**
 * Compares two runs, or two groups of runs, on the same documents.
 *
 * @param first - counts of one run, or of several, such as one for each seed
 * @throws RelataError `E_USAGE` when the counts are not of the same documents
 */
export function pairedBootstrap(
  first: DocumentCounts | readonly DocumentCounts[],
  second: DocumentCounts | readonly DocumentCounts[],
  options: BootstrapOptions = {},
): BootstrapResult {
  const { resamples = 10_000, confidence = 0.95, seed = 1 } = options;
  const groups = [first, second].map((runs) => (Array.isArray(runs) ? runs : [runs]) as DocumentCounts[]);
  const documents = mustMatch(groups);
  const knowsTraining = groups.flat().every(({ correctInTrain }) => correctInTrain !== null);
  const packed = groups.map((runs) => runs.map(pack));

  const weights = new Int32Array(documents);
  /** Means of F1 and Ign F1 of each group, each document counted as often as it was drawn. */
  const measure = (): [Means, Means] => {
    const [a = [], b = []] = packed;
    return [meansOf(a, weights), meansOf(b, weights)];
  };
  const whole = (weights.fill(1), measure());
  const differences = { f1: new Float64Array(resamples), ignF1: new Float64Array(resamples) };
  const rng = Rng.fromSeed(seed, 'bootstrap');
  for (let n = 0; n < resamples; n++) {
    weights.fill(0);
    for (let i = 0; i < documents; i++) {
      const drawn = rng.integer(documents);
      weights[drawn] = (weights[drawn] as number) + 1;
    }
    const [a, b] = measure();
    differences.f1[n] = a.f1 - b.f1;
    differences.ignF1[n] = a.ignF1 - b.ignF1;
  }
  const compare = (name: 'f1' | 'ignF1'): Difference =>
    compared(whole[0][name], whole[1][name], differences[name], confidence);
  return {
    f1: compare('f1'),
    ignF1: knowsTraining ? compare('ignF1') : null,
    documents,
    resamples,
    confidence,
    seed,
  };
}

/** How many documents there are. */
function mustMatch(groups: readonly (readonly DocumentCounts[])[]): number {
  const [reference, ...others] = groups.flat();
  const matches = others.every(
    ({ gold }) =>
      gold.length === reference?.gold.length && gold.every((count, d) => count === reference.gold[d]),
  );
  if (reference !== undefined && matches && groups.every((runs) => runs.length > 0))
    return reference.gold.length;
  throw fail('E_USAGE', {
    what: 'Expected at least one run on each side, all of them on the same documents, to compare',
    help: 'Evaluate all runs on one gold file.',
  });
}

interface Packed {
  /** Predicted, correct, correct in training and gold facts of each document: [documents, 4]. */
  readonly counts: Int32Array;
  readonly elsewhere: number;
}

function pack({ predicted, correct, correctInTrain, gold, elsewhere }: DocumentCounts): Packed {
  const counts = new Int32Array(4 * gold.length);
  for (let d = 0; d < gold.length; d++) {
    counts.set([predicted[d] ?? 0, correct[d] ?? 0, correctInTrain?.[d] ?? 0, gold[d] ?? 0], 4 * d);
  }
  return { counts, elsewhere };
}

interface Means {
  f1: number;
  ignF1: number;
}

function meansOf(runs: readonly Packed[], weights: Int32Array): Means {
  const means = { f1: 0, ignF1: 0 };
  for (const { counts, elsewhere } of runs) {
    let [predicted, correct, inTrain, gold] = [elsewhere, 0, 0, 0];
    for (let d = 0; d < weights.length; d++) {
      const weight = weights[d] as number;
      predicted += weight * (counts[4 * d] as number);
      correct += weight * (counts[4 * d + 1] as number);
      inTrain += weight * (counts[4 * d + 2] as number);
      gold += weight * (counts[4 * d + 3] as number);
    }
    if (correct > 0) means.f1 += (2 * correct) / (predicted + gold) / runs.length;
    if (correct > inTrain) {
      const [precision, recall] = [(correct - inTrain) / (predicted - inTrain), correct / gold];
      means.ignF1 += (2 * precision * recall) / (precision + recall) / runs.length;
    }
  }
  return means;
}

function compared(first: number, second: number, differences: Float64Array, confidence: number): Difference {
  const size = differences.length;
  let [notAbove, notBelow] = [0, 0];
  for (const difference of differences) {
    if (difference <= NO_DIFFERENCE) notAbove++;
    if (difference >= -NO_DIFFERENCE) notBelow++;
  }
  const sorted = differences.toSorted();
  // Rounded first: (1 - 0.95) / 2 is a little above 0.025.
  const k = Math.max(1, Math.floor((size + 1) * Number(((1 - confidence) / 2).toFixed(12))));
  return {
    first,
    second,
    difference: first - second,
    low: sorted[k - 1] ?? 0,
    high: sorted[size - k] ?? 0,
    p: Math.min(1, (2 * (1 + Math.min(notAbove, notBelow))) / (1 + size)),
  };
}
