/** What the word-level systems share: their options, and the recurrent encoder of all but the CNN. */
import type { Mode } from '../features/encode.ts';
import type { Value } from '../graph/graph.ts';
import { relu } from '../graph/ops/index.ts';
import { type Dropout, lockedDropout } from '../nn/dropout.ts';
import { linearLayer } from '../nn/linear-layer.ts';
import { lstmLayer } from '../nn/lstm-layer.ts';
import type { Parameters } from '../nn/parameters.ts';
import { type Feature, wordEmbeddings, type WordShape } from '../nn/word-embeddings.ts';
import { sequenceInputs, wordInputs } from './inputs.ts';

/** A system as a graph. */
export interface BuiltSystem {
  readonly params: Parameters;
  /** [P, R]. */
  readonly logits: Value;
  /** Entity vectors [E, D], where logits depend on the text through them alone: `blockLogits` goes on from there. */
  readonly entities?: Value;
}

export interface WordSystemOptions {
  readonly encoder: WordShape;
  readonly mode: Mode;
  /** R. */
  readonly classes: number;
  readonly without: readonly Feature[];
}

/** Width of a recurrent state, of a word and of an entity vector. */
const WIDTH = 128;

/**
 * Word rows, locked dropout, LSTM over every sequence.
 *
 * @returns [N, directions 128]
 */
export function recurrentStates(
  params: Parameters,
  { encoder, without }: WordSystemOptions,
  dropout: Dropout,
  directions: 1 | 2,
): Value {
  const { graph } = params;
  const { steps, sequenceOf } = sequenceInputs(graph, directions);
  const words = wordEmbeddings(params, encoder, wordInputs(graph), without); // [N, 140]
  return lstmLayer(params, 'lstm', lockedDropout(dropout, words, sequenceOf, 'U'), steps, WIDTH);
}

/** Linear layer and ReLU on every word. @param states - [N, D] @returns [N, 128] */
export function projectedWords(params: Parameters, states: Value): Value {
  return relu(linearLayer(params, 'projection', states, { size: WIDTH, group: 'head' }));
}
