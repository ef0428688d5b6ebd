/** A table of embeddings with a row that stays zero, as PyTorch's `nn.Embedding` with a padding row. */
import type { Value } from '../graph/graph.ts';
import { multiply } from '../graph/ops/index.ts';
import { normal } from './initialisers.ts';
import type { Parameters, ParameterSpec } from './parameters.ts';

/**
 * Begins with standard normal rows; the padding row has neither a value nor a gradient.
 *
 * @param options.padding - the row
 * @returns [rows, width]
 */
export function paddedTable(
  params: Parameters,
  name: string,
  [rows, width]: readonly [rows: number, width: number],
  { padding, group }: { readonly padding: number; readonly group: ParameterSpec['group'] },
): Value {
  const table = params.declare(
    name,
    [rows, width],
    (shape, rng) => normal(1)(shape, rng).fill(0, padding * width, (padding + 1) * width),
    { group },
  );
  const trained = new Float32Array(rows).fill(1).fill(0, padding, padding + 1);
  return multiply(table, params.graph.constant(trained, [rows, 1]));
}
