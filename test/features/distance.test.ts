import { expect, test } from 'vitest';

import { distanceBucket, distanceRows } from '../../src/features/distance.ts';

test('buckets are those of the specification, to the word', () => {
  const ranges: [number, number][] = [
    [0, 0],
    [1, 1],
    [2, 3],
    [4, 7],
    [8, 15],
    [16, 31],
    [32, 63],
    [64, 127],
    [128, 255],
    [256, 511],
  ];
  ranges.forEach(([from, to], bucket) => {
    for (let distance = from; distance <= to; distance++) {
      expect(distanceBucket(distance)).toBe(bucket);
      expect(distanceBucket(-distance)).toBe(bucket === 0 ? 0 : -bucket);
    }
  });
  // Past the table of the original, in the last bucket.
  for (const distance of [512, 1023, 1024, 100_000]) expect(distanceBucket(distance)).toBe(9);
});

test('rows are 10 + b for the head and 10 - b for the tail, from 1 to 19', () => {
  expect(distanceRows(3, 3)).toEqual({ head: 10, tail: 10 });
  expect(distanceRows(9, 5)).toEqual({ head: 13, tail: 7 });
  expect(distanceRows(5, 9)).toEqual({ head: 7, tail: 13 });
  expect(distanceRows(0, 5000)).toEqual({ head: 1, tail: 19 });
});
