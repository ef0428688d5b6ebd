import { apply, type Operation, type Value } from '../graph.ts';
import { sameAsInput } from './_unary.ts';
import { multiply } from './multiply.ts';
import { reduceSum } from './reduce-sum.ts';
import { softmax } from './softmax.ts';
import { subtract } from './subtract.ts';

const operation: Operation = {
  name: 'logSoftmax',
  infer: (inputs) => sameAsInput('logSoftmax', inputs),
  emit: (node, emitter) => emitter.direct(node, 'LogSoftmax', { axis: -1 }),
  // dX = dY - softmax(X) sum(dY)
  gradient: ({ inputs: [x] }, [dY]) => {
    if (!x || !dY) return [];
    return [subtract(dY, multiply(softmax(x), reduceSum(dY, [x.shape.length - 1], { keep: true })))];
  },
};

/** The logarithm of the softmax over the last axis, without overflow. */
export const logSoftmax = (x: Value): Value => apply(operation, [x]);
