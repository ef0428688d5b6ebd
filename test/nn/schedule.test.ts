import { expect, test } from 'vitest';

import { budgetSchedule, linearSchedule } from '../../src/nn/schedule.ts';

const all = (steps: number, options: { warmup: number; total: number }): number[] =>
  Array.from({ length: steps }, (_, step) => linearSchedule(step, options));

test('rises to 1 over the warm-up and falls to 0 at the end', () => {
  expect(all(10, { warmup: 4, total: 8 })).toEqual([0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25, 0, 0]);
});

test('without a warm-up begins at 1; without a total stays there', () => {
  expect(all(5, { warmup: 0, total: 4 })).toEqual([1, 0.75, 0.5, 0.25, 0]);
  expect(all(4, { warmup: 2, total: 0 })).toEqual([0.5, 1, 1, 1]);
  expect(all(3, { warmup: 0, total: 0 })).toEqual([1, 1, 1]);
});

test('every step of a run has a rate above 0, also where the warm-up is all of it', () => {
  for (const [warmup, total] of [
    [0, 1],
    [1, 1],
    [5, 5],
    [3, 50],
  ] as const) {
    expect(all(total, { warmup, total }).every((factor) => factor > 0 && factor <= 1)).toBe(true);
  }
});

test('over a share of the run: rises from 0 to 1 over the warm-up, and is 0 at its end and after it', () => {
  const factors = [0, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.3].map((share) => budgetSchedule(share, 0.2));
  for (const [i, factor] of [0, 0.5, 1, 0.75, 0.5, 0.25, 0, 0].entries())
    expect(factors[i]).toBeCloseTo(factor, 12);
  expect([0, 0.5, 1].map((share) => budgetSchedule(share, 0))).toEqual([1, 0.5, 0]);
  expect([0, 0.5, 1].map((share) => budgetSchedule(share, 1))).toEqual([0, 0.5, 0]);
});
