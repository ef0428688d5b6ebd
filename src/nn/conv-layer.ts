/** Convolution and pooling over the words of ragged sequences. Letters: N words, I and O widths. */
import type { Value } from '../graph/graph.ts';
import { concat, linear, maximum, reshape, type RowShift, shiftRows, transpose } from '../graph/ops/index.ts';
import { uniformFanIn } from './initialisers.ts';
import type { Parameters } from './parameters.ts';

/** Words seen at once: one to either side. */
const WINDOW = 3;
/** Stands for minus infinity and stays finite in differences. */
const LOWEST = -1e30;

/** Each word's neighbours in its sequence. */
export interface Neighbours {
  /** The word before comes in place of each word. */
  readonly before: RowShift;
  /** The word after does. */
  readonly after: RowShift;
}

/**
 * 1-D convolution with kernel 3, stride 1 and zeros around each sequence. Parameters as PyTorch's `nn.Conv1d`.
 *
 * @param x - [N, I]
 * @returns [N, O]
 */
export function convLayer(
  params: Parameters,
  name: string,
  x: Value,
  { before, after }: Neighbours,
  size: number,
): Value {
  const width = Number(x.shape[1]);
  const drawn = uniformFanIn(WINDOW * width);
  const group = 'encoder';
  const weight = params.declare(`${name}.weight`, [size, width, WINDOW], drawn, { group });
  const bias = params.declare(`${name}.bias`, [size], drawn, { group });
  const windows = concat([shiftRows(x, before, 0), x, shiftRows(x, after, 0)], 1); // [N, 3 I]
  return linear(windows, reshape(transpose(weight, [0, 2, 1]), [size, WINDOW * width]), bias);
}

/** Max pooling with window 3 and stride 1; what lies outside of a sequence never wins. [N, I] to [N, I]. */
export function maxPool(x: Value, { before, after }: Neighbours): Value {
  return maximum(maximum(shiftRows(x, before, LOWEST), x), shiftRows(x, after, LOWEST));
}
