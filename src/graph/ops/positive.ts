import { apply, type Operation, type Value } from '../graph.ts';
import { sameAsInput } from './_unary.ts';

const operation: Operation = {
  name: 'positive',
  infer: (inputs) => sameAsInput('positive', inputs),
  emit: ({ inputs: [x], outputs: [y] }, emitter) => {
    if (!x || !y) return;
    const isPositive = emitter.temporary();
    emitter.node('Greater', [emitter.name(x), emitter.number(0)], [isPositive]);
    emitter.node('Cast', [isPositive], [emitter.name(y)], { to: 1 });
  },
  gradient: () => [],
};

/** 1 where x is above 0, else 0. It has no slope. */
export const positive = (x: Value): Value => apply(operation, [x]);
