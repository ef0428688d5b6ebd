/** Adam and AdamW as their papers write them, in float64. */
import type { AdamOptions } from '../../src/nn/adam.ts';

export class Adam64 {
  readonly params: number[];
  readonly #options: AdamOptions & { readonly weightDecay: number };
  readonly #m: number[];
  readonly #v: number[];
  #t = 0;

  constructor(params: readonly number[], options: AdamOptions & { readonly weightDecay: number }) {
    this.params = [...params];
    this.#options = options;
    [this.#m, this.#v] = [params.map(() => 0), params.map(() => 0)];
  }

  step(grads: readonly number[], learningRate: number): void {
    const { beta1, beta2, epsilon, decoupled, weightDecay } = this.#options;
    this.#t++;
    grads.forEach((gradient, i) => {
      let theta = this.params[i] ?? 0;
      let g = gradient;
      if (decoupled) theta -= learningRate * weightDecay * theta;
      else g += weightDecay * theta;
      const m = beta1 * (this.#m[i] ?? 0) + (1 - beta1) * g;
      const v = beta2 * (this.#v[i] ?? 0) + (1 - beta2) * g * g;
      const mHat = m / (1 - beta1 ** this.#t);
      const vHat = v / (1 - beta2 ** this.#t);
      this.params[i] = theta - (learningRate * mHat) / (Math.sqrt(vHat) + epsilon);
      [this.#m[i], this.#v[i]] = [m, v];
    });
  }
}
