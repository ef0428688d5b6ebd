/**
 * BiLSTM (Yao et al. 2019; DocRED baselines, models/BiLSTM.py): reads the document in both directions.
 *
 * Letters as in `inputs.ts`; R classes.
 */
import type { Graph } from '../graph/graph.ts';
import type { Dropout } from '../nn/dropout.ts';
import { Parameters } from '../nn/parameters.ts';
import { pairLogits } from './pair-logits.ts';
import { type BuiltSystem, projectedWords, recurrentStates, type WordSystemOptions } from './word-system.ts';

export function bilstm(graph: Graph, options: WordSystemOptions, dropout: Dropout): BuiltSystem {
  const params = new Parameters(graph);
  const states = recurrentStates(params, options, dropout, 2); // [N, 256]
  const words = projectedWords(params, states); // [N, 128]
  return { params, ...pairLogits(params, words, options) };
}
