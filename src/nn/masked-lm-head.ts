/**
 * What guesses masked pieces: a dense layer, GELU and layer norm, then a score for every piece, its word embedding being
 * its weights. Only masked pieces go through it.
 *
 * Letters: N pieces, K masked ones, D width, V pieces of the vocabulary. Parameter names are those of the published
 * checkpoints. Source: Devlin et al. 2019, section 3.1 and the original code.
 */
import type { Value } from '../graph/graph.ts';
import {
  add,
  gather,
  gelu,
  layerNorm,
  linear,
  logSoftmax,
  logSumExp,
  multiply,
  reduceSum,
  reshape,
  subtract,
} from '../graph/ops/index.ts';
import { type BertShape, WORD_EMBEDDINGS } from './bert-encoder.ts';
import { normal, ones, zeros } from './initialisers.ts';
import { linearLayer } from './linear-layer.ts';
import type { Parameters } from './parameters.ts';

/** Names of the head's parameters begin so. */
export const HEAD = 'cls.predictions';

/** The name of what is added to the score of each piece, [V]. */
export const HEAD_BIAS = `${HEAD}.bias`;

/** What scores are made of: those of all pieces are `states decoder^T + bias`. */
export interface MaskedHead {
  /** [K, D]. */
  readonly states: Value;
  /** The encoder's word embeddings, [V, D]. */
  readonly decoder: Value;
  /** [V]. */
  readonly bias: Value;
}

/** @param hidden - the encoder's states [N, D] @param masked - which of them are asked for, int32 [K] */
export function maskedHead(params: Parameters, shape: BertShape, hidden: Value, masked: Value): MaskedHead {
  const { vocabularySize, width, initialDeviation, layerNormEpsilon } = shape;
  const decoder = params.values.get(WORD_EMBEDDINGS);
  if (!decoder) throw new TypeError('the encoder comes first');
  const group = 'head';
  const dense = linearLayer(params, `${HEAD}.transform.dense`, gather(hidden, masked), {
    size: width,
    group,
    weight: normal(initialDeviation),
    bias: zeros,
  });
  const norm = `${HEAD}.transform.LayerNorm`;
  const weight = params.declare(`${norm}.weight`, [width], ones, { group });
  const bias = params.declare(`${norm}.bias`, [width], zeros, { group });
  return {
    states: layerNorm(gelu(dense), weight, bias, layerNormEpsilon),
    decoder,
    bias: params.declare(HEAD_BIAS, [vocabularySize], zeros, { group }),
  };
}

/** Logarithms of the probabilities of all pieces, [K, V]. */
export const maskedLogProbabilities = ({ states, decoder, bias }: MaskedHead): Value =>
  logSoftmax(linear(states, decoder, bias));

/**
 * The cross-entropy of the right pieces.
 *
 * log softmax(s)_t = s_t - log sum_v e^(s_v): the scores of the right pieces come from their own rows of the table, so that
 * no table of targets [K, V] is made.
 *
 * @param targets - int32 [K]
 * @param scale - []: 1 / the number of masked pieces of the whole batch
 * @returns a scalar
 */
export function maskedLoss({ states, decoder, bias }: MaskedHead, targets: Value, scale: Value): Value {
  const all = logSumExp(linear(states, decoder, bias)); // [K, 1]
  const weights = reduceSum(multiply(states, gather(decoder, targets)), [1], { keep: true }); // [K, 1]
  const biases = gather(reshape(bias, [bias.shape[0] ?? 0, 1]), targets); // [K, 1]
  return multiply(reduceSum(subtract(all, add(weights, biases))), scale);
}
