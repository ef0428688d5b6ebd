/** The floors of the benchmarks, against sums written out. */
import { expect, test } from 'vitest';

import { forwardOperations, maskedStepOperations, shareOfPeak, stepOperations } from '../../bench/floor.ts';

const product = (rows: number, inner: number, columns: number): number => 2 * rows * inner * columns;

test('operations are those of every product of the encoder', () => {
  const [width, layers] = [8, 2];
  const expected = [3, 5].reduce((sum, T) => {
    const layer =
      4 * product(T, width, width) +
      product(T, width, 4 * width) +
      product(T, 4 * width, width) +
      product(T, width, T) +
      product(T, T, width);
    return sum + layers * layer;
  }, 0);
  expect(forwardOperations({ layers, width }, [3, 5])).toBe(expected);
  expect(stepOperations({ layers, width }, [3, 5])).toBe(3 * expected);
});

test('a decoder scores masked pieces only', () => {
  const [shape, lengths] = [{ width: 8, layers: 2, vocabularySize: 50 }, [3, 5]];
  const head = product(2, 8, 8) + product(2, 8, 50);
  expect(maskedStepOperations(shape, { lengths, masked: 2 })).toBe(stepOperations(shape, lengths) + 3 * head);
});

test('the share is that of the time which the peak would take', () => {
  // 4 GFLOP at 100 GFLOP/s take 40 ms.
  expect(shareOfPeak(4e9, { ms: 80, rate: 100 })).toBeCloseTo(50, 10);
  expect(shareOfPeak(4e9, { ms: null, rate: 100 })).toBeNull();
  expect(shareOfPeak(4e9, { ms: 80, rate: null })).toBeNull();
});
