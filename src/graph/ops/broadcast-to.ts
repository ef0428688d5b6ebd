import { type Shape, sameShape } from '../dims.ts';
import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { sumTo } from './_broadcast.ts';

const operation: Operation = {
  name: 'broadcastTo',
  infer: (inputs, { shape }) => {
    const [x] = inputs;
    const target = shape as Shape;
    if (
      !x ||
      x.shape.length !== target.length ||
      x.shape.some((dim, axis) => dim !== 1 && dim !== target[axis])
    ) {
      throw shapeError('broadcastTo', `an operand that fits [${target.join(', ')}]`, inputs);
    }
    return [{ dtype: x.dtype, shape: target }];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { shape } }, emitter) => {
    if (x && y) emitter.node('Expand', [emitter.name(x), emitter.shape(shape as Shape)], [emitter.name(y)]);
  },
  gradient: ({ inputs: [x] }, [dY]) => [dY && x && sumTo(dY, x.shape)],
};

/** Repeats x along its dimensions of 1 until it has `shape` (of the same rank). */
export function broadcastTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(operation, [x], { shape });
}
