import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { fillToBudget } from '../../src/features/budget.ts';

const size = (n: number): number => n;

test('by hand: the longest first, as many as fit', () => {
  expect(fillToBudget([3, 9, 1, 4, 2], size, 7)).toEqual([[9], [4, 3], [2, 1]]);
  expect(fillToBudget([], size, 7)).toEqual([]);
});

test('keeps to the budget but for items that are larger, loses none, puts like lengths together', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.integer({ min: 1, max: 100 }), (items, budget) => {
      const groups = fillToBudget(items, size, budget);
      for (const group of groups) {
        const sum = group.reduce((a, b) => a + b, 0);
        expect(sum <= budget || group.length === 1).toBe(true);
      }
      expect(groups.flat()).toEqual(items.toSorted((a, b) => b - a));
    }),
  );
});

test('padded: a group costs its number times its largest', () => {
  // 4 + 4 is above 7, though 4 + 3 is not; 3 + 3 and 2 + 2 + 2 fit.
  expect(fillToBudget([3, 9, 1, 4, 2], size, 7, { padded: true })).toEqual([[9], [4], [3, 2], [1]]);
  expect(fillToBudget([2, 2, 1, 1], size, 6, { padded: true })).toEqual([[2, 2, 1], [1]]);
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.integer({ min: 1, max: 100 }), (items, budget) => {
      const groups = fillToBudget(items, size, budget, { padded: true });
      expect(groups.flat()).toEqual(items.toSorted((a, b) => b - a));
      groups.forEach((group, g) => {
        const cost = group.length * Math.max(...group);
        expect(cost <= budget || group.length === 1).toBe(true);
        // No group stops before it is full.
        const next = g + 1 < groups.length;
        expect(next && cost + Math.max(...group) <= budget).toBe(false);
      });
    }),
  );
});

test('equal items keep their order, so that a run repeats to the bit', () => {
  const items = Array.from({ length: 20 }, (_, id) => ({ id, size: id % 2 }));
  const order = fillToBudget(items, (item) => item.size, 1000).flat();
  expect(order.map(({ id }) => id)).toEqual([
    1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18,
  ]);
});
