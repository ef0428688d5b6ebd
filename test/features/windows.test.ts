import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { placesIn, windows } from '../../src/features/windows.ts';

test('what fits is one window; nothing is one empty window', () => {
  expect(windows(510, 510)).toEqual([{ from: 0, to: 510 }]);
  expect(windows(0, 510)).toEqual([{ from: 0, to: 0 }]);
});

test('by hand: one piece too many, and three windows', () => {
  expect(windows(511, 510)).toEqual([
    { from: 0, to: 510 },
    { from: 1, to: 511 },
  ]);
  // (20 - 8) / 6 = 2 steps of 6.
  expect(windows(20, 8)).toEqual([
    { from: 0, to: 8 },
    { from: 6, to: 14 },
    { from: 12, to: 20 },
  ]);
});

test('windows keep to the limit, cover everything and share a quarter with their neighbours', () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.integer({ min: 2, max: 600 }), (count, limit) => {
      const made = windows(count, limit);
      expect([made[0]?.from, made.at(-1)?.to]).toEqual([0, count]);
      for (const { from, to } of made) {
        expect(Number.isInteger(from)).toBe(true);
        expect(to - from).toBe(Math.min(count, limit));
      }
      made.slice(1).forEach(({ from }, i) => {
        const before = made[i] as { from: number; to: number };
        expect(from).toBeGreaterThan(before.from);
        expect(before.to - from).toBeGreaterThanOrEqual(Math.floor(limit / 4));
      });
      // No more of them than these shares need.
      expect(made.length).toBeLessThanOrEqual(1 + Math.ceil(Math.max(0, count - limit) / (0.75 * limit)));
    }),
    { numRuns: 200 },
  );
});

test('a piece has its place in every window that holds it', () => {
  fc.assert(
    fc.property(
      fc.nat(400),
      fc.integer({ min: 2, max: 60 }),
      fc.nat(2),
      fc.nat(2),
      (count, limit, before, after) => {
        const spans = windows(count, limit);
        // Every window written out, its own places as -1.
        const row = spans.flatMap(({ from, to }) => [
          ...Array<number>(before).fill(-1),
          ...Array.from({ length: to - from }, (_, i) => from + i),
          ...Array<number>(after).fill(-1),
        ]);
        const placesOf = placesIn(spans, { before, after });
        for (let piece = 0; piece < count + 2; piece++)
          expect(placesOf(piece)).toEqual([...row.keys()].filter((place) => row[place] === piece));
      },
    ),
  );
});
