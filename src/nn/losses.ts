/** Losses over pairs. `scale` is a scalar input: 1 / the number of terms of the whole batch, also when it is run in parts. */
import type { Value } from '../graph/graph.ts';
import { logSoftmax, multiply, reduceSum, scale as times, softplus, subtract } from '../graph/ops/index.ts';

/**
 * Binary cross-entropy with logits, one problem per class: sum of log(1 + e^x) - x y.
 *
 * Source: DocRED baselines, config/Config.py.
 * @param logits, targets - [P, R]
 * @param scale - []
 * @returns a scalar
 */
export function binaryCrossEntropy(logits: Value, targets: Value, scale: Value): Value {
  return multiply(reduceSum(subtract(softplus(logits), multiply(logits, targets))), scale);
}

/**
 * Cross-entropy of one decision per pair.
 *
 * @param logits, targets - [P, R]; each row of targets sums to 1
 * @param scale - []
 * @returns a scalar
 */
export function crossEntropy(logits: Value, targets: Value, scale: Value): Value {
  return multiply(times(reduceSum(multiply(logSoftmax(logits), targets)), -1), scale);
}
