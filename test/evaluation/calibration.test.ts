/** What scores mean: the function by hand, fits of facts whose truth is known, and what few facts must not claim. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { calibrationSchema } from '../../src/core/calibration.ts';
import { Rng } from '../../src/core/rng.ts';
import { assess, fitCalibration, fitIsotonic, LEAST_RIGHT } from '../../src/evaluation/calibration.ts';
import { calibrated, type Calibration } from '../../src/core/calibration.ts';
import { fitPlatt } from '../../src/evaluation/platt.ts';
import { CORRECT, IN_TRAIN } from '../../src/evaluation/ranking.ts';
import { ScoreTally } from '../../src/evaluation/score-tally.ts';

const odds = (p: number): number => Math.log(p / (1 - p));
const chance = (z: number): number => 1 / (1 + Math.exp(-z));

/** Documents of facts that are right as often as `truth` says of their scores. */
function drawn(
  truth: (score: number) => number,
  { documents, facts, seed = 1 }: { documents: number; facts: number; seed?: number },
): ScoreTally {
  const rng = Rng.fromSeed(seed);
  const tally = new ScoreTally();
  for (let d = 0; d < documents; d++) {
    const scores = Float32Array.from({ length: facts }, () => rng.uniform());
    tally.addDocument(
      scores,
      Uint8Array.from(scores, (score) => (rng.uniform() < truth(score) ? CORRECT : 0)),
    );
  }
  return tally;
}

function fitted(tally: ScoreTally, theta = 0.5): Calibration {
  const { calibration, reason } = fitCalibration(tally, { theta });
  if (calibration === undefined) throw new Error(reason);
  return calibration;
}

describe('the function', () => {
  const knots = [
    [0.1, 0.02],
    [0.5, 0.2],
    [0.9, 0.6],
  ] as const;

  test('by hand: level beyond the ends, straight in log odds between', () => {
    const of = (score: number): number => calibrated({ method: 'isotonic', knots }, score);
    expect([0, 0.05, 0.1].map(of)).toEqual([0.02, 0.02, 0.02]);
    expect([0.9, 0.99, 1].map(of)).toEqual([0.6, 0.6, 0.6]);
    expect(of(0.5)).toBe(0.2);
    // 0.75 lies halfway between 0.5 and 0.9 in log odds: ln 3 of ln 9.
    expect(of(0.75)).toBeCloseTo(chance((odds(0.2) + odds(0.6)) / 2), 12);
    expect(calibrated({ method: 'isotonic', knots: [[0.3, 0.4]] }, 0.9)).toBe(0.4);
  });

  test("Platt's by hand, at 0 and 1 too", () => {
    const curve = { method: 'platt', scale: 2, shift: -1 } as const;
    expect(calibrated(curve, 0.5)).toBeCloseTo(chance(-1), 12);
    expect(calibrated(curve, 0.8)).toBeCloseTo(chance(2 * Math.log(4) - 1), 12);
    expect(calibrated(curve, 0)).toBeLessThan(1e-9);
    expect(calibrated(curve, 1)).toBeGreaterThan(0.999);
  });

  test('of any fit rises, strictly between the outermost knots, and stays inside 0 and 1', () => {
    const arbLevels = fc.uniqueArray(
      fc.record({
        score: fc.double({ min: 0, max: 1, noNaN: true }),
        facts: fc.integer({ min: 1, max: 1e6 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      { minLength: 1, maxLength: 30, selector: ({ score }) => score },
    );
    const arbScores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(arbLevels, arbScores, (drawnLevels, scores) => {
        const levels = drawnLevels
          .map(({ score, facts, share }) => ({ score, facts, right: Math.round(facts * share) }))
          .sort((a, b) => a.score - b.score);
        const curve = fitIsotonic(levels);
        const read = {
          ...curve,
          documents: 1,
          facts: 1,
          right: 0,
          error: { score: null, crossFitted: null },
        };
        expect(calibrationSchema.safeParse(read).success).toBe(true);
        const ordered = [...scores, ...curve.knots.map(([score]) => score)].sort((a, b) => a - b);
        const [first = 0, last = 1] = [curve.knots[0]?.[0], curve.knots.at(-1)?.[0]];
        for (const [i, score] of ordered.entries()) {
          const p = calibrated(curve, score);
          expect(p > 0 && p < 1).toBe(true);
          const before = ordered[i - 1];
          if (before === undefined) continue;
          const lower = calibrated(curve, before);
          expect(p).toBeGreaterThanOrEqual(lower);
          const apart = score > before + 1e-6 && before >= first && score <= last;
          expect(!apart || p > lower).toBe(true);
        }
      }),
    );
  });
});

describe('a fit', () => {
  const truth = (score: number): number => 0.05 + 0.7 * score ** 3;

  test('finds how often facts are right, and has no error left', () => {
    const tally = drawn(truth, { documents: 40, facts: 1000 });
    const calibration = fitted(tally);
    expect(calibration).toMatchObject({ method: 'isotonic', documents: 40, facts: 40_000 });
    for (const score of [0.1, 0.3, 0.5, 0.7, 0.9])
      expect(calibrated(calibration, score)).toBeCloseTo(truth(score), 1);
    expect(calibration.error.score).toBeGreaterThan(0.3);
    expect(calibration.error.crossFitted).toBeLessThan(0.03);
    const { all } = assess(tally, { theta: 0.5, curve: calibration });
    expect(all.ece).toBeLessThan(0.01);
    // Facts it never saw.
    const others = drawn(truth, { documents: 40, facts: 1000, seed: 2 });
    expect(assess(others, { theta: 0.5, curve: calibration }).output.ece).toBeLessThan(0.03);
  });

  test('of few facts is a line, unless the scores are bent', () => {
    const line = (score: number): number => chance(0.6 * odds(score) - 1);
    const calibration = fitted(drawn(line, { documents: 10, facts: 80 }));
    expect(calibration.method).toBe('platt');
    expect(calibration.right).toBeLessThan(500);
    for (const score of [0.2, 0.5, 0.8])
      expect(Math.abs(calibrated(calibration, score) - line(score))).toBeLessThan(0.06);
    const bent = (score: number): number => (score < 0.5 ? 0.02 : 0.5);
    expect(fitted(drawn(bent, { documents: 8, facts: 100 })).method).toBe('isotonic');
  });

  test('of facts too few, or where scores say the opposite, is none, with the reason', () => {
    const few = drawn(truth, { documents: 2, facts: 20 });
    const right = few.levels().reduce((sum, level) => sum + level.right, 0);
    expect(right).toBeLessThan(LEAST_RIGHT);
    expect(fitCalibration(few, { theta: 0.5 })).toEqual({
      reason: `${right} of 40 scored facts are right, and fewer than 20 say too little`,
    });
    const allRight = drawn(() => 1, { documents: 2, facts: 100 });
    expect(fitCalibration(allRight, { theta: 0.5 }).reason).toMatch(/^0 of 200 scored facts are wrong/);
    const opposite = drawn((score) => 1 - score, { documents: 20, facts: 100 });
    expect(fitCalibration(opposite, { theta: 0.5 }).reason).toMatch(
      /^facts with higher scores are right less/,
    );
    expect(fitCalibration(new ScoreTally(), { theta: 0.5 }).reason).toMatch(/^0 of 0 /);
  });

  test('of few facts at the top does not claim certainty', () => {
    // Three right facts far above a thousand wrong ones: one more that is wrong, 3 of 4.
    const { knots } = fitIsotonic([
      { score: 0.01, facts: 1000, right: 0 },
      { score: 0.99, facts: 3, right: 3 },
    ]);
    expect(knots.map(([, p]) => p)).toEqual([expect.closeTo(1 / 1001, 12), 0.75]);
  });

  test('is measured on documents that it has not seen', () => {
    // In every other document a high score means less.
    const tally = new ScoreTally();
    for (let d = 0; d < 20; d++) {
      const scores = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 0.3 : 0.8));
      const isRight = (score: number, i: number): boolean =>
        d % 2 === 0 ? score > 0.5 : score > 0.5 && i % 8 === 1;
      tally.addDocument(
        scores,
        Uint8Array.from(scores, (score, i) => (isRight(score, i) ? CORRECT : 0)),
      );
    }
    const { calibration, crossFitted } = fitCalibration(tally, { theta: 0.5 });
    expect(assess(tally, { theta: 0.5, curve: calibration }).output.ece).toBeLessThan(0.01);
    // All are right, or a quarter: by the other half three quarters off, whichever is measured.
    expect(crossFitted?.output.ece).toBeCloseTo(0.75, 2);
    expect(calibration?.error.crossFitted).toBe(crossFitted?.output.ece);
  });
});

test("Platt's line is where the likelihood is level", () => {
  const tally = drawn((score) => chance(1.7 * odds(score) + 0.4), { documents: 10, facts: 500 });
  const levels = tally.levels();
  const { scale, shift } = fitPlatt(levels);
  expect(scale).toBeCloseTo(1.7, 0);
  expect(shift).toBeCloseTo(0.4, 0);
  const facts = levels.reduce((sum, level) => sum + level.facts, 0);
  const right = levels.reduce((sum, level) => sum + level.right, 0);
  const [ifRight, ifWrong] = [(right + 1) / (right + 2), 1 / (facts - right + 2)];
  const loss = (a: number, b: number): number =>
    levels.reduce((sum, level) => {
      const p = chance(a * odds(level.score) + b);
      const target = level.right * ifRight + (level.facts - level.right) * ifWrong;
      return sum - target * Math.log(p) - (level.facts - target) * Math.log(1 - p);
    }, 0);
  const least = loss(scale, shift);
  for (const [a, b] of [
    [0.01, 0],
    [-0.01, 0],
    [0, 0.01],
    [0, -0.01],
  ] as const)
    expect(loss(scale + a, shift + b)).toBeGreaterThan(least);
});

describe('the tally', () => {
  test('counts facts and right ones by score, and documents by halves', () => {
    const tally = new ScoreTally();
    tally.addDocument(new Float32Array([0.25, 0.25, 0.75]), new Uint8Array([CORRECT | IN_TRAIN, 0, 0]));
    tally.addDocument(new Float32Array([0.25, 1]), new Uint8Array([IN_TRAIN, CORRECT]));
    tally.addDocument(new Float32Array(), new Uint8Array());
    expect(tally.documents).toBe(3);
    expect(tally.levels()).toEqual([
      { score: 0.25, facts: 3, right: 1 },
      { score: 0.75, facts: 1, right: 0 },
      { score: 1, facts: 1, right: 1 },
    ]);
    expect(tally.levels(0)).toEqual([
      { score: 0.25, facts: 2, right: 1 },
      { score: 0.75, facts: 1, right: 0 },
    ]);
    expect(tally.levels(1)).toEqual([
      { score: 0.25, facts: 1, right: 0 },
      { score: 1, facts: 1, right: 1 },
    ]);
  });

  test('loses no fact, rises, and holds scores of like odds together only', () => {
    const arbScore = fc.oneof(
      fc.float({ min: 0, max: 1, noNaN: true }),
      fc.float({ min: 0, max: Math.fround(1e-6), noNaN: true }),
      fc.float({ min: Math.fround(0.999), max: 1, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(arbScore, { minLength: 1, maxLength: 60 }), (list) => {
        const scores = Float32Array.from(list);
        const tally = new ScoreTally();
        tally.addDocument(scores, new Uint8Array(scores.length));
        const levels = tally.levels();
        expect(levels.reduce((sum, { facts }) => sum + facts, 0)).toBe(scores.length);
        expect(levels.reduce((sum, { facts, score }) => sum + facts * score, 0)).toBeCloseTo(
          scores.reduce((sum, score) => sum + score, 0),
          6,
        );
        expect(levels.every(({ score }, i) => i === 0 || score > (levels[i - 1]?.score ?? NaN))).toBe(true);
        // Every score lies near some level: within 1/64 of its odds, but for those that are as good as 0.
        for (const score of scores) {
          const near = levels.some(
            (level) => Math.abs(level.score - score) <= Math.max(Math.min(score, 1 - score) / 64, 2 ** -23),
          );
          expect(near).toBe(true);
        }
      }),
    );
  });

  test('keeps a bounded number of levels', () => {
    const tally = drawn(() => 0.5, { documents: 2, facts: 200_000 });
    expect(tally.levels().length).toBeLessThan(6000);
  });
});
