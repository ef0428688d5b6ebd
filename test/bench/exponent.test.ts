/** The power of a cost in a size. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { exponent } from '../../bench/exponent.ts';

const sizes = [1, 2, 5, 10, 30, 100];

test('finds the power that made the costs', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 3, noNaN: true }),
      fc.double({ min: 0.001, max: 1000, noNaN: true }),
      (power, factor) => {
        const points = sizes.map((size) => ({ size, cost: factor * size ** power }));
        expect(exponent(points)).toBeCloseTo(power, 8);
      },
    ),
  );
});

test('the lower half has no say', () => {
  const points = sizes.map((size) => ({ size, cost: size < 10 ? 7 : size ** 2 }));
  expect(exponent(points)).toBeCloseTo(2, 10);
});

test('two points of three, and a line of least squares through four', () => {
  const flat = [1, 10, 100].map((size) => ({ size, cost: size === 1 ? 50 : 3 * size }));
  expect(exponent(flat)).toBeCloseTo(1, 10);
  // Costs 1, e, e, e^2 at sizes 1, e, e^2, e^3: slope of (0,0) (1,1) (2,1) (3,2) is 0.6, behind four others.
  const e = Math.E;
  const curve = [1, e, e, e ** 2].map((cost, i) => ({ size: e ** i, cost }));
  const before = [1e-4, 1e-3, 1e-2, 1e-1].map((size) => ({ size, cost: 9 }));
  expect(exponent([...before, ...curve])).toBeCloseTo(0.6, 10);
});

test('one point has no slope', () => {
  expect(exponent([{ size: 1, cost: 1 }])).toBeNaN();
});
