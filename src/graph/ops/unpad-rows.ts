import { sameShape } from '../dims.ts';
import { apply, dimAt, type Operation, shapeError, type Value } from '../graph.ts';
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
    const flat = emitter.temporary();
    emitter.node(
      'Reshape',
      [emitter.name(block), emitter.integers([-1, Number(dimAt(block.shape, -1))])],
      [flat],
    );
    emitter.node('Gather', [flat, emitter.name(toRows)], [emitter.name(rows)], { axis: 0 });
  },
  gradient: ({ inputs: [, toPadded, toRows] }, [dRows]) => [
    dRows && toPadded && toRows && padRows(dRows, { toPadded, toRows }),
  ],
};

/** The rows [M, D] of a block [..., D]; what stands at padding is dropped. */
export const unpadRows = (block: Value, map: RowMap): Value =>
  apply(operation, [block, map.toPadded, map.toRows]);
