import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { broadcastTo } from './broadcast-to.ts';
import { reshape } from './reshape.ts';

const operation: Operation = {
  name: 'reduceSum',
  infer: (inputs, { axes, keep }) => {
    const [x] = inputs;
    const list = axes as readonly number[];
    if (!x || x.dtype !== 'float32' || list.some((axis) => axis < 0 || axis >= x.shape.length)) {
      throw shapeError('reduceSum', `a float32 operand with axes ${list.join(', ')}`, inputs);
    }
    const shape = x.shape.flatMap((dim, axis) => (list.includes(axis) ? (keep === true ? [1] : []) : [dim]));
    return [{ dtype: 'float32', shape }];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { axes, keep } }, emitter) => {
    if (!x || !y) return;
    const list = axes as readonly number[];
    // An empty list of axes means all of them to ONNX.
    if (list.length === 0) emitter.node('Identity', [emitter.name(x)], [emitter.name(y)]);
    else {
      emitter.node('ReduceSum', [emitter.name(x), emitter.integers(list)], [emitter.name(y)], {
        keepdims: keep === true ? 1 : 0,
      });
    }
  },
  gradient: ({ inputs: [x], attributes: { axes } }, [dY]) => {
    if (!x || !dY) return [];
    const list = axes as readonly number[];
    const kept = reshape(
      dY,
      x.shape.map((dim, axis) => (list.includes(axis) ? 1 : dim)),
    );
    return [broadcastTo(kept, x.shape)];
  },
};

/** The sum over `axes` (all of them by default), which vanish unless `keep`. */
export function reduceSum(
  x: Value,
  axes: readonly number[] = x.shape.map((_, axis) => axis),
  { keep = false }: { readonly keep?: boolean } = {},
): Value {
  return apply(operation, [x], { axes, keep });
}
