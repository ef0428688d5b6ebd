/**
 * Isotonic regression: the rising step function that is closest to what was observed.
 *
 * By pool-adjacent-violators: neighbours that do not rise are pooled until all rise, which is the exact minimum of the
 * weighted squares, in one pass.
 * Source: Barlow et al., Statistical Inference under Order Restrictions (1972); for probabilities Zadrozny and Elkan,
 * KDD 2002.
 */

/** What was observed at x: `weight` times, on average `y`. */
export interface Observation {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/**
 * The blocks of the solution: their mean y, strictly rising, at their mean x; weights are sums.
 *
 * @param observations - by rising x, weights above 0
 */
export function isotonicBlocks(observations: Iterable<Observation>): Observation[] {
  const blocks: Observation[] = [];
  for (const observation of observations) {
    let block = observation;
    for (let last = blocks.at(-1); last !== undefined && last.y >= block.y; last = blocks.at(-1)) {
      block = pooled(last, block);
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks;
}

/**
 * Blocks of shares, pooled further: neighbours whose difference chance explains, the least first, and then as many as it
 * takes to have at most `most`.
 *
 * The measure is the log likelihood that pooling costs; twice it is a chi-square of one degree of freedom where the two
 * are really one (Wilks 1938).
 *
 * @param blocks - y are shares, from 0 to 1, of what has been seen `weight` times
 * @param options.most - at least 1
 * @param options.chance - what pooling may cost at most, in nats
 */
export function fewerBlocks(
  blocks: readonly Observation[],
  { most, chance }: { readonly most: number; readonly chance: number },
): Observation[] {
  const left = [...blocks];
  while (left.length > 1) {
    let [at, least] = [1, Infinity];
    for (let i = 1; i < left.length; i++) {
      const cost = poolingCost(left[i - 1] as Observation, left[i] as Observation);
      if (cost < least) [at, least] = [i, cost];
    }
    if (left.length <= most && least >= chance) break;
    left.splice(at - 1, 2, pooled(left[at - 1] as Observation, left[at] as Observation));
  }
  return left;
}

function pooled(a: Observation, b: Observation): Observation {
  const weight = a.weight + b.weight;
  return {
    x: (a.x * a.weight + b.x * b.weight) / weight,
    y: (a.y * a.weight + b.y * b.weight) / weight,
    weight,
  };
}

/** By how much pooling lowers the log likelihood. */
function poolingCost(a: Observation, b: Observation): number {
  return likelihood(a) + likelihood(b) - likelihood(pooled(a, b));
}

/** The largest log likelihood of what was observed. */
function likelihood({ y, weight }: Observation): number {
  return weight * (timesLog(y) + timesLog(1 - y));
}

/** y ln y, with its limit at 0. */
const timesLog = (y: number): number => (y > 0 ? y * Math.log(y) : 0);
