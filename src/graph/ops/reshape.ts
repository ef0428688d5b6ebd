import { multiplyDims, type Shape, sameShape } from '../dims.ts';
import { apply, type Operation, shapeError, type Value } from '../graph.ts';

const operation: Operation = {
  name: 'reshape',
  infer: (inputs, { shape }) => {
    const [x] = inputs;
    const target = shape as Shape;
    if (!x || multiplyDims(...x.shape) !== multiplyDims(...target)) {
      throw shapeError('reshape', `as many entries as [${target.join(', ')}] has`, inputs);
    }
    return [{ dtype: x.dtype, shape: target }];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { shape } }, emitter) => {
    if (!x || !y) return;
    const target = shape as Shape;
    const named = target.filter((dim) => typeof dim !== 'number').length;
    const guess = named === 1 && !target.includes(0);
    const dims = guess
      ? emitter.integers(target.map((dim) => (typeof dim === 'number' ? dim : -1)))
      : emitter.shape(target);
    emitter.node('Reshape', [emitter.name(x), dims], [emitter.name(y)], { allowzero: 1 });
  },
  gradient: ({ inputs: [x] }, [dY]) => [dY && x && reshape(dY, x.shape)],
};

/** The same entries in another shape; the products of the dimensions, names and all, must be equal. */
export function reshape(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply(operation, [x], { shape });
}
