import { apply, type Operation, type Value } from '../graph.ts';
import { sameAsInput } from './_unary.ts';
import { multiply } from './multiply.ts';
import { reduceSum } from './reduce-sum.ts';
import { subtract } from './subtract.ts';

const operation: Operation = {
  name: 'softmax',
  infer: (inputs) => sameAsInput('softmax', inputs),
  emit: (node, emitter) => emitter.direct(node, 'Softmax', { axis: -1 }),
  // dX = (dY - sum(dY Y)) Y
  gradient: ({ outputs: [y] }, [dY]) => {
    if (!y || !dY) return [];
    const along = reduceSum(multiply(dY, y), [y.shape.length - 1], { keep: true });
    return [multiply(subtract(dY, along), y)];
  },
};

/** Softmax over the last axis. */
export const softmax = (x: Value): Value => apply(operation, [x]);
