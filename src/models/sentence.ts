/**
 * SentModel (Wang et al. 2019, section 3.4): the BiLSTM, but every sentence is a sequence of its own.
 *
 * Nothing is read across sentences; coreference ids, distances and the mean over mentions still cross them. Source: the
 * paper's repository at 7917bdf. Letters as in `inputs.ts`; R classes.
 */
import type { Graph, Value } from '../graph/graph.ts';
import { concat } from '../graph/ops/index.ts';
import type { Dropout } from '../nn/dropout.ts';
import { Parameters } from '../nn/parameters.ts';
import { pairLogits } from './pair-logits.ts';
import { type BuiltSystem, projectedWords, recurrentStates, type WordSystemOptions } from './word-system.ts';

export function sentence(graph: Graph, options: WordSystemOptions, dropout: Dropout): BuiltSystem {
  const params = new Parameters(graph);
  const states = recurrentStates(params, options, dropout, 2); // [N, 256]
  const words = projectedWords(params, options.mode === 'faithful' ? withLostWords(states) : states); // [N, 128]
  return { params, ...pairLogits(params, words, options) };
}

/** Rows of 0 for words that the original does not read; see `originalSentences`. [N, D] to [N + 2, D] */
function withLostWords(states: Value): Value {
  const width = Number(states.shape[1]);
  return concat([states, states.graph.constant(new Float32Array(2 * width), [2, width])], 0);
}
