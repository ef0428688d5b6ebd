import { unary } from './_unary.ts';
import { sigmoid } from './sigmoid.ts';

/** log(1 + e^x), safe for large x. */
export const softplus = unary('softplus', 'Softplus', (x) => sigmoid(x));
