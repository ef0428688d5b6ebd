import { apply, type Operation, shapeError, type Value } from '../graph.ts';

const operation: Operation = {
  name: 'after',
  infer: (inputs) => {
    const [x, signal] = inputs;
    if (x?.dtype !== 'float32' || signal?.dtype !== 'float32' || signal.shape.length === 0)
      throw shapeError('after', 'a float32 operand and a signal with an axis', inputs);
    return [{ dtype: 'float32', shape: x.shape }];
  },
  // The sum over no rows of the signal is 0, whatever it holds, and known only when the signal is.
  emit: ({ inputs: [x, signal], outputs: [y] }, emitter) => {
    if (!x || !signal || !y) return;
    const at = emitter.integers([0]);
    const none = emitter.step('Slice', [emitter.name(signal), at, at, at]);
    const zero = emitter.step('ReduceSum', [none], { keepdims: 0 });
    emitter.node('Add', [emitter.name(x), zero], [emitter.name(y)]);
  },
  gradient: (_, [dY]) => [dY],
};

/**
 * x, but not before `signal` is there: what is computed from it waits as well, so that a second computation of something
 * neither is merged with the first nor takes memory until it is needed. Costs one pass over x.
 */
export const after = (x: Value, signal: Value): Value => apply(operation, [x, signal]);
