/**
 * One layer of LSTM over ragged sequences, in one or both directions, with trainable first states.
 *
 * Every sequence begins at step 0 of a block, in the second direction with its last word, so that padding comes after
 * all words in both and never matters. Letters: N words, T steps, D directions, U sequences, I input width, H width.
 * Source: DocRED baselines, models/BiLSTM.py (EncoderLSTM); parameters as PyTorch's `nn.LSTM` has them.
 */
import { multiplyDims } from '../graph/dims.ts';
import type { Value } from '../graph/graph.ts';
import {
  add,
  broadcastTo,
  concat,
  linear,
  lstm,
  padRows,
  reshape,
  type RowMap,
  unpadRows,
} from '../graph/ops/index.ts';
import { uniformFanIn, zeros } from './initialisers.ts';
import type { Parameters, ParameterSpec } from './parameters.ts';

/**
 * @param x - [N, I]
 * @param steps - rows n D + d, word n in direction d, to steps [T, D, U] and back
 * @param width - H
 * @returns states [N, D H], both directions of a word side by side
 */
export function lstmLayer(
  params: Parameters,
  name: string,
  x: Value,
  steps: RowMap,
  width: number,
  group: ParameterSpec['group'] = 'encoder',
): Value {
  const [N = 0, I] = x.shape;
  const [, D = 1, U = 0] = steps.toPadded.shape;
  const directions = Array.from({ length: Number(D) }, (_, d) => (d === 0 ? '' : '_reverse'));
  const wide = 4 * width;
  const declare = (part: string, shape: readonly number[]): Value[] =>
    directions.map((suffix) =>
      params.declare(`${name}.${part}_l0${suffix}`, shape, uniformFanIn(width), { group }),
    );
  const fromWords = concat(declare('weight_ih', [wide, Number(I)]), 0); // [D 4 H, I]
  const fromStates = declare('weight_hh', [wide, width]).map((w) => reshape(w, [1, wide, width]));
  const biases = add(concat(declare('bias_ih', [wide]), 0), concat(declare('bias_hh', [wide]), 0)); // [D 4 H]
  const first = (part: string): Value => {
    const value = params.declare(`${name}.${part}`, [Number(D), 1, width], zeros, { group });
    return broadcastTo(value, [D, U, width]);
  };

  const gates = reshape(linear(x, fromWords, biases), [multiplyDims(N, D), wide]); // [N D, 4 H]
  const states = lstm(padRows(gates, steps), concat(fromStates, 0), first('init_hidden'), first('init_c')); // [T, D, U, H]
  return reshape(unpadRows(states, steps), [N, Number(D) * width]);
}
