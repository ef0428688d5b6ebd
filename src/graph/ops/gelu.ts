import { unary } from './_unary.ts';
import { add } from './add.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { multiply, scale } from './multiply.ts';

/**
 * x Phi(x) with the exact normal distribution function Phi, as in BERT.
 *
 * Its derivative is Phi(x) + x phi(x). Source: Hendrycks and Gimpel 2016.
 */
export const gelu = unary(
  'gelu',
  'Gelu',
  (x) => {
    const u = scale(x, Math.SQRT1_2);
    const phi = add(scale(erf(u), 0.5), x.graph.constant(0.5));
    const density = scale(exp(multiply(scale(u, -1), u)), 1 / Math.sqrt(2 * Math.PI));
    return add(phi, multiply(x, density));
  },
  'com.microsoft',
);
