import { apply, type Operation, shapeError, type Value } from '../graph.ts';

const operation: Operation = {
  name: 'transpose',
  infer: (inputs, { order }) => {
    const [x] = inputs;
    const axes = order as readonly number[];
    if (!x || axes.toSorted((a, b) => a - b).join(',') !== x.shape.map((_, axis) => axis).join(',')) {
      throw shapeError('transpose', `an operand with axes in the order ${axes.join(', ')}`, inputs);
    }
    return [{ dtype: x.dtype, shape: axes.map((axis) => x.shape[axis] ?? 1) }];
  },
  emit: (node, emitter) =>
    emitter.direct(node, 'Transpose', { perm: node.attributes['order'] as readonly number[] }),
  gradient: ({ attributes: { order } }, [dY]) => {
    const axes = order as readonly number[];
    return [
      dY &&
        transpose(
          dY,
          axes.map((_, axis) => axes.indexOf(axis)),
        ),
    ];
  },
};

/** Axis i of the result is axis order[i] of x. */
export const transpose = (x: Value, order: readonly number[]): Value => apply(operation, [x], { order });
