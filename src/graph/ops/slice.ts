import { addDims, type Dim } from '../dims.ts';
import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { pad } from './pad.ts';

const operation: Operation = {
  name: 'slice',
  infer: (inputs, { axis, range }) => {
    const [x] = inputs;
    const [start = 0, size = 0] = range as readonly Dim[];
    const whole = x?.shape[Number(axis)];
    const end = addDims(start, size);
    if (!x || whole === undefined || (typeof whole === 'number' && !(Number(end) <= whole))) {
      throw shapeError('slice', `an operand with ${start} to ${end} in axis ${Number(axis)}`, inputs);
    }
    return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? size : dim)) }];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { axis, range } }, emitter) => {
    const [start = 0, size = 0] = range as readonly Dim[];
    if (!x || !y) return;
    const bounds = [
      emitter.shape([start]),
      emitter.shape([addDims(start, size)]),
      emitter.integers([Number(axis)]),
    ];
    emitter.node('Slice', [emitter.name(x), ...bounds], [emitter.name(y)]);
  },
  gradient: ({ inputs: [x], attributes: { axis, range } }, [dY]) => {
    const [start, size] = range as readonly Dim[];
    const whole = x?.shape[Number(axis)];
    if (!dY || !x) return [];
    if (typeof start !== 'number' || typeof size !== 'number' || typeof whole !== 'number') {
      throw shapeError('slice gradient', 'numbers as bounds', [x]);
    }
    return [pad(dY, Number(axis), start, whole - start - size)];
  },
};

/** `size` entries of `axis` from `start` on. Bounds may be named; the gradient needs numbers. */
export function slice(x: Value, axis: number, start: Dim, size: Dim): Value {
  return start === 0 && size === x.shape[axis] ? x : apply(operation, [x], { axis, range: [start, size] });
}
