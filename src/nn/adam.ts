/**
 * One pass of Adam or AdamW over a range of parameters, in place.
 *
 * Sources: Kingma and Ba 2015 (bias-corrected moments); Loshchilov and Hutter 2019 (weight decay decoupled from
 * the gradient). Agrees with PyTorch's optimisers.
 */

/** What holds for all parameters. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Whether weight decay shrinks the parameter (AdamW) or joins the gradient (Adam). */
  readonly decoupled: boolean;
}

/** A range of a flat buffer that shares a rate. */
export interface AdamRange {
  readonly from: number;
  readonly to: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface AdamBuffers {
  readonly params: Float32Array;
  readonly grads: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * @param step - counts from 1
 * @param gradientScale - the gradient is multiplied by it first (clipping)
 */
export function adamUpdate(
  { params, grads, first, second }: AdamBuffers,
  { from, to, learningRate, weightDecay }: AdamRange,
  { beta1, beta2, epsilon, decoupled }: AdamOptions,
  step: number,
  gradientScale: number,
): void {
  const correction2 = Math.sqrt(1 - beta2 ** step);
  const rate = (learningRate / (1 - beta1 ** step)) * correction2;
  const floor = epsilon * correction2;
  const keep = decoupled ? 1 - learningRate * weightDecay : 1;
  const joined = decoupled ? 0 : weightDecay;
  const [a, b] = [1 - beta1, 1 - beta2];
  for (let i = from; i < to; i++) {
    const p = params[i] as number;
    const g = (grads[i] as number) * gradientScale + joined * p;
    const m = beta1 * (first[i] as number) + a * g;
    const v = beta2 * (second[i] as number) + b * g * g;
    first[i] = m;
    second[i] = v;
    params[i] = keep * p - (rate * m) / (Math.sqrt(v) + floor);
  }
}

/** The sum of squares of a range. */
export function sumOfSquares(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (values[i] as number) ** 2;
  return sum;
}
