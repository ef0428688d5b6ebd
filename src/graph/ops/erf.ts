import { unary } from './_unary.ts';
import { exp } from './exp.ts';
import { scale } from './multiply.ts';
import { square } from './subtract.ts';

/** The error function; its derivative is 2 / sqrt(pi) e^(-x^2). */
export const erf = unary('erf', 'Erf', (x) => scale(exp(scale(square(x), -1)), 2 / Math.sqrt(Math.PI)));
