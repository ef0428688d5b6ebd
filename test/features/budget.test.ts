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

test('padded: a group costs its rows times its longest', () => {
  const rows = (): number => 1;
  // 4 + 4 is above 7, though 4 + 3 is not; 3 + 3 and 2 + 2 + 2 fit.
  expect(fillToBudget([3, 9, 1, 4, 2], size, 7, { rows })).toEqual([[9], [4], [3, 2], [1]]);
  expect(fillToBudget([2, 2, 1, 1], size, 6, { rows })).toEqual([[2, 2, 1], [1]]);
  // Rows of 1 cost 5 each beside one of 5: 5 + 5 fit into 10, 5 + 5 + 5 do not.
  const items = [
    { rows: 3, longest: 1 },
    { rows: 1, longest: 5 },
    { rows: 1, longest: 1 },
  ];
  const groups = fillToBudget(items, ({ longest }) => longest, 10, { rows: (item) => item.rows });
  expect(groups).toEqual([[items[1]], [items[0], items[2]]]);
  const arbItem = fc.record({ rows: fc.nat(6), longest: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(arbItem), fc.integer({ min: 1, max: 100 }), (some, budget) => {
      const filled = fillToBudget(some, ({ longest }) => longest, budget, { rows: (item) => item.rows });
      expect(filled.flat()).toEqual(some.toSorted((a, b) => b.longest - a.longest));
      filled.forEach((group, g) => {
        const longest = Math.max(...group.map((item) => item.longest));
        const cost = longest * group.reduce((sum, item) => sum + item.rows, 0);
        expect(cost <= budget || group.length === 1).toBe(true);
        // No group stops before it is full.
        const next = filled[g + 1]?.[0];
        expect(next !== undefined && cost + next.rows * longest <= budget).toBe(false);
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
