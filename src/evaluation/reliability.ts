/**
 * Whether probabilities mean what they say: of facts that are said to be right with probability 0.8, 80 % should be.
 *
 * Sources: reliability diagrams and the expected calibration error (ECE): Guo et al., ICML 2017, section 2, with bins of
 * equal width; the score of Brier 1950. What is measured must be chosen:
 * among millions of impossible facts, rightly near 0, the error of those that are output vanishes.
 */
import type { ScoreLevel } from './score-tally.ts';

/** Facts, and with what probability they are said to be right. */
export interface Judged extends ScoreLevel {
  readonly probability: number;
}

export interface ReliabilityBin {
  /** Probabilities from `low`; up to `high`, which belongs to the next bin. */
  readonly low: number;
  readonly high: number;
  readonly facts: number;
  readonly right: number;
  /** Mean of the probabilities: what was said. */
  readonly said: number;
  /** Share that is right: what is so. */
  readonly found: number;
}

export interface Reliability {
  readonly facts: number;
  readonly right: number;
  /** Mean distance between what is said and what is so, over bins by their facts; null without facts. */
  readonly ece: number | null;
  /** Mean squared distance between the probability and 1 (right) or 0 (wrong). */
  readonly brier: number | null;
  /** Mean negative logarithm of the probability of what is so, in nats. */
  readonly logLoss: number | null;
  /** Without empty ones, by rising probability. */
  readonly bins: readonly ReliabilityBin[];
}

const BINS = 10;

/** Bins of equal width between 0 and 1, and the measures. @param options.bins - how many; default 10 */
export function reliability(
  judged: readonly Judged[],
  { bins = BINS }: { readonly bins?: number } = {},
): Reliability {
  const groups = Array.from({ length: bins }, (): Judged[] => []);
  for (const level of judged) groups[Math.min(bins - 1, Math.floor(level.probability * bins))]?.push(level);
  const filled = groups.flatMap((group, i) =>
    group.length === 0 ? [] : [binOf(group, i / bins, (i + 1) / bins)],
  );
  return measuresOf(judged, filled);
}

function binOf(group: readonly Judged[], low: number, high: number): ReliabilityBin {
  const facts = sumOf(group, (level) => level.facts);
  const right = sumOf(group, (level) => level.right);
  const said = sumOf(group, (level) => level.facts * level.probability) / facts;
  return { low, high, facts, right, said, found: right / facts };
}

function measuresOf(judged: readonly Judged[], bins: readonly ReliabilityBin[]): Reliability {
  const facts = sumOf(judged, (level) => level.facts);
  const right = sumOf(judged, (level) => level.right);
  const mean = (sum: number): number | null => (facts === 0 ? null : sum / facts);
  return {
    facts,
    right,
    ece: mean(sumOf(bins, (bin) => bin.facts * Math.abs(bin.said - bin.found))),
    brier: mean(
      sumOf(
        judged,
        ({ probability, ...level }) =>
          level.right * (1 - probability) ** 2 + (level.facts - level.right) * probability ** 2,
      ),
    ),
    logLoss: mean(
      sumOf(
        judged,
        ({ probability, ...level }) =>
          surprise(level.right, probability) + surprise(level.facts - level.right, 1 - probability),
      ),
    ),
    bins,
  };
}

/** A probability of 0 for what happened costs infinitely much; nothing happened costs nothing. */
function surprise(times: number, probability: number): number {
  return times === 0 ? 0 : -times * Math.log(probability);
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
