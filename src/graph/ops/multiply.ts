import { apply, type Value } from '../graph.ts';
import { binary, sumTo } from './_broadcast.ts';

const operation = binary('multiply', 'Mul', ({ inputs: [a, b] }, [dY], [wantedA, wantedB]) => [
  dY && a && b && wantedA ? sumTo(multiply(dY, b), a.shape) : undefined,
  dY && a && b && wantedB ? sumTo(multiply(dY, a), b.shape) : undefined,
]);

/** a * b elementwise, broadcast. */
export const multiply = (a: Value, b: Value): Value => apply(operation, [a, b]);

/** x times a number. */
export const scale = (x: Value, factor: number): Value => multiply(x, x.graph.constant(factor));
