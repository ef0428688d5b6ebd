import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import type { Shape } from '../../src/graph/dims.ts';
import { Graph } from '../../src/graph/graph.ts';
import { DropoutMasks, MaskPool, noDropout } from '../../src/nn/dropout.ts';
import { evaluate64 } from '../graph/oracle.ts';

const shapes = new Map<string, Shape>([
  ['dropout.0', ['N', 8]],
  ['dropout.1', ['U', 2, 'T', 'T']],
]);
const sizes = { N: 500, U: 3, T: 20 };

describe('MaskPool', () => {
  test('zeroes the rate and scales the rest so that the mean stays', () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const masks = new MaskPool(rate, 1).draw(new Map([['m', [200_000]]]), {}, Rng.fromSeed(2));
      const data = masks.get('m')?.data ?? new Float32Array(0);
      expect(data).toHaveLength(200_000);
      const zeros = data.filter((x) => x === 0).length / data.length;
      expect(Math.abs(zeros - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / data.length));
      expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    }
  });

  test('gives every mask its shape, and masks of their own', () => {
    const masks = new MaskPool(0.5, 1).draw(shapes, sizes, Rng.fromSeed(2));
    expect([...masks].map(([name, { shape, data }]) => [name, shape, data.length])).toEqual([
      ['dropout.0', [500, 8], 4000],
      ['dropout.1', [3, 2, 20, 20], 2400],
    ]);
    expect(masks.get('dropout.0')?.data.slice(0, 2400)).not.toEqual(masks.get('dropout.1')?.data);
  });

  test('the seed and the generator decide: equal ones give equal masks, others do not', () => {
    const draw = (seed: number, step: string): Float32Array | undefined =>
      new MaskPool(0.1, seed).draw(shapes, sizes, Rng.fromSeed(5, step)).get('dropout.0')?.data;
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
  });

  test('a larger batch before or after does not change a mask', () => {
    const large = new Map<string, Shape>([['large', [6_000_000]]]);
    const small = (pool: MaskPool): Float32Array | undefined =>
      pool.draw(shapes, sizes, Rng.fromSeed(7)).get('dropout.0')?.data.slice();
    const pool = new MaskPool(0.1, 3);
    const before = small(pool);
    const grown = pool.draw(large, {}, Rng.fromSeed(8)).get('large')?.data.subarray(0, 5000);
    expect(small(pool)).toEqual(before);
    const other = new MaskPool(0.1, 3);
    expect(other.draw(large, {}, Rng.fromSeed(8)).get('large')?.data.subarray(0, 5000)).toEqual(grown);
    expect(small(other)).toEqual(before);
  });

  test('no masks take no random numbers', () => {
    const rng = Rng.fromSeed(1);
    expect(new MaskPool(0, 1).draw(new Map(), sizes, rng).size).toBe(0);
    expect(rng.state).toEqual(Rng.fromSeed(1).state);
  });
});

test('DropoutMasks declares an input for every application and multiplies by it', () => {
  const graph = new Graph();
  const masks = new DropoutMasks(graph);
  const x = graph.input('x', 'float32', ['N', 2]);
  const y = masks.apply(masks.apply(x));
  expect([...masks.shapes]).toEqual([
    ['dropout.0', ['N', 2]],
    ['dropout.1', ['N', 2]],
  ]);
  const array = (...data: number[]) => ({ shape: [2, 2], data: Float64Array.from(data) });
  const feeds = { x: array(1, 2, 3, 4), 'dropout.0': array(0, 2, 2, 2), 'dropout.1': array(2, 2, 0, 2) };
  expect([...(evaluate64([y], feeds)[0]?.data ?? [])]).toEqual([0, 8, 0, 16]);
  expect(noDropout(x)).toBe(x);
});
