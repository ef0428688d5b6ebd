import type { Value } from '../graph/graph.ts';
import { linear } from '../graph/ops/index.ts';
import { type Initialiser, uniformFanIn } from './initialisers.ts';
import type { Parameters, ParameterSpec } from './parameters.ts';

/**
 * x W^T + b, with parameters `NAME.weight` [O, I] and `NAME.bias` [O].
 *
 * @param x - [N, I]
 * @param options.weight, options.bias - how they are drawn; default uniform in +-1 / sqrt(I)
 * @returns [N, O]
 */
export function linearLayer(
  params: Parameters,
  name: string,
  x: Value,
  options: {
    readonly size: number;
    readonly group: ParameterSpec['group'];
    readonly weight?: Initialiser;
    readonly bias?: Initialiser;
  },
): Value {
  const width = Number(x.shape[1]);
  const { size, group, weight = uniformFanIn(width), bias = uniformFanIn(width) } = options;
  const w = params.declare(`${name}.weight`, [size, width], weight, { group });
  const b = params.declare(`${name}.bias`, [size], bias, { group });
  return linear(x, w, b);
}
