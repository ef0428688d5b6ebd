/**
 * BERT for document-level relation extraction (Wang et al. 2019, section 2).
 *
 * Encoder, a linear projection of every piece to 128 dimensions, entity vectors as weighted means of their words,
 * a bilinear score for every ordered pair and class. Differs from the paper's text as its code does: the distance
 * of a pair is a feature, entity types and coreference ids are not. Letters: N pieces, U sequences, T pieces of the
 * longest, B documents, E entities, M entities of the largest document, P pairs, R classes, D width, H heads.
 */
import type { Graph, Value } from '../graph/graph.ts';
import { concat, matmul } from '../graph/ops/index.ts';
import { multiplyDims } from '../graph/dims.ts';
import { type BertInputs, bertEncoder, type BertShape } from '../nn/bert-encoder.ts';
import type { Dropout } from '../nn/dropout.ts';
import { linearLayer } from '../nn/linear-layer.ts';
import { type PairInputs, pairScorer } from '../nn/pair-scorer.ts';
import { Parameters } from '../nn/parameters.ts';
import type { Mode } from '../features/encode.ts';

/** Width of an entity vector in the paper. */
const ENTITY_WIDTH = 128;
/** Width of a row of the distance table. */
const DISTANCE_WIDTH = 20;

export interface BertOptions {
  readonly encoder: BertShape;
  readonly mode: Mode;
  /** R. */
  readonly classes: number;
}

/** Declares the encoder's inputs; names as in `features/batch.ts`. */
export function bertInputs(graph: Graph, heads: number): BertInputs {
  const integers = (name: string, shape: readonly (string | number)[]): Value =>
    graph.input(name, 'int32', shape);
  return {
    pieces: integers('pieces', ['N']),
    positions: integers('positions', ['N']),
    mask: graph.input('mask', 'float32', ['U', 1, 1, 'T']),
    heads: {
      toPadded: integers('headsToPadded', ['U', heads, 'T']),
      toRows: integers('headsToRows', [multiplyDims('N', heads)]),
    },
  };
}

/** @returns the parameters, and logits [P, R] */
export function bert(
  graph: Graph,
  { encoder, mode, classes }: BertOptions,
  dropout: Dropout,
): { params: Parameters; logits: Value } {
  const params = new Parameters(graph);
  const hidden = bertEncoder(params, encoder, bertInputs(graph, encoder.heads), dropout); // [N, D]
  const entityWeights = graph.input('entityWeights', 'float32', ['E', 'N']);
  const faithful = mode === 'faithful';
  const rows = faithful
    ? concat([hidden, graph.constant(fillerRows(encoder.width), [2, encoder.width])], 0) // [N + 2, D]
    : hidden;
  const weights = faithful
    ? concat([entityWeights, graph.input('lostWeights', 'float32', ['E', 2])], 1) // [E, N + 2]
    : entityWeights;
  const words = linearLayer(params, 'projection', rows, { size: ENTITY_WIDTH, group: 'head' }); // [N, 128], faithful [N + 2, 128]
  const entities = matmul(weights, words); // [E, 128]
  const logits = pairScorer(params, entities, pairInputs(graph), { classes, distanceWidth: DISTANCE_WIDTH }); // [P, R]
  return { params, logits };
}

/** Declares the pair scorer's inputs; names as in `features/batch.ts`. */
export function pairInputs(graph: Graph): PairInputs {
  const integers = (name: string, shape: readonly string[]): Value => graph.input(name, 'int32', shape);
  return {
    entities: {
      toPadded: integers('entitiesToPadded', ['B', 'M']),
      toRows: integers('entitiesToRows', ['E']),
    },
    entityEntity: integers('entityEntity', ['P']),
    entityDistance: integers('entityDistance', ['P']),
    distanceEntity: integers('distanceEntity', ['P']),
    distanceDistance: integers('distanceDistance', ['P']),
  };
}

/** States of words past the cut in the original: a row of -1 and a row of 0 (see `WeightRow.lost`). */
function fillerRows(width: number): Float32Array {
  return new Float32Array(2 * width).fill(-1, 0, width);
}
