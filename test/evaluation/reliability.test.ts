/** Measures of reliability, by hand and against their definitions. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Judged, reliability } from '../../src/evaluation/reliability.ts';

const level = (probability: number, facts: number, right: number): Judged => ({
  score: probability,
  probability,
  facts,
  right,
});

describe('by hand', () => {
  // Ten facts: two of four right at 0.25, three of five at 0.85 and 0.89, one of one at 1.
  const judged = [level(0.25, 4, 2), level(0.85, 3, 2), level(0.89, 2, 1), level(1, 1, 1)];

  test('bins of equal width; 1 belongs to the last', () => {
    const { bins, facts, right } = reliability(judged);
    expect([facts, right]).toEqual([10, 6]);
    expect(bins).toEqual([
      { low: 0.2, high: 0.3, facts: 4, right: 2, said: 0.25, found: 0.5 },
      {
        low: 0.8,
        high: 0.9,
        facts: 5,
        right: 3,
        said: expect.closeTo((3 * 0.85 + 2 * 0.89) / 5, 12),
        found: 0.6,
      },
      { low: 0.9, high: 1, facts: 1, right: 1, said: 1, found: 1 },
    ]);
  });

  test('expected calibration error, Brier score, log loss', () => {
    const found = reliability(judged);
    // |0.25 - 0.5| of 4, |0.866 - 0.6| of 5, none of 1.
    expect(found.ece).toBeCloseTo((4 * 0.25 + 5 * 0.266) / 10, 12);
    const brier = 2 * 0.75 ** 2 + 2 * 0.25 ** 2 + 2 * 0.15 ** 2 + 0.85 ** 2 + 0.11 ** 2 + 0.89 ** 2;
    expect(found.brier).toBeCloseTo(brier / 10, 12);
    const loss = 2 * Math.log(0.25) + 2 * Math.log(0.75) + 2 * Math.log(0.85) + Math.log(0.15);
    expect(found.logLoss).toBeCloseTo(-(loss + Math.log(0.89) + Math.log(0.11)) / 10, 12);
  });

  test('a certainty that fails costs infinitely much; nothing has no measure', () => {
    expect(reliability([level(1, 2, 1)]).logLoss).toBe(Infinity);
    expect(reliability([])).toEqual({ facts: 0, right: 0, ece: null, brier: null, logLoss: null, bins: [] });
  });
});

describe('any facts', () => {
  const arbFacts = fc.array(
    fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.boolean() }),
    { minLength: 1, maxLength: 40 },
  );

  test('are all in the bins, and measure as fact by fact', () => {
    fc.assert(
      fc.property(arbFacts, (facts) => {
        const judged = facts.map(({ probability, right }) => level(probability, 1, Number(right)));
        const found = reliability(judged);
        expect(found.bins.reduce((sum, bin) => sum + bin.facts, 0)).toBe(facts.length);
        expect(found.bins.reduce((sum, bin) => sum + bin.right, 0)).toBe(found.right);
        for (const { low, high, said } of found.bins) {
          expect(said).toBeGreaterThanOrEqual(low - 1e-12);
          expect(said).toBeLessThanOrEqual(high + 1e-12);
        }
        const squares = facts.map(({ probability, right }) => (probability - Number(right)) ** 2);
        expect(found.brier).toBeCloseTo(squares.reduce((a, b) => a + b) / facts.length, 12);
        // No bin can be off by more than all of its facts are.
        const distances = facts.map(({ probability, right }) => Math.abs(probability - Number(right)));
        expect(found.ece).toBeLessThanOrEqual(distances.reduce((a, b) => a + b) / facts.length + 1e-12);
      }),
    );
  });
});
