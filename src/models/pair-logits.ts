/** How all systems but Context-Aware end: entity vectors, and a bilinear score of every pair and class. */
import type { Value } from '../graph/graph.ts';
import { entityVectors } from '../nn/entity-vectors.ts';
import { distanceWidth, pairScorer } from '../nn/pair-scorer.ts';
import type { Parameters } from '../nn/parameters.ts';
import type { Feature } from '../nn/word-embeddings.ts';
import { mentionInputs, pairInputs } from './inputs.ts';

/**
 * @param words - states of words [N, D]
 * @param options.classes - R
 * @returns logits [P, R]
 */
export function pairLogits(
  params: Parameters,
  words: Value,
  { classes, without }: { readonly classes: number; readonly without: readonly Feature[] },
): Value {
  const { graph } = params;
  const entities = entityVectors(words, mentionInputs(graph)); // [E, D]
  return pairScorer(params, entities, pairInputs(graph), {
    classes,
    distanceWidth: distanceWidth(without),
  });
}
