/**
 * The BERT encoder (Devlin et al. 2019), without padding.
 *
 * All sequences of a batch are one matrix of pieces [N, D]; only attention lays them out as [U, H, T, D / H] and
 * takes them back. Letters: N pieces, U sequences, T pieces of the longest sequence, D width, H heads.
 * Parameter names are those of the published checkpoints.
 */
import type { Value } from '../graph/graph.ts';
import {
  add,
  gather,
  gelu,
  layerNorm,
  matmul,
  padRows,
  reshape,
  type RowMap,
  slice,
  softmax,
  unpadRows,
} from '../graph/ops/index.ts';
import type { Dropout } from './dropout.ts';
import { normal, ones, zeros } from './initialisers.ts';
import { linearLayer } from './linear-layer.ts';
import type { Parameters } from './parameters.ts';

/** What `config.json` of a checkpoint says, as far as the encoder needs it. */
export interface BertShape {
  readonly vocabularySize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateWidth: number;
  /** The longest sequence, in pieces. */
  readonly positions: number;
  readonly segments: number;
  readonly layerNormEpsilon: number;
  /** Deviation of random weights. */
  readonly initialDeviation: number;
}

/** The encoder's inputs, as graph values. */
export interface BertInputs {
  /** Piece ids, [N]. */
  readonly pieces: Value;
  /** Place of each piece in its sequence, [N]. */
  readonly positions: Value;
  /** 0 at pieces and a large negative number at padding, [U, 1, 1, T]. */
  readonly mask: Value;
  /** Heads of pieces [H N] to the block [U, H, T] and back; row n H + h is head h of piece n. */
  readonly heads: RowMap;
}

/** Last-layer states [N, D]. */
export function bertEncoder(
  params: Parameters,
  shape: BertShape,
  inputs: BertInputs,
  dropout: Dropout,
): Value {
  let x = embeddings(params, shape, inputs, dropout); // [N, D]
  for (let layer = 0; layer < shape.layers; layer++)
    x = encoderLayer(params, layer, shape, x, inputs, dropout);
  return x;
}

function embeddings(
  params: Parameters,
  shape: BertShape,
  { pieces, positions }: BertInputs,
  dropout: Dropout,
): Value {
  const table = (kind: string, size: number, rows: boolean): Value =>
    params.declare(
      `bert.embeddings.${kind}_embeddings.weight`,
      [size, shape.width],
      normal(shape.initialDeviation),
      {
        group: 'encoder',
        rows,
      },
    );
  const words = gather(table('word', shape.vocabularySize, true), pieces); // [N, D]
  const places = gather(table('position', shape.positions, true), positions); // [N, D]
  const segment = slice(table('token_type', shape.segments, false), 0, 0, 1); // [1, D]: every piece is of segment 0
  return dropout(norm(params, 'bert.embeddings.LayerNorm', shape, add(add(words, places), segment)));
}

function encoderLayer(
  params: Parameters,
  layer: number,
  shape: BertShape,
  x: Value,
  inputs: BertInputs,
  dropout: Dropout,
): Value {
  const name = `bert.encoder.layer.${layer}`;
  const dense = (part: string, input: Value, size: number): Value =>
    linearLayer(params, `${name}.${part}`, input, {
      size,
      group: 'encoder',
      weight: normal(shape.initialDeviation),
      bias: zeros,
    });
  const project = (part: string, input: Value): Value => dense(`attention.self.${part}`, input, shape.width);
  const context = selfAttention(project, shape, x, inputs, dropout); // [N, D]
  const attended = dropout(dense('attention.output.dense', context, shape.width)); // [N, D]
  const middle = norm(params, `${name}.attention.output.LayerNorm`, shape, add(attended, x)); // [N, D]
  const wide = gelu(dense('intermediate.dense', middle, shape.intermediateWidth)); // [N, intermediate]
  const narrow = dropout(dense('output.dense', wide, shape.width)); // [N, D]
  return norm(params, `${name}.output.LayerNorm`, shape, add(narrow, middle));
}

function selfAttention(
  project: (part: string, x: Value) => Value,
  { width, heads }: BertShape,
  x: Value,
  inputs: BertInputs,
  dropout: Dropout,
): Value {
  const headWidth = width / heads;
  const split = (part: string): Value => {
    const rows = reshape(project(part, x), [inputs.heads.toRows.shape[0] ?? 0, headWidth]); // [N H, D / H]
    return padRows(rows, inputs.heads); // [U, H, T, D / H]
  };
  const [query, key, value] = [split('query'), split('key'), split('value')];
  const scores = matmul(query, key, { transposeB: true, scale: 1 / Math.sqrt(headWidth) }); // [U, H, T, T]
  const weights = dropout(softmax(add(scores, inputs.mask))); // [U, H, T, T]
  return reshape(unpadRows(matmul(weights, value), inputs.heads), x.shape); // [N, D]
}

function norm(params: Parameters, name: string, { width, layerNormEpsilon }: BertShape, x: Value): Value {
  const weight = params.declare(`${name}.weight`, [width], ones, { group: 'encoder' });
  const bias = params.declare(`${name}.bias`, [width], zeros, { group: 'encoder' });
  return layerNorm(x, weight, bias, layerNormEpsilon);
}
