/**
 * LSTM (Yao et al. 2019; DocRED baselines, models/LSTM.py): reads the document from its first word to its last.
 *
 * Letters as in `inputs.ts`; R classes.
 */
import type { Graph } from '../graph/graph.ts';
import type { Dropout } from '../nn/dropout.ts';
import { Parameters } from '../nn/parameters.ts';
import { pairLogits } from './pair-logits.ts';
import { type BuiltSystem, projectedWords, recurrentStates, type WordSystemOptions } from './word-system.ts';

export function lstmSystem(graph: Graph, options: WordSystemOptions, dropout: Dropout): BuiltSystem {
  const params = new Parameters(graph);
  const states = recurrentStates(params, options, dropout, 1); // [N, 128]
  const words = projectedWords(params, states); // [N, 128]
  return { params, ...pairLogits(params, words, options) };
}
