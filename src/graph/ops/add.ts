import { apply, type Value } from '../graph.ts';
import { binary, sumTo } from './_broadcast.ts';

const operation = binary('add', 'Add', ({ inputs }, [dY]) =>
  inputs.map((input) => dY && sumTo(dY, input.shape)),
);

/** a + b, broadcast. */
export const add = (a: Value, b: Value): Value => apply(operation, [a, b]);
