/**
 * Context-Aware (Yao et al. 2019, after Sorokin and Gurevych 2017; DocRED baselines, models/ContextAware.py).
 *
 * The BiLSTM's entity vectors; a bilinear layer makes a vector of every pair, pairs attend to all pairs of their document,
 * and a linear layer scores a pair by its vector and its context. All pairs are the context also where only some are asked
 * about. Letters as in `inputs.ts`; C context pairs, R classes.
 */
import type { Graph } from '../graph/graph.ts';
import { concat } from '../graph/ops/index.ts';
import type { Dropout } from '../nn/dropout.ts';
import { entityVectors } from '../nn/entity-vectors.ts';
import { linearLayer } from '../nn/linear-layer.ts';
import { pairAttention } from '../nn/pair-attention.ts';
import { distanceWidth, pairScorer } from '../nn/pair-scorer.ts';
import { Parameters } from '../nn/parameters.ts';
import { attentionInputs, mentionInputs, pairInputs } from './inputs.ts';
import { type BuiltSystem, projectedWords, recurrentStates, type WordSystemOptions } from './word-system.ts';

/** Width of a pair's vector. */
const PAIR_WIDTH = 128;

export function contextAware(graph: Graph, options: WordSystemOptions, dropout: Dropout): BuiltSystem {
  const params = new Parameters(graph);
  const words = projectedWords(params, recurrentStates(params, options, dropout, 2)); // [N, 128]
  const entities = entityVectors(words, mentionInputs(graph)); // [E, 128]
  const pairs = pairScorer(params, entities, pairInputs(graph, 'C'), {
    classes: PAIR_WIDTH,
    distanceWidth: distanceWidth(options.without),
  }); // [C, 128]
  const { own, contexts } = pairAttention(params, pairs, attentionInputs(graph), {
    deadVector: options.mode === 'faithful',
  }); // [P, 128] each
  const logits = linearLayer(params, 'output', concat([own, contexts], 1), {
    size: options.classes,
    group: 'head',
  }); // [P, R]
  return { params, logits };
}
