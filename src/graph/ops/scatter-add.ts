import type { Dim } from '../dims.ts';
import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { gather } from './gather.ts';

const operation: Operation = {
  name: 'scatterAdd',
  infer: (inputs, { size }) => {
    const [rows, index] = inputs;
    if (rows?.shape.length !== 2 || index?.dtype !== 'int32' || index.shape[0] !== rows.shape[0]) {
      throw shapeError('scatterAdd', 'rows [N, D] and an int32 index [N]', inputs);
    }
    return [{ dtype: 'float32', shape: [(size as readonly Dim[])[0] ?? 0, ...rows.shape.slice(1)] }];
  },
  // ScatterElements adds one entry after the other; ScatterND with reduction "add" lets threads race on equal
  // rows and loses some of them (onnxruntime 1.30, measured 2026-11-22).
  emit: ({ inputs: [rows, index], outputs: [table] }, emitter) => {
    if (!rows || !index || !table) return;
    const [zeros, column, full] = [emitter.temporary(), emitter.temporary(), emitter.temporary()];
    emitter.node('ConstantOfShape', [emitter.shape(table.shape)], [zeros]);
    emitter.node('Unsqueeze', [emitter.name(index), emitter.integers([1])], [column]);
    emitter.node('Expand', [column, emitter.shape(rows.shape)], [full]);
    emitter.node('ScatterElements', [zeros, full, emitter.name(rows)], [emitter.name(table)], {
      axis: 0,
      reduction: 'add',
    });
  },
  gradient: ({ inputs: [, index] }, [dTable]) => [dTable && index && gather(dTable, index)],
};

/** A table [size, D] of zeros to whose row index[n] each rows[n] is added, always in the same order. */
export const scatterAdd = (rows: Value, index: Value, size: Dim): Value =>
  apply(operation, [rows, index], { size: [size] });
