import { unary } from './_unary.ts';
import { multiply } from './multiply.ts';
import { oneMinus } from './subtract.ts';

/** 1 / (1 + e^-x). */
export const sigmoid = unary('sigmoid', 'Sigmoid', (_x, y) => multiply(y, oneMinus(y)));
