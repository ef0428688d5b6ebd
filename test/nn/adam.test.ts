/** The update against the formulas of the papers, in float64. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { type AdamOptions, adamUpdate, sumOfSquares } from '../../src/nn/adam.ts';
import { Adam64 } from './adam64.ts';

const options: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true };

function step(
  params: Float32Array,
  grads: Float32Array,
  settings: { learningRate: number; weightDecay: number; decoupled: boolean; gradientScale?: number },
): { first: Float32Array; second: Float32Array } {
  const [first, second] = [new Float32Array(params.length), new Float32Array(params.length)];
  const range = { from: 0, to: params.length, ...settings };
  const { decoupled, gradientScale = 1 } = settings;
  adamUpdate({ params, grads, first, second }, range, { ...options, decoupled }, 1, gradientScale);
  return { first, second };
}

describe('adamUpdate', () => {
  test('first step by hand: the corrected moments are g and g^2, so it is the rate times the sign', () => {
    const params = Float32Array.of(1, -2, 3);
    const { first, second } = step(params, Float32Array.of(0.5, -4, 0), {
      learningRate: 0.1,
      weightDecay: 0,
      decoupled: true,
    });
    expect([...params]).toEqual([0.9, -1.9, 3].map(Math.fround));
    expect([...first]).toEqual([0.05, -0.4, 0].map(Math.fround));
    expect(second[0]).toBeCloseTo(0.00025, 9);
    expect(second[1]).toBeCloseTo(0.016, 7);
  });

  test('first step with decay by hand: decoupled shrinks the parameter, joined adds to the gradient', () => {
    const decoupled = Float32Array.of(1);
    step(decoupled, Float32Array.of(0.5), { learningRate: 0.1, weightDecay: 0.2, decoupled: true });
    expect(decoupled[0]).toBeCloseTo(1 - 0.1 * 0.2 - 0.1, 6);
    const joined = Float32Array.of(1);
    const { first } = step(joined, Float32Array.of(0.5), {
      learningRate: 0.1,
      weightDecay: 0.2,
      decoupled: false,
    });
    expect(joined[0]).toBeCloseTo(0.9, 6);
    expect(first[0]).toBeCloseTo(0.1 * (0.5 + 0.2), 6);
  });

  test('epsilon stands beside the corrected root: a gradient of its size moves by half the rate', () => {
    const params = Float32Array.of(0);
    step(params, Float32Array.of(1e-8), { learningRate: 0.1, weightDecay: 0, decoupled: true });
    expect(params[0]).toBeCloseTo(-0.05, 5);
  });

  test('clipping scales the gradient, not what decay adds to it', () => {
    const params = Float32Array.of(1);
    const { first } = step(params, Float32Array.of(8), {
      learningRate: 0.1,
      weightDecay: 0.5,
      decoupled: false,
      gradientScale: 0.25,
    });
    expect(first[0]).toBeCloseTo(0.1 * (8 * 0.25 + 0.5), 6);
  });

  test('leaves what is outside the range', () => {
    const [params, grads] = [new Float32Array(5).fill(1), new Float32Array(5).fill(1)];
    const [first, second] = [new Float32Array(5), new Float32Array(5)];
    const range = { from: 1, to: 3, learningRate: 0.5, weightDecay: 0 };
    adamUpdate({ params, grads, first, second }, range, options, 1, 1);
    expect([...params]).toEqual([1, 0.5, 0.5, 1, 1]);
    expect([first[0], second[3], first[4]]).toEqual([0, 0, 0]);
  });

  test('agrees with the formulas over twelve steps, for any setting', () => {
    const setting = fc.record({
      beta1: fc.constantFrom(0, 0.5, 0.9),
      beta2: fc.constantFrom(0.9, 0.99, 0.999),
      epsilon: fc.constantFrom(1e-8, 1e-6, 1e-3),
      decoupled: fc.boolean(),
      weightDecay: fc.constantFrom(0, 0.01, 0.3),
      learningRate: fc.constantFrom(1e-5, 1e-3, 0.1),
      gradientScale: fc.constantFrom(1, 0.3),
      seed: fc.nat(2 ** 31),
    });
    fc.assert(
      fc.property(setting, ({ seed, gradientScale, weightDecay, learningRate, ...adam }) => {
        const rng = Rng.fromSeed(seed);
        const size = 6;
        const params = Float32Array.from({ length: size }, () => rng.normal());
        const [first, second] = [new Float32Array(size), new Float32Array(size)];
        const reference = new Adam64([...params], { ...adam, weightDecay });
        for (let t = 1; t <= 12; t++) {
          const grads = Float32Array.from({ length: size }, () => rng.normal() * 10 ** -rng.integer(4));
          const range = { from: 0, to: size, learningRate, weightDecay };
          adamUpdate({ params, grads, first, second }, range, adam, t, gradientScale);
          reference.step(
            [...grads].map((g) => g * gradientScale),
            learningRate,
          );
        }
        for (let i = 0; i < size; i++) {
          const moved = Math.abs((params[i] ?? 0) - (reference.params[i] ?? 0));
          expect(moved).toBeLessThan(1e-5 * Math.max(1, Math.abs(reference.params[i] ?? 0)));
        }
      }),
    );
  });

  test('sums squares of a range', () => {
    expect(sumOfSquares(Float32Array.of(9, 1, 2, 3, 9), 1, 4)).toBe(14);
    expect(sumOfSquares(Float32Array.of(9), 1, 1)).toBe(0);
  });
});
