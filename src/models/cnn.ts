/**
 * CNN (Yao et al. 2019; DocRED baselines, models/CNN3.py): three blocks of convolution, max pooling, ReLU and dropout.
 *
 * Pooling comes before the activation, and nothing projects the words. Letters as in `inputs.ts`; R classes.
 */
import type { Graph } from '../graph/graph.ts';
import { relu } from '../graph/ops/index.ts';
import { convLayer, maxPool } from '../nn/conv-layer.ts';
import type { Dropout } from '../nn/dropout.ts';
import { Parameters } from '../nn/parameters.ts';
import { wordEmbeddings } from '../nn/word-embeddings.ts';
import { neighbourInputs, wordInputs } from './inputs.ts';
import { pairLogits } from './pair-logits.ts';
import type { BuiltSystem, WordSystemOptions } from './word-system.ts';

/** Width of a word after each block. */
const WIDTH = 200;
const BLOCKS = 3;

export function cnn(graph: Graph, options: WordSystemOptions, dropout: Dropout): BuiltSystem {
  const params = new Parameters(graph);
  const neighbours = neighbourInputs(graph);
  let words = wordEmbeddings(params, options.encoder, wordInputs(graph), options.without); // [N, 140]
  for (let block = 0; block < BLOCKS; block++) {
    const convolved = convLayer(params, `conv.${block}`, words, neighbours, WIDTH); // [N, 200]
    words = dropout(relu(maxPool(convolved, neighbours)));
  }
  return { params, ...pairLogits(params, words, options) };
}
