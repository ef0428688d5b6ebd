/**
 * The BERT encoder (Devlin et al. 2019), without padding.
 *
 * All sequences of a batch are one matrix of pieces [N, D]; only attention lays them out as blocks and takes them back.
 * Letters: N pieces, U sequences, T pieces of the longest sequence, D width, H heads.
 * Parameter names are those of the published checkpoints.
 */
import type { Value } from '../graph/graph.ts';
import {
  add,
  attention,
  concat,
  gather,
  gelu,
  headRows,
  layerNorm,
  type RowMap,
  slice,
  splitRows,
} from '../graph/ops/index.ts';
import type { Dropout } from './dropout.ts';
import { normal, ones, zeros } from './initialisers.ts';
import { linearLayer } from './linear-layer.ts';
import type { Parameters } from './parameters.ts';

/** The name of the table of pieces, [V, D]. */
export const WORD_EMBEDDINGS = 'bert.embeddings.word_embeddings.weight';

/** The name of the table of places in a sequence, [positions, D]. */
export const POSITION_EMBEDDINGS = 'bert.embeddings.position_embeddings.weight';

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

/** Sequences that are padded to one length. Letters: N, U and T of the group. */
export interface SequenceGroup {
  /** 0 at pieces and a large negative number at padding, [U, 1, 1, T]. */
  readonly mask: Value;
  /** Pieces [N] to the block [U, T] and back. */
  readonly rows: RowMap;
}

/** The encoder's inputs, as graph values. */
export interface BertInputs {
  /** Piece ids, [N]. */
  readonly pieces: Value;
  /** Place of each piece in its sequence, [N]. */
  readonly positions: Value;
  /** Where each piece stands in its sequence, for attention: one group after the other. */
  readonly groups: readonly SequenceGroup[];
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
  const project = (part: string): Value => dense(`attention.self.${part}`, x, shape.width);
  const context = selfAttention(['query', 'key', 'value'].map(project), shape.heads, inputs.groups, dropout); // [N, D]
  const attended = dropout(dense('attention.output.dense', context, shape.width)); // [N, D]
  const middle = norm(params, `${name}.attention.output.LayerNorm`, shape, add(attended, x)); // [N, D]
  const wide = gelu(dense('intermediate.dense', middle, shape.intermediateWidth)); // [N, intermediate]
  const narrow = dropout(dense('output.dense', wide, shape.width)); // [N, D]
  return norm(params, `${name}.output.LayerNorm`, shape, add(narrow, middle));
}

/** Attention of each group by itself: only sequences of a group are padded to one length. */
function selfAttention(
  projected: readonly Value[],
  H: number,
  groups: readonly SequenceGroup[],
  dropout: Dropout,
): Value {
  const sizes = groups.map(({ rows }) => rows.toRows.shape[0] ?? 0);
  const parts = projected.map((rows) => splitRows(rows, sizes));
  const contexts = groups.map(({ mask, rows }, g) => {
    const [query, key, value] = parts.map((part) => part[g]) as [Value, Value, Value];
    const [U = 0, T = 0] = rows.toPadded.shape;
    const places = { mask, heads: headRows(rows, H) };
    return attention(query, key, value, places, dropout.mask([U, H, T, T]));
  });
  return concat(contexts, 0);
}

/** The sum that is normalised is what training with little memory keeps: two of them a layer. */
function norm(params: Parameters, name: string, { width, layerNormEpsilon }: BertShape, x: Value): Value {
  const weight = params.declare(`${name}.weight`, [width], ones, { group: 'encoder' });
  const bias = params.declare(`${name}.bias`, [width], zeros, { group: 'encoder' });
  return layerNorm(x.graph.keep(x), weight, bias, layerNormEpsilon);
}
