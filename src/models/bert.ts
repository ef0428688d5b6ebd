/**
 * BERT for document-level relation extraction (Wang et al. 2019, section 2).
 *
 * Encoder, a linear projection of every piece to 128 dimensions, entity vectors as weighted means of their words,
 * a bilinear score for every ordered pair and class. Differs from the paper's text as its code does: the distance
 * of a pair is a feature, entity types and coreference ids are not. Letters as in `inputs.ts`; R classes, D width.
 */
import type { Mode } from '../features/encode.ts';
import type { Graph } from '../graph/graph.ts';
import { concat } from '../graph/ops/index.ts';
import { bertEncoder, type BertShape } from '../nn/bert-encoder.ts';
import type { Dropout } from '../nn/dropout.ts';
import { linearLayer } from '../nn/linear-layer.ts';
import { Parameters } from '../nn/parameters.ts';
import type { Feature } from '../nn/word-embeddings.ts';
import { bertInputs } from './inputs.ts';
import { pairLogits } from './pair-logits.ts';
import type { BuiltSystem } from './word-system.ts';

/** Width of an entity vector in the paper. */
const ENTITY_WIDTH = 128;

export interface BertOptions {
  readonly encoder: BertShape;
  readonly mode: Mode;
  /** R. */
  readonly classes: number;
  readonly without: readonly Feature[];
  /** Of sequences, as in `bertInputs`; default 1. */
  readonly groups?: number;
}

export function bert(
  graph: Graph,
  { encoder, mode, classes, without, groups }: BertOptions,
  dropout: Dropout,
): BuiltSystem {
  const params = new Parameters(graph);
  const hidden = bertEncoder(params, encoder, bertInputs(graph, groups), dropout); // [N, D]
  const states =
    mode === 'faithful'
      ? concat([hidden, graph.constant(fillerRows(encoder.width), [2, encoder.width])], 0) // [N + 2, D]
      : hidden;
  const words = linearLayer(params, 'projection', states, { size: ENTITY_WIDTH, group: 'head' }); // [N, 128], faithful [N + 2, 128]
  return { params, ...pairLogits(params, words, { classes, without }) };
}

/** States of words past the cut in the original: a row of -1 and a row of 0 (see `WeightRow.lost`). */
function fillerRows(width: number): Float32Array {
  return new Float32Array(2 * width).fill(-1, 0, width);
}
