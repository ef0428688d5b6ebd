import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { sizeOf, zeros } from '../../src/nn/initialisers.ts';
import { type LearningRates, Optimizer, type OptimizerOptions } from '../../src/nn/optimizer.ts';
import type { ParameterSpec } from '../../src/nn/parameters.ts';
import { Adam64 } from './adam64.ts';

const spec = (name: string, shape: readonly number[], group: ParameterSpec['group']): ParameterSpec => ({
  name,
  shape,
  group,
  initial: zeros,
  decay: shape.length > 1,
  rows: false,
  frozen: false,
});
const specs = [
  spec('words', [50, 8], 'encoder'),
  spec('weight', [8, 8], 'encoder'),
  spec('bias', [8], 'encoder'),
  spec('bilinear', [3, 5, 5], 'head'),
  spec('out', [3], 'head'),
];
const options: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  decoupled: true,
  weightDecay: 0.1,
  clipNorm: 2,
};
const rates: LearningRates = { encoder: 1e-3, head: 2e-2 };

const drawn = (seed: number): Map<string, Float32Array> => {
  const rng = Rng.fromSeed(seed);
  return new Map(
    specs.map(({ name, shape }) => [name, Float32Array.from({ length: sizeOf(shape) }, () => rng.normal())]),
  );
};
const snapshot = (optimizer: Optimizer): Map<string, Float32Array> =>
  new Map(specs.map(({ name }) => [name, optimizer.parameter(name).slice()]));

/** One update from the gradients of a seed. @returns the norm */
async function update(optimizer: Optimizer, seed: number, scale = 1): Promise<number> {
  for (const [name, values] of drawn(seed)) optimizer.gradient(name).set(values.map((x) => x * scale));
  return optimizer.update(rates);
}

const norm = (values: Map<string, Float32Array>): number =>
  Math.sqrt([...values.values()].reduce((sum, part) => sum + part.reduce((s, x) => s + x * x, 0), 0));

describe('Optimizer', () => {
  test('clips by the norm of all gradients, decays matrices only, has a rate per group', async () => {
    const start = drawn(0);
    const optimizer = await Optimizer.create(specs, start, options, { threads: 1 });
    const references = new Map(
      specs.map(({ name, decay }) => [
        name,
        new Adam64([...(start.get(name) ?? [])], { ...options, weightDecay: decay ? 0.1 : 0 }),
      ]),
    );
    for (let t = 1; t <= 5; t++) {
      // The third and later gradients are below the limit of 2 and stay as they are.
      const scale = t < 3 ? 1 : 0.01;
      const expected = norm(drawn(t)) * scale;
      expect(await update(optimizer, t, scale)).toBeCloseTo(expected, 3);
      const clip = Math.min(1, 2 / expected);
      expect(clip < 1).toBe(t < 3);
      for (const { name, group } of specs) {
        const grads = [...(drawn(t).get(name) ?? [])].map((x) => x * scale * clip);
        references.get(name)?.step(grads, rates[group]);
      }
    }
    expect(optimizer.step).toBe(5);
    for (const { name } of specs) {
      const expected = references.get(name)?.params ?? [];
      [...optimizer.parameter(name)].forEach((x, i) =>
        expect(Math.abs(x - (expected[i] ?? 0))).toBeLessThan(1e-5),
      );
    }
    await optimizer.dispose();
  });

  test('gives the same bits with 1, 2, 3 and more threads', async () => {
    const results: Map<string, Float32Array>[] = [];
    const norms: number[][] = [];
    for (const threads of [1, 2, 3, 9]) {
      const optimizer = await Optimizer.create(specs, drawn(0), options, { threads });
      norms.push([await update(optimizer, 1), await update(optimizer, 2), await update(optimizer, 3)]);
      results.push(snapshot(optimizer));
      await optimizer.dispose();
    }
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
    for (const other of norms.slice(1)) expect(other).toEqual(norms[0]);
    expect(results[0]).not.toEqual(drawn(0));
  });

  test('goes on from saved values and moments to the bit, with another number of threads too', async () => {
    const whole = await Optimizer.create(specs, drawn(0), options, { threads: 1 });
    for (let t = 1; t <= 4; t++) await update(whole, t);

    const first = await Optimizer.create(specs, drawn(0), options, { threads: 2 });
    for (let t = 1; t <= 2; t++) await update(first, t);
    const [values, moments, step] = [snapshot(first), await first.moments(), first.step];
    await update(first, 9); // what happens afterwards does not reach into what was saved
    await first.dispose();

    const second = await Optimizer.create(specs, values, options, { threads: 1, step, moments });
    for (let t = 3; t <= 4; t++) await update(second, t);
    expect(second.step).toBe(4);
    expect(snapshot(second)).toEqual(snapshot(whole));
    expect(await second.moments()).toEqual(await whole.moments());

    // Without the moments it would end elsewhere.
    const bare = await Optimizer.create(specs, values, options, { threads: 1, step });
    for (let t = 3; t <= 4; t++) await update(bare, t);
    expect(snapshot(bare)).not.toEqual(snapshot(whole));
    await Promise.all([whole.dispose(), second.dispose(), bare.dispose()]);
  });

  test('a gradient that is not finite changes nothing and does not count', async () => {
    for (const threads of [1, 2]) {
      const optimizer = await Optimizer.create(specs, drawn(0), options, { threads });
      await update(optimizer, 1);
      const [before, moments] = [snapshot(optimizer), await optimizer.moments()];
      for (const bad of [Number.NaN, Infinity]) {
        optimizer.gradient('out').set([0, bad, 0]);
        expect(await optimizer.update(rates)).not.toSatisfy(Number.isFinite);
      }
      expect(snapshot(optimizer)).toEqual(before);
      expect(await optimizer.moments()).toEqual(moments);
      expect(optimizer.step).toBe(1);
      await optimizer.dispose();
    }
  });

  test('without a limit nothing is clipped; an unknown name is an error', async () => {
    const free = await Optimizer.create(specs, drawn(0), { ...options, clipNorm: 0 }, { threads: 1 });
    await update(free, 1, 1000);
    const { first } = await free.moments();
    const g = (drawn(1).get('out')?.[0] ?? 0) * 1000;
    expect((first.get('out')?.[0] ?? 0) / g).toBeCloseTo(0.1, 6);
    expect(() => free.parameter('nothing')).toThrow('nothing');
    await free.dispose();
  });
});
