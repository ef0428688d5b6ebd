/** What the kernel computes, as a loop: every value of float64, rounded to float32 where it is stored. */
import type { AdamBuffers, AdamOptions, AdamRange } from '../../src/nn/adam.ts';

export function adamLoop(
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
  for (let i = from; i < to; i++) {
    const p = params[i] ?? 0;
    const g = (grads[i] ?? 0) * gradientScale + joined * p;
    const m = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (second[i] ?? 0) + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    params[i] = keep * p - (rate * m) / (Math.sqrt(v) + floor);
  }
}
