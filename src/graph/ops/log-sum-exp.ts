import { type Operation, shapeError, type Value } from '../graph.ts';
import { exp } from './exp.ts';
import { multiply } from './multiply.ts';

const operation: Operation = {
  name: 'logSumExp',
  infer: (inputs) => {
    const [x] = inputs;
    if (!x || x.dtype !== 'float32' || x.shape.length === 0)
      throw shapeError('logSumExp', 'a float32 operand with an axis', inputs);
    return [
      { dtype: 'float32', shape: [...x.shape.slice(0, -1), 1] },
      { dtype: 'float32', shape: x.shape },
    ];
  },
  // The engine's log-softmax is several times as fast as its ReduceLogSumExp, and what the gradient needs: Y = X - logSoftmax(X),
  // in any one column.
  emit: ({ inputs: [x], outputs: [y, logSoftmax] }, emitter) => {
    if (!x || !y || !logSoftmax) return;
    const axis = x.shape.length - 1;
    const first = (name: string): string => {
      const column = emitter.temporary();
      emitter.node('Slice', [name, ...[0, 1, axis].map((n) => emitter.integers([n]))], [column]);
      return column;
    };
    const [from, to] = [emitter.name(x), emitter.name(logSoftmax)];
    emitter.node('LogSoftmax', [from], [to], { axis: -1 });
    emitter.node('Sub', [first(from), first(to)], [emitter.name(y)]);
  },
  // dX = softmax(X) dY
  gradient: ({ outputs: [, logSoftmax] }, [dY]) => [dY && logSoftmax && multiply(exp(logSoftmax), dY)],
};

/** The logarithm of the sum of e^x over the last axis, which stays as one entry; without overflow. */
export const logSumExp = (x: Value): Value => x.graph.apply(operation, [x])[0] as Value;
