import type { Shape } from '../dims.ts';
import { apply, dimAt, type Operation, shapeError, type Value } from '../graph.ts';
import type { Emitter } from '../onnx.ts';
import { unpadRows } from './unpad-rows.ts';

/**
 * Where rows go when ragged sequences are laid out as a padded block, and back.
 *
 * `toPadded` has the block's shape and holds row numbers, or the number of rows where there is padding;
 * `toRows` [M] holds each row's place in the flattened block. Both are int32.
 */
export interface RowMap {
  readonly toPadded: Value;
  readonly toRows: Value;
}

const operation: Operation = {
  name: 'padRows',
  infer: (inputs) => {
    const [rows, toPadded, toRows] = inputs;
    if (rows?.shape.length !== 2 || toPadded?.dtype !== 'int32' || toRows?.shape[0] !== rows.shape[0]) {
      throw shapeError('padRows', 'rows [M, D] and two int32 maps, the second [M]', inputs);
    }
    return [{ dtype: 'float32', shape: [...toPadded.shape, dimAt(rows.shape, 1)] }];
  },
  emit: ({ inputs: [rows, toPadded], outputs: [block] }, emitter) => {
    if (!rows || !toPadded || !block) return;
    const [zero, all] = [emitter.temporary(), emitter.temporary()];
    emitter.node('ConstantOfShape', [emitter.shape([1, dimAt(rows.shape, 1)])], [zero]);
    emitter.node('Concat', [emitter.name(rows), zero], [all], { axis: 0 });
    emitter.node('Gather', [all, emitter.name(toPadded)], [emitter.name(block)], { axis: 0 });
  },
  gradient: ({ inputs: [, toPadded, toRows] }, [dBlock]) => [
    dBlock && toPadded && toRows && unpadRows(dBlock, { toPadded, toRows }),
  ],
};

/** Rows [M, D] as a block [...toPadded, D] with zeros at padding. */
export const padRows = (rows: Value, map: RowMap): Value =>
  apply(operation, [rows, map.toPadded, map.toRows]);

/**
 * Writes rows [M, D] as a block [...toPadded, D] with any row's numbers at padding: for what never looks there, a pass less
 * than zeros.
 *
 * @returns the name of the block
 */
export function emitFilledRows(
  emitter: Emitter,
  rows: string,
  shape: Shape,
  toPadded: Value,
  output = emitter.temporary(),
): string {
  const places = emitter.once(`filled ${emitter.name(toPadded)}`, () => {
    const last = emitter.step('Sub', [emitter.shape([dimAt(shape, 0)]), emitter.integers([1])]);
    return emitter.step('Min', [emitter.step('Cast', [emitter.name(toPadded)], { to: 7 }), last]);
  });
  emitter.node('Gather', [rows, places], [output], { axis: 0 });
  return output;
}
