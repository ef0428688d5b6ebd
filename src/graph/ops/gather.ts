import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { scatterAdd } from './scatter-add.ts';

/** Exported for `gradients`, which keeps the gradient of a table as rows where it is asked to. */
export const gatherOperation: Operation = {
  name: 'gather',
  infer: (inputs) => {
    const [table, index] = inputs;
    if (table?.shape.length !== 2 || index?.shape.length !== 1 || index.dtype !== 'int32') {
      throw shapeError('gather', 'a table [V, D] and an int32 index [N]', inputs);
    }
    return [{ dtype: table.dtype, shape: [...index.shape, ...table.shape.slice(1)] }];
  },
  emit: (node, emitter) => emitter.direct(node, 'Gather', { axis: 0 }),
  gradient: ({ inputs: [table, index] }, [dY]) => [
    dY && table && index && scatterAdd(dY, index, table.shape[0] ?? 0),
  ],
};

/** Rows index [N] of table [V, D]: [N, D]. A row may be taken any number of times. */
export const gather = (table: Value, index: Value): Value => apply(gatherOperation, [table, index]);
