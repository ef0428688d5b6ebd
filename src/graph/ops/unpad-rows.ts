import { sameShape } from '../dims.ts';
import { apply, dimAt, type Operation, shapeError, type Value } from '../graph.ts';
import type { Emitter } from '../onnx.ts';
import { padRows, type RowMap } from './pad-rows.ts';

const operation: Operation = {
  name: 'unpadRows',
  infer: (inputs) => {
    const [block, toPadded, toRows] = inputs;
    if (!block || !toPadded || !toRows || !sameShape(block.shape.slice(0, -1), toPadded.shape)) {
      throw shapeError('unpadRows', 'a block [..., D] and two int32 maps, the first [...]', inputs);
    }
    return [{ dtype: 'float32', shape: [dimAt(toRows.shape, 0), dimAt(block.shape, -1)] }];
  },
  emit: ({ inputs: [block, , toRows], outputs: [rows] }, emitter) => {
    if (!block || !toRows || !rows) return;
    emitUnpaddedRows(
      emitter,
      emitter.name(block),
      toRows,
      emitter.name(rows),
      Number(dimAt(block.shape, -1)),
    );
  },
  gradient: ({ inputs: [, toPadded, toRows] }, [dRows]) => [
    dRows && toPadded && toRows && padRows(dRows, { toPadded, toRows }),
  ],
};

/** The rows [M, D] of a block [..., D]; what stands at padding is dropped. */
export const unpadRows = (block: Value, map: RowMap): Value =>
  apply(operation, [block, map.toPadded, map.toRows]);

/** Writes the rows [M, width] of a block [..., width]. @param block, rows - names */
export function emitUnpaddedRows(
  emitter: Emitter,
  block: string,
  toRows: Value,
  rows: string,
  width: number,
): void {
  const flat = emitter.temporary();
  emitter.node('Reshape', [block, emitter.integers([-1, width])], [flat]);
  emitter.node('Gather', [flat, emitter.name(toRows)], [rows], { axis: 0 });
}
