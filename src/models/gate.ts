/** Step 1's decision: which pairs are related. */
import type { Pair } from '../features/features.ts';

/** 1 / (1 + e^-x), rounded to float32 as all scores are. */
export const probability = (logit: number): number => Math.fround(1 / (1 + Math.exp(-logit)));

/**
 * Whether step 1 lets a pair through: the logit of class 1 is strictly above that of class 0.
 *
 * @param logits - of step 1, [P, R] @param classes - R
 * @returns by how much it is above, and the probability that the pair is related, as the softmax of the two: above 0.5 means yes
 */
export function gateOf(
  logits: Float32Array,
  pair: number,
  classes: number,
): { readonly open: boolean; readonly margin: number; readonly gate: number } {
  const margin = (logits[pair * classes + 1] ?? 0) - (logits[pair * classes] ?? 0);
  return { open: margin > 0, margin, gate: probability(margin) };
}

/** Pairs by what step 1 says of them. */
export interface Gated {
  /** Those that it lets through, and its probabilities that they are related. */
  readonly pairs: Pair[];
  readonly gates: Float32Array;
  /** Those that it holds back. */
  readonly closed: Pair[];
}

/** @param logits - of step 1, [P, R] @param classes - R */
export function passGate(pairs: readonly Pair[], logits: Float32Array, classes: number): Gated {
  const [through, closed, gates]: [Pair[], Pair[], number[]] = [[], [], []];
  for (const [p, pair] of pairs.entries()) {
    const { open, gate } = gateOf(logits, p, classes);
    if (open) {
      through.push(pair);
      gates.push(gate);
    } else {
      closed.push(pair);
    }
  }
  return { pairs: through, gates: Float32Array.from(gates), closed };
}
