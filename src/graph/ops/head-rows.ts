import { multiplyDims } from '../dims.ts';
import { type Operation, shapeError } from '../graph.ts';
import type { RowMap } from './pad-rows.ts';

/** ONNX's code of int32. */
const INT32 = 6;

const operation: Operation = {
  name: 'headRows',
  infer: (inputs, attributes) => {
    const [toPadded, toRows] = inputs;
    const heads = Number(attributes['heads']);
    const [U, T, ...rest] = toPadded?.shape ?? [];
    if (U === undefined || T === undefined || rest.length > 0 || toRows?.shape.length !== 1)
      throw shapeError('headRows', 'maps [U, T] and [N]', inputs);
    const rows = multiplyDims(toRows.shape[0] ?? 0, heads);
    return [
      { dtype: 'int32', shape: [U, heads, T] },
      { dtype: 'int32', shape: [rows] },
    ];
  },
  emit: ({ inputs: [toPadded, toRows], outputs, attributes }, emitter) => {
    const [padded, rows] = outputs;
    if (!toPadded || !toRows || !padded || !rows) return;
    const heads = Number(attributes['heads']);
    const [, T = 0] = toPadded.shape;
    const int32 = (name: string): string => emitter.step('Cast', [name], { to: INT32 });
    const head = int32(emitter.integers(Array.from({ length: heads }, (_, h) => h))); // [H]
    // Row n has the rows n H + h. Padding was N and becomes N H.
    const first = emitter.step('Mul', [emitter.name(toPadded), int32(emitter.integers([heads]))]);
    const own = emitter.step('Add', [
      emitter.step('Unsqueeze', [first, emitter.integers([1])]),
      emitter.step('Unsqueeze', [head, emitter.integers([1])]),
    ]);
    emitter.node('Min', [own, int32(emitter.shape(rows.shape))], [emitter.name(padded)]);
    // Place u T + t becomes (u H + h) T + t.
    const length = int32(emitter.shape([T]));
    const sequence = emitter.step('Div', [emitter.name(toRows), length]);
    const before = emitter.step('Mul', [sequence, int32(emitter.shape([multiplyDims(T, heads - 1)]))]);
    const start = emitter.step('Add', [emitter.name(toRows), before]);
    const places = emitter.step('Add', [
      emitter.step('Unsqueeze', [start, emitter.integers([1])]),
      emitter.step('Mul', [head, length]),
    ]); // [N, H]
    emitter.node('Reshape', [places, emitter.integers([-1])], [emitter.name(rows)]);
  },
  gradient: () => [],
};

/**
 * The map of rows in heads, given that of whole rows: rows [N H], where n H + h is head h of row n, to the block [U, H, T].
 *
 * @param map - rows [N] to the block [U, T]
 */
export function headRows({ toPadded, toRows }: RowMap, heads: number): RowMap {
  const [padded, rows] = toPadded.graph.apply(operation, [toPadded, toRows], { heads });
  return { toPadded: padded ?? toPadded, toRows: rows ?? toRows };
}
