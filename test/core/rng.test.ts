import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('Rng', () => {
  test('is xoshiro128**: its first numbers from the state 1, 2, 3, 4', () => {
    // By hand from the definition: rotl(2 * 5, 7) * 9; then s1 = 2 ^ 3 ^ 1 = 0.
    const rng = Rng.fromState([1, 2, 3, 4]);
    expect([rng.uint32(), rng.uint32()]).toEqual([11520, 0]);
    expect(rng.state).toEqual(xoshiro([1, 2, 3, 4], 2).state.map(Number));
  });

  test('agrees with the definition in big integers', () => {
    fc.assert(
      fc.property(fc.tuple(seed, seed, seed, seed), (state) => {
        const rng = Rng.fromState(state);
        const numbers = Array.from({ length: 20 }, () => rng.uint32());
        expect(numbers).toEqual(xoshiro(state, 20).numbers.map(Number));
      }),
    );
  });

  test('goes on from a saved state', () => {
    fc.assert(
      fc.property(seed, fc.nat(50), (s, used) => {
        const rng = Rng.fromSeed(s, 'a');
        for (let i = 0; i < used; i++) rng.uint32();
        const again = Rng.fromState(JSON.parse(JSON.stringify(rng.state)));
        expect(Array.from({ length: 10 }, () => again.uint32())).toEqual(
          Array.from({ length: 10 }, () => rng.uint32()),
        );
      }),
    );
  });

  test('streams of a seed are sequences of their own, and so are the seeds of a stream', () => {
    const streams = ['', 'a', 'b', 'ab', 'ba', 'pairs 1 10', 'pairs 11 0', 'dropout 1', 'dropout 2'];
    const first = (seed: number, stream: string): string => {
      const rng = Rng.fromSeed(seed, stream);
      return `${rng.uint32()} ${rng.uint32()}`;
    };
    const seeds = Array.from({ length: 100 }, (_, s) => s);
    for (const s of seeds) expect(new Set(streams.map((stream) => first(s, stream))).size).toBe(9);
    for (const stream of streams) expect(new Set(seeds.map((s) => first(s, stream))).size).toBe(100);
    expect(Rng.fromSeed(7, 'x').state).toEqual(Rng.fromSeed(7, 'x').state);
  });

  test('uniform numbers fill [0, 1) evenly', () => {
    const rng = Rng.fromSeed(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const x = rng.uniform();
      counts[Math.floor(x * 10)] = (counts[Math.floor(x * 10)] ?? 0) + 1;
    }
    expect(counts).toHaveLength(10); // nothing below 0, nothing at 1
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500); // five deviations
  });

  test('normal numbers have mean 0, deviation 1 and thin tails', () => {
    const rng = Rng.fromSeed(2);
    const drawn = Array.from({ length: 100_000 }, () => rng.normal());
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((a, b) => a + b * b, 0) / drawn.length;
    const beyond = drawn.filter((x) => Math.abs(x) > 1.959964).length / drawn.length;
    expect(Math.abs(mean)).toBeLessThan(0.016);
    expect(Math.abs(variance - 1)).toBeLessThan(0.023);
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.004);
    expect(drawn.every(Number.isFinite)).toBe(true);
  });

  test('integers stay below, shuffles keep every item, samples take none twice', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 40 }), fc.nat(50), (s, size, count) => {
        const rng = Rng.fromSeed(s);
        const items = Array.from({ length: size }, (_, i) => i);
        const drawn = rng.integer(size);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < size).toBe(true);
        expect(items).toContain(rng.pick(items));
        expect(rng.shuffle(items).sort((a, b) => a - b)).toEqual(items);
        const sample = rng.sample(items, count);
        expect(sample).toHaveLength(Math.min(count, size));
        expect(new Set(sample).size).toBe(sample.length);
        expect(items).toEqual(Array.from({ length: size }, (_, i) => i)); // left as they were
      }),
    );
  });

  test('samples and shuffles are uniform', () => {
    const rng = Rng.fromSeed(3);
    const taken = Array.from({ length: 5 }, () => 0);
    const orders = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      for (const item of rng.sample([0, 1, 2, 3, 4], 2)) taken[item] = (taken[item] ?? 0) + 1;
      const order = rng.shuffle(['a', 'b', 'c']).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    for (const count of taken) expect(Math.abs(count - 4800)).toBeLessThan(270);
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 2000)).toBeLessThan(205);
  });
});

/** Blackman and Vigna's definition. */
function xoshiro(
  state: readonly number[],
  count: number,
): { numbers: bigint[]; state: [bigint, bigint, bigint, bigint] } {
  const word = (x: bigint): bigint => BigInt.asUintN(32, x);
  const rotate = (x: bigint, k: bigint): bigint => word((x << k) | (x >> (32n - k)));
  let [a = 0n, b = 0n, c = 0n, d = 0n] = state.map(BigInt);
  const numbers: bigint[] = [];
  for (let i = 0; i < count; i++) {
    numbers.push(word(rotate(word(b * 5n), 7n) * 9n));
    const t = word(b << 9n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11n);
  }
  return { numbers, state: [a, b, c, d] };
}
