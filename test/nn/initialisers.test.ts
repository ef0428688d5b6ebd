import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { normal, ones, sinusoids, uniformFanIn, zeros } from '../../src/nn/initialisers.ts';
import { initialValues, type ParameterSpec } from '../../src/nn/parameters.ts';

const moments = (values: Float32Array): { mean: number; deviation: number } => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) };
};

describe('initialisers', () => {
  test('uniformFanIn fills +-1 / sqrt(fanIn) evenly', () => {
    const values = uniformFanIn(148)([100, 200], Rng.fromSeed(1));
    const bound = 1 / Math.sqrt(148);
    const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    expect(values).toHaveLength(20_000);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(largest).toBeGreaterThan(0.999 * bound);
    expect(Math.abs(moments(values).mean)).toBeLessThan(0.02 * bound);
    expect(moments(values).deviation).toBeCloseTo(bound / Math.sqrt(3), 3);
  });

  test('normal has its deviation', () => {
    const { mean, deviation } = moments(normal(0.02)([20_000], Rng.fromSeed(1)));
    expect(Math.abs(mean)).toBeLessThan(0.0007);
    expect(Math.abs(deviation - 0.02)).toBeLessThan(0.0005);
  });

  test('sinusoids have their deviation, and rows the products that their distance gives', () => {
    const [rows, width] = [64, 32];
    const values = sinusoids(0.02)([rows, width]);
    const row = (t: number): Float32Array => values.subarray(t * width, (t + 1) * width);
    const product = (s: number, t: number): number =>
      row(s).reduce((sum, x, d) => sum + x * (row(t)[d] ?? Number.NaN), 0);
    expect([values[0], values[1], values[width]]).toEqual(
      [0, 1, Math.sin(1)].map((x) => Math.fround(0.02 * Math.SQRT2 * x)),
    );
    expect(product(5, 5) / width).toBeCloseTo(0.02 ** 2, 9);
    for (const distance of [1, 7, 30])
      expect(product(2, 2 + distance)).toBeCloseTo(product(30, 30 + distance), 8);
    expect(product(5, 6)).toBeGreaterThan(product(5, 12));
  });

  test('zeros and ones', () => {
    expect([...zeros([2, 2], Rng.fromSeed(1))]).toEqual([0, 0, 0, 0]);
    expect([...ones([3], Rng.fromSeed(1))]).toEqual([1, 1, 1]);
    expect(ones([0, 3], Rng.fromSeed(1))).toHaveLength(0);
  });
});

describe('initialValues', () => {
  const spec = (name: string): ParameterSpec => ({
    name,
    shape: [4, 4],
    initial: normal(1),
    group: 'head',
    decay: true,
    rows: false,
    frozen: false,
  });

  test('a value depends on the seed and its own name, not on what is beside it', () => {
    const alone = initialValues([spec('a')], 1).get('a');
    const among = initialValues([spec('c'), spec('a'), spec('b')], 1);
    expect(among.get('a')).toEqual(alone);
    expect(among.get('b')).not.toEqual(alone);
    expect(initialValues([spec('a')], 2).get('a')).not.toEqual(alone);
  });
});
