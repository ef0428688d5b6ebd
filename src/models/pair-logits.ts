/** How all systems but Context-Aware end: entity vectors, and a bilinear score of every pair and class. */
import type { Graph, Value } from '../graph/graph.ts';
import { entityVectors } from '../nn/entity-vectors.ts';
import { blockScorer, distanceWidth, pairScorer } from '../nn/pair-scorer.ts';
import { Parameters } from '../nn/parameters.ts';
import type { Feature } from '../nn/word-embeddings.ts';
import { blockInputs, mentionInputs, pairInputs } from './inputs.ts';

interface PairOptions {
  /** R. */
  readonly classes: number;
  readonly without: readonly Feature[];
}

/**
 * @param words - states of words [N, D]
 * @returns entity vectors [E, D], and logits [P, R], which depend on the text through them alone
 */
export function pairLogits(
  params: Parameters,
  words: Value,
  { classes, without }: PairOptions,
): { entities: Value; logits: Value } {
  const { graph } = params;
  const entities = entityVectors(words, mentionInputs(graph)); // [E, D]
  const logits = pairScorer(params, entities, pairInputs(graph), {
    classes,
    distanceWidth: distanceWidth(without),
  }); // [P, R]
  return { entities, logits };
}

/**
 * The same scores by entity vectors that are given: of pairs of some heads and some tails of a document.
 *
 * @param options.width - D
 * @returns logits [P, R], and their parameters, which `pairLogits` has by the same names
 */
export function blockLogits(
  graph: Graph,
  { classes, without, width }: PairOptions & { readonly width: number },
): { params: Parameters; logits: Value } {
  const params = new Parameters(graph);
  const { heads, tails, ...inputs } = blockInputs(graph, width);
  const logits = blockScorer(params, { heads, tails }, inputs, {
    classes,
    distanceWidth: distanceWidth(without),
  }); // [P, R]
  return { params, logits };
}
