import { expect, test } from 'vitest';

import { linearSchedule } from '../../src/nn/schedule.ts';

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
