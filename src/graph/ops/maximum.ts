import { binary, sumTo } from './_broadcast.ts';
import { apply, type Value } from '../graph.ts';
import { multiply } from './multiply.ts';
import { positive } from './positive.ts';
import { oneMinus, subtract } from './subtract.ts';

const operation = binary('maximum', 'Max', ({ inputs: [a, b] }, [dY]) => {
  if (!a || !b || !dY) return [];
  const second = positive(subtract(b, a));
  return [sumTo(multiply(dY, oneMinus(second)), a.shape), sumTo(multiply(dY, second), b.shape)];
});

/** The larger of two, entry by entry, broadcast; where they are equal the gradient goes to the first. */
export const maximum = (a: Value, b: Value): Value => apply(operation, [a, b]);
