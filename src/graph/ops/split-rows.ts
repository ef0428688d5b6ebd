import { addDims, type Dim } from '../dims.ts';
import { type Operation, shapeError, type Value } from '../graph.ts';
import { concat } from './concat.ts';

const operation: Operation = {
  name: 'splitRows',
  infer: (inputs, attributes) => {
    const [x] = inputs;
    const sizes = attributes['sizes'] as readonly Dim[];
    if (!x || x.shape[0] !== addDims(...sizes))
      throw shapeError('splitRows', `an operand of ${sizes.join(' + ')} rows`, inputs);
    return sizes.map((size) => ({ dtype: x.dtype, shape: [size, ...x.shape.slice(1)] }));
  },
  emit: ({ inputs: [x], outputs, attributes }, emitter) => {
    if (!x) return;
    const sizes = emitter.shape(attributes['sizes'] as readonly Dim[]);
    const names = outputs.map((output) => emitter.name(output));
    emitter.node('Split', [emitter.name(x), sizes], names, { axis: 0 });
  },
  gradient: ({ outputs }, dOutputs) => {
    const all = dOutputs.filter((dOutput) => dOutput !== undefined);
    if (all.length < outputs.length) throw shapeError('splitRows gradient', 'use of every part', all);
    return [concat(all, 0)];
  },
};

/** The rows of x in parts of `sizes`, one after the other. Every part must be used. */
export const splitRows = (x: Value, sizes: readonly Dim[]): readonly Value[] =>
  sizes.length === 1 ? [x] : x.graph.apply(operation, [x], { sizes });
