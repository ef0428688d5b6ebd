/** Entity vectors: the mean over an entity's mentions of the mean over their words. */
import type { Value } from '../graph/graph.ts';
import { gather, multiply, scatterAdd } from '../graph/ops/index.ts';

/** One entry for every word of every mention. Letters: W such entries, N states, E entities. */
export interface MentionInputs {
  /** The state of the word, below N: [W]. */
  readonly states: Value;
  /** Its share of the entity's vector: [W, 1]. */
  readonly weights: Value;
  /** The entity, below E: [W]. */
  readonly entities: Value;
  /** E. */
  readonly count: string;
}

/** @param states - [N, D] @returns [E, D] */
export function entityVectors(states: Value, mentions: MentionInputs): Value {
  const words = multiply(gather(states, mentions.states), mentions.weights); // [W, D]
  return scatterAdd(words, mentions.entities, mentions.count);
}
