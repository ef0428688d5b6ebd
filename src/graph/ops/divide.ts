import { apply, type Value } from '../graph.ts';
import { binary, sumTo } from './_broadcast.ts';
import { multiply, scale } from './multiply.ts';

const operation = binary('divide', 'Div', ({ inputs: [a, b], outputs: [y] }, [dY], [wantedA, wantedB]) => [
  dY && a && b && wantedA ? sumTo(divide(dY, b), a.shape) : undefined,
  dY && b && y && wantedB ? sumTo(scale(multiply(dY, divide(y, b)), -1), b.shape) : undefined,
]);

/** a / b elementwise, broadcast. */
export const divide = (a: Value, b: Value): Value => apply(operation, [a, b]);
