import { unary } from './_unary.ts';

/** e^x. */
export const exp = unary('exp', 'Exp', (_x, y) => y);
