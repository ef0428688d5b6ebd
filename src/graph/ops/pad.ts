import { addDims } from '../dims.ts';
import { apply, type Operation, shapeError, type Value } from '../graph.ts';
import { slice } from './slice.ts';

const operation: Operation = {
  name: 'pad',
  infer: (inputs, { axis, before, after }) => {
    const [x] = inputs;
    if (!x || x.dtype !== 'float32' || x.shape[Number(axis)] === undefined) {
      throw shapeError('pad', `a float32 operand with an axis ${Number(axis)}`, inputs);
    }
    const shape = x.shape.map((dim, i) => (i === axis ? addDims(dim, Number(before), Number(after)) : dim));
    return [{ dtype: 'float32', shape }];
  },
  emit: ({ inputs: [x], outputs: [y], attributes: { axis, before, after } }, emitter) => {
    if (!x || !y) return;
    const rank = x.shape.length;
    const amounts = Array.from({ length: 2 * rank }, () => 0);
    amounts[Number(axis)] = Number(before);
    amounts[rank + Number(axis)] = Number(after);
    emitter.node('Pad', [emitter.name(x), emitter.integers(amounts)], [emitter.name(y)]);
  },
  gradient: ({ inputs: [x], attributes: { axis, before } }, [dY]) => [
    dY && x && slice(dY, Number(axis), Number(before), x.shape[Number(axis)] ?? 0),
  ],
};

/** Zeros before and after the entries of `axis`. */
export const pad = (x: Value, axis: number, before: number, after: number): Value =>
  apply(operation, [x], { axis, before, after });
