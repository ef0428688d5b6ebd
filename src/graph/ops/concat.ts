import { addDims } from '../dims.ts';
import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { slice } from './slice.ts';

const operation: Operation = {
  name: 'concat',
  infer: (inputs, attributes) => {
    const axis = Number(attributes['axis']);
    const [first] = inputs;
    const fits = (input: Value): boolean =>
      input.shape.length === first?.shape.length &&
      input.shape.every((dim, i) => i === axis || dim === first.shape[i]);
    if (!first || axis >= first.shape.length || !inputs.every(fits)) {
      throw shapeError('concat', `operands that differ in axis ${axis} only`, inputs);
    }
    const joined = addDims(...inputs.map((input) => input.shape[axis] ?? 0));
    return [{ dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? joined : dim)) }];
  },
  emit: (node, emitter) => emitter.direct(node, 'Concat', { axis: Number(node.attributes['axis']) }),
  gradient: ({ inputs, attributes }, [dY], wanted) => {
    const axis = Number(attributes['axis']);
    return inputs.map((input, i) => {
      if (!dY || !wanted[i]) return undefined;
      const start = addDims(0, ...inputs.slice(0, i).map((before) => before.shape[axis] ?? 0));
      return slice(dY, axis, start, input.shape[axis] ?? 0);
    });
  },
};

/** `values` one after the other along `axis`. */
export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  return first && values.length === 1 ? first : apply(operation, values, { axis });
}
