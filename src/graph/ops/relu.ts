import { unary } from './_unary.ts';
import { positive } from './positive.ts';

/** max(x, 0); its slope at 0 is 0. */
export const relu = unary('relu', 'Relu', (_x, y) => positive(y));
