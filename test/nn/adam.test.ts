/** The update against hand-computed numbers, the formulas of the papers and a loop in float64. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { Adam, type AdamBuffers, type AdamOptions, type AdamRange } from '../../src/nn/adam.ts';
import { Adam64 } from './adam64.ts';
import { adamLoop } from './adam-loop.ts';

const options: AdamOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true };
const kernel = new Adam(0);

function step(
  params: Float32Array,
  grads: Float32Array,
  settings: { learningRate: number; weightDecay: number; decoupled: boolean; gradientScale?: number },
): { first: Float32Array; second: Float32Array } {
  const [first, second] = [new Float32Array(params.length), new Float32Array(params.length)];
  const range = { from: 0, to: params.length, ...settings };
  const { decoupled, gradientScale = 1 } = settings;
  kernel.update({ params, grads, first, second }, range, { ...options, decoupled }, 1, gradientScale);
  return { first, second };
}

describe('Adam', () => {
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
    kernel.update({ params, grads, first, second }, range, options, 1, 1);
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
          kernel.update({ params, grads, first, second }, range, adam, t, gradientScale);
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

  test('agrees with the loop to the rounding of float32, wherever a range lies, over more than a chunk', () => {
    const setting = fc.record({
      from: fc.nat(9),
      length: fc.oneof(
        fc.nat(20),
        fc.integer({ min: CHUNK - 5, max: CHUNK + 5 }),
        fc.constant(2 * CHUNK + 3),
      ),
      decoupled: fc.boolean(),
      learningRate: fc.constantFrom(3e-5, 0.1),
      gradientScale: fc.constantFrom(1, 0.3),
      step: fc.constantFrom(1, 3, 20_000),
      shift: fc.nat(1000),
    });
    const pool = drawn(2 * CHUNK + 1100, 3);
    fc.assert(
      fc.property(setting, ({ from, length, decoupled, learningRate, gradientScale, step, shift }) => {
        const ours = copyOf(pool, shift, shift + from + length + 7);
        const theirs = copyOf(ours);
        const before = copyOf(ours);
        const range: AdamRange = { from, to: from + length, learningRate, weightDecay: 0.01 };
        const adam = { ...options, decoupled };
        kernel.update(ours, range, adam, step, gradientScale);
        adamLoop(theirs, range, adam, step, gradientScale);
        expect(ours.grads).toEqual(before.grads);
        let wrong = 0;
        for (let i = 0; i < ours.params.length; i++) {
          const [was, is, shouldBe] = [before, ours, theirs].map((buffers) => at(buffers, i)) as [At, At, At];
          const g = Math.abs(was.grads * gradientScale) + Math.abs(was.params) * 0.01;
          // Sums round with the size of what is added, and the step with them.
          const added = Math.abs(was.first) + g;
          const moved = Math.abs((shouldBe.params - was.params) * (added / shouldBe.first));
          if (Math.abs(is.first - shouldBe.first) > ULP * added) wrong++;
          if (Math.abs(is.second - shouldBe.second) > ULP * (was.second + g * g)) wrong++;
          const slack = ULP * Math.abs(was.params) + 4 * ULP * moved;
          if (Math.abs(is.params - shouldBe.params) > slack) wrong++;
        }
        expect(wrong).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test('neither the place of a value in its range nor where moments lie changes a bit', () => {
    const size = CHUNK + 13;
    const whole = drawn(size, 5);
    const adam = new Adam(size);
    const parts = { ...copyOf(whole), ...adam.moments };
    parts.first.set(whole.first);
    parts.second.set(whole.second);
    const range = { learningRate: 1e-3, weightDecay: 0.1 };
    kernel.update(whole, { ...range, from: 0, to: size }, options, 2, 1);
    for (const [from, to] of [
      [CHUNK, size],
      [0, 1],
      [1, 10],
      [10, 10],
      [10, 15],
      [15, CHUNK],
    ] as const) {
      adam.update(parts, { ...range, from, to }, options, 2, 1);
    }
    expect(copyOf(parts)).toEqual(whole);
  });

  test('moments begin as zeros, have a memory of their own', () => {
    const [one, other] = [new Adam(70_000), new Adam(70_000)];
    const { first, second } = one.moments;
    expect([first.length, second.length]).toEqual([70_000, 70_000]);
    expect([...first, ...second].every((x) => x === 0)).toBe(true);
    first.fill(1);
    second.fill(2);
    expect(first.every((x) => x === 1)).toBe(true);
    expect([...other.moments.first, ...other.moments.second].every((x) => x === 0)).toBe(true);
  });

  test('weight decay of a small rate is exact: it does not become a factor of float32', () => {
    // 1 - 3e-5 * 0.01 lies between two float32s that are a fifth of the decay apart.
    const params = new Float32Array(1000).fill(1);
    const [grads, first, second] = [params.slice().fill(0), params.slice().fill(0), params.slice().fill(0)];
    const range = { from: 0, to: 1000, learningRate: 3e-5, weightDecay: 0.01 };
    params.forEach((_, i) => (params[i] = 1 + i / 1000));
    const sum = params.reduce((total, p) => total + p, 0);
    kernel.update({ params, grads, first, second }, range, options, 1, 1);
    const lost = sum - params.reduce((total, p) => total + p, 0);
    expect(lost / (sum * 3e-7)).toBeCloseTo(1, 1);
  });

  test('moments settle at the mean and the mean square, and end at 0 without gradients', () => {
    const buffers = { params: of(1), grads: of(0.3), first: of(0), second: of(0) };
    const range = { from: 0, to: 1, learningRate: 1e-5, weightDecay: 0 };
    for (let t = 1; t <= 20_000; t++) kernel.update(buffers, range, options, t, 1);
    expect(Math.abs((buffers.first[0] ?? 0) / 0.3 - 1)).toBeLessThan(1e-6);
    expect(Math.abs((buffers.second[0] ?? 0) / 0.09 - 1)).toBeLessThan(1e-4);
    buffers.grads.fill(0);
    for (let t = 1; t <= 1000; t++) kernel.update(buffers, range, options, 20_000 + t, 1);
    expect(buffers.first[0]).toBe(0);
    expect(buffers.second[0]).toBeGreaterThan(0.03);
  });

  test('sums squares of a range', () => {
    expect(kernel.sumOfSquares(Float32Array.of(9, 1, 2, 3, 9), 1, 4)).toBe(14);
    expect(kernel.sumOfSquares(Float32Array.of(9), 1, 1)).toBe(0);
    const values = drawn(3 * CHUNK, 1).grads;
    for (const length of [1, 7, 8, 9, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 3]) {
      const exact = values.subarray(5, 5 + length).reduce((sum, x) => sum + x * x, 0);
      expect(Math.abs(kernel.sumOfSquares(values, 5, 5 + length) / exact - 1)).toBeLessThan(1e-13);
    }
    expect(kernel.sumOfSquares(Float32Array.of(1e30, 1e30), 0, 2)).toBe(2 * Math.fround(1e30) ** 2);
    for (const bad of [Number.NaN, Infinity]) {
      expect(kernel.sumOfSquares(Float32Array.of(1, bad, 1), 0, 3)).not.toSatisfy(Number.isFinite);
      expect(kernel.sumOfSquares(Float32Array.of(1, bad, 1), 2, 3)).toBe(1);
    }
  });
});

/** Values that the kernel takes at once: a page of 64 KiB. */
const CHUNK = 16_384;
/** Half the distance of 1 to the next float32, doubled for two roundings. */
const ULP = 2 ** -23;

const of = (value: number): Float32Array => Float32Array.of(value);

interface At {
  readonly params: number;
  readonly grads: number;
  readonly first: number;
  readonly second: number;
}

function at({ params, grads, first, second }: AdamBuffers, i: number): At {
  return {
    params: params[i] ?? 0,
    grads: grads[i] ?? 0,
    first: first[i] ?? 0,
    second: second[i] ?? 0,
  };
}

function drawn(size: number, seed: number): AdamBuffers {
  const rng = Rng.fromSeed(seed);
  const values = (): Float32Array => Float32Array.from({ length: size }, () => rng.normal());
  return { params: values(), grads: values(), first: values(), second: values().map(Math.abs) };
}

function copyOf({ params, grads, first, second }: AdamBuffers, from?: number, to?: number): AdamBuffers {
  const copy = (values: Float32Array): Float32Array => values.slice(from, to);
  return { params: copy(params), grads: copy(grads), first: copy(first), second: copy(second) };
}
