/** Isotonic regression against its definition: the best rising function, found by trying all ways to pool neighbours. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { fewerBlocks, isotonicBlocks, type Observation } from '../../src/evaluation/isotonic.ts';

/** x is the position: 0, 1, 2, ... */
const arbObservations = fc
  .array(
    fc.record({ y: fc.double({ min: 0, max: 1, noNaN: true }), weight: fc.integer({ min: 1, max: 9 }) }),
    {
      minLength: 1,
      maxLength: 9,
    },
  )
  .map((items) => items.map(({ y, weight }, x): Observation => ({ x, y, weight })));

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);
const mean = (items: readonly Observation[]): number =>
  sum(items, ({ y, weight }) => y * weight) / sum(items, ({ weight }) => weight);

/** The least weighted squares of all rising step functions: every set of cuts between neighbours is tried. */
function leastSquares(observations: readonly Observation[]): number {
  let least = Infinity;
  for (let cuts = 0; cuts < 1 << (observations.length - 1); cuts++) {
    const groups: Observation[][] = [[]];
    for (const [i, observation] of observations.entries()) {
      groups.at(-1)?.push(observation);
      if (i < observations.length - 1 && (cuts >> i) % 2 === 1) groups.push([]);
    }
    const means = groups.map(mean);
    if (means.some((y, i) => i > 0 && y < (means[i - 1] ?? 0))) continue;
    least = Math.min(
      least,
      sum(groups, (group) => sum(group, ({ y, weight }) => weight * (y - mean(group)) ** 2)),
    );
  }
  return least;
}

/** The value of the block that an observation is in, by weight: blocks are in order. */
function fitted(observations: readonly Observation[], blocks: readonly Observation[]): number[] {
  let [block, left] = [0, blocks[0]?.weight ?? 0];
  return observations.map(({ weight }) => {
    if (left < 0.5) left = blocks[++block]?.weight ?? 0;
    left -= weight;
    return blocks[block]?.y ?? NaN;
  });
}

describe('isotonic regression', () => {
  test('by hand', () => {
    const observed = [0.1, 0.5, 0.3, 0.1, 0.9].map((y, x) => ({ x, y, weight: 1 }));
    const blocks = isotonicBlocks(observed);
    expect(blocks.map(({ x, weight }) => [x, weight])).toEqual([
      [0, 1],
      [2, 3],
      [4, 1],
    ]);
    expect(blocks.map(({ y }) => y)).toEqual([0.1, expect.closeTo(0.3, 12), 0.9]);
    // Two of 0 outweigh one of 1 that comes before.
    expect(
      isotonicBlocks([
        { x: 1, y: 1, weight: 1 },
        { x: 4, y: 0, weight: 2 },
      ]),
    ).toEqual([{ x: 3, y: 1 / 3, weight: 3 }]);
    expect(isotonicBlocks([])).toEqual([]);
  });

  test('neighbours that are equal are one block', () => {
    const blocks = isotonicBlocks([
      { x: 1, y: 0.5, weight: 1 },
      { x: 4, y: 0.5, weight: 2 },
    ]);
    expect(blocks).toEqual([{ x: 3, y: 0.5, weight: 3 }]);
  });

  test('is the best of all rising functions, strictly rises between blocks, and keeps mean and weight', () => {
    fc.assert(
      fc.property(arbObservations, (observations) => {
        const blocks = isotonicBlocks(observations);
        const values = fitted(observations, blocks);
        const squares = sum(observations, ({ y, weight, x }) => weight * (y - (values[x] ?? NaN)) ** 2);
        expect(squares).toBeCloseTo(leastSquares(observations), 9);
        for (const [i, block] of blocks.entries()) {
          if (i === 0) continue;
          expect(block.y).toBeGreaterThan(blocks[i - 1]?.y ?? NaN);
          expect(block.x).toBeGreaterThan(blocks[i - 1]?.x ?? NaN);
        }
        expect(mean(blocks)).toBeCloseTo(mean(observations), 12);
        expect(sum(blocks, ({ weight }) => weight)).toBe(sum(observations, ({ weight }) => weight));
      }),
    );
  });
});

describe('fewer blocks', () => {
  const blocks = (shares: readonly (readonly [right: number, of: number])[]): Observation[] =>
    shares.map(([right, weight], x) => ({ x, y: right / weight, weight }));

  test('neighbours that chance may set apart are pooled, others not', () => {
    // 1 of 4 and 2 of 5: likelihood ratio 0.23; 90 of 100 is another matter.
    const [low, high, ...none] = fewerBlocks(
      blocks([
        [1, 4],
        [2, 5],
        [90, 100],
      ]),
      { most: 9, chance: 1.92 },
    );
    expect(low).toEqual({ x: expect.closeTo(5 / 9, 12), y: expect.closeTo(1 / 3, 12), weight: 9 });
    expect(high).toEqual({ x: 2, y: 0.9, weight: 100 });
    expect(none).toEqual([]);
  });

  test('and as many as it takes, those that cost the least first', () => {
    const far = blocks([
      [0, 1000],
      [100, 1000],
      [400, 1000],
      [900, 1000],
    ]);
    expect(fewerBlocks(far, { most: 4, chance: 1.92 })).toEqual(far);
    expect(fewerBlocks(far, { most: 3, chance: 1.92 }).map(({ y }) => y)).toEqual([
      expect.closeTo(0.05, 12),
      0.4,
      0.9,
    ]);
    expect(fewerBlocks(far, { most: 1, chance: 0 })).toEqual([
      { x: 1.5, y: expect.closeTo(0.35, 12), weight: 4000 },
    ]);
  });

  test('still rise, and keep the mean', () => {
    fc.assert(
      fc.property(arbObservations, fc.integer({ min: 1, max: 5 }), (observations, most) => {
        const left = fewerBlocks(isotonicBlocks(observations), { most, chance: 0.5 });
        expect(left.length).toBeLessThanOrEqual(most);
        expect(left.every(({ y }, i) => i === 0 || y > (left[i - 1]?.y ?? NaN))).toBe(true);
        expect(mean(left)).toBeCloseTo(mean(observations), 12);
      }),
    );
  });
});
