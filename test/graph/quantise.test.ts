/** Weights of 8 bits: whole numbers, half a step from the weight at most, each row by its own scale. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { quantiseRows } from '../../src/graph/quantise.ts';

/** A matrix whose rows are of very different size, some of them zero. */
const arbWeightOI = fc.record({ O: fc.nat(5), I: fc.nat(6) }).chain(({ O, I }) =>
  fc
    .tuple(
      fc.array(fc.constantFrom(0, 1e-44, 1e-36, 1e-6, 0.02, 1, 3e4), { minLength: O, maxLength: O }),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: O * I, maxLength: O * I }),
    )
    .map(([sizes, entries]) => ({
      O,
      I,
      weight: Float32Array.from(entries, (x, i) => x * (sizes[Math.floor(i / I)] ?? 0)),
    })),
);

test('each weight is its integer times the scale of its row, to half a step', () => {
  fc.assert(
    fc.property(arbWeightOI, ({ O, I, weight }) => {
      const { values, scales } = quantiseRows(weight, O, I);
      expect([values.length, scales.length]).toEqual([O * I, O]);
      for (let o = 0; o < O; o++) {
        const row = weight.subarray(o * I, (o + 1) * I);
        const scale = scales[o] ?? 0;
        expect(scale).toBeGreaterThan(0);
        const integers = Array.from(row, (_, i) => values[i * O + o] ?? Number.NaN); // transposed: [I, O]
        row.forEach((exact, i) => {
          expect(Math.abs(exact - (integers[i] ?? 0) * scale)).toBeLessThanOrEqual((scale / 2) * (1 + 1e-4));
        });
        // Zeros stay zeros, and the scale is the finest that holds the row: its largest weight takes all of the range.
        const wrong = integers.filter((value, i) => row[i] === 0 && value !== 0);
        const most = integers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        const size = row.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        const expected = size > 1e-35 ? [127] : size < 1e-40 ? [0] : [0, 127];
        expect(wrong).toEqual([]);
        expect(expected).toContain(most);
      }
    }),
  );
});

test('by hand: two rows of three', () => {
  const { values, scales } = quantiseRows(Float32Array.of(1.27, -0.636, 0.004, 0, 0, 0), 2, 3);
  expect([...values]).toEqual([127, 0, -64, 0, 0, 0]);
  expect(scales[0]).toBeCloseTo(0.01, 8);
  expect(scales[1]).toBe(1);
});
