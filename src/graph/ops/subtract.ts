import { apply, type Value } from '../graph.ts';
import { binary, sumTo } from './_broadcast.ts';
import { multiply, scale } from './multiply.ts';

const operation = binary('subtract', 'Sub', ({ inputs: [a, b] }, [dY], [wantedA, wantedB]) => [
  dY && a && wantedA ? sumTo(dY, a.shape) : undefined,
  dY && b && wantedB ? scale(sumTo(dY, b.shape), -1) : undefined,
]);

/** a - b, broadcast. */
export const subtract = (a: Value, b: Value): Value => apply(operation, [a, b]);

/** 1 - x. */
export const oneMinus = (x: Value): Value => subtract(x.graph.constant(1), x);

/** x^2. */
export const square = (x: Value): Value => multiply(x, x);
