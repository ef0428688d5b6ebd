import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CORRECT, IN_TRAIN, Ranking } from '../../src/evaluation/ranking.ts';

interface Fact {
  readonly score: number;
  readonly correct: boolean;
  readonly inTrain: boolean;
}

function rankingOf(facts: readonly Fact[]): Ranking {
  const ranking = new Ranking();
  for (const { score, correct, inTrain } of facts) ranking.add(score, correct, inTrain);
  return ranking;
}

const harmonic = (p: number, r: number) => (p + r === 0 ? 0 : (2 * p * r) / (p + r));

/** The definition, word for word: sort all facts, walk down all ranks. */
function byDefinition(facts: readonly Fact[], goldCount: number, theta?: number) {
  const gold = Math.max(1, goldCount);
  const sorted = facts.toSorted((a, b) => b.score - a.score);
  const points: { p: number; r: number; f1: number; ignP: number; ignF1: number; score: number }[] = [];
  let correct = 0;
  let known = 0;
  for (const [i, fact] of sorted.entries()) {
    if (fact.correct) correct++;
    if (fact.correct && fact.inTrain) known++;
    const p = correct / (i + 1);
    const r = correct / gold;
    const ignP = correct === known ? 0 : (correct - known) / (i + 1 - known);
    points.push({ p, r, f1: harmonic(p, r), ignP, ignF1: harmonic(ignP, r), score: fact.score });
  }
  const best = Math.max(0, ...points.map((x) => x.f1));
  const ignBest = Math.max(0, ...points.map((x) => x.ignF1));
  const area = (y: 'p' | 'ignP') =>
    points.reduce((sum, x, i) => {
      const from = points[i - 1];
      return from === undefined ? 0 : sum + ((x.r - from.r) * (x[y] + from[y])) / 2;
    }, 0);
  const first = points.find((x) => x.f1 > best - 1e-12);
  const limit = theta ?? first?.score ?? 0;
  const kept = Math.max(1, points.filter((x) => x.score > limit).length);
  const ends = points.filter((x, i) => points[i + 1]?.score !== x.score);
  return {
    f1: best,
    theta: first?.score ?? 0,
    auc: area('p'),
    ignF1: ignBest,
    ignAuc: area('ignP'),
    atF1: points[kept - 1]?.f1 ?? 0,
    atIgnF1: points[kept - 1]?.ignF1 ?? 0,
    safeF1: Math.max(0, ...ends.map((x) => x.f1)),
  };
}

describe('the golden ranking', () => {
  const facts = [0.9, 0.8, 0.7, 0.6, 0.5].map((score, i) => ({
    score,
    correct: [true, false, true, true, false][i] === true,
    inTrain: i === 0,
  }));

  it('has the best F1, theta and areas of the specification', () => {
    const curve = rankingOf(facts).curve(4);
    expect(curve.f1).toBeCloseTo(0.75, 12);
    expect(curve.precision).toBeCloseTo(0.75, 12);
    expect(curve.recall).toBeCloseTo(0.75, 12);
    expect(curve.theta).toBe(Math.fround(0.6));
    expect(curve.auc).toBeCloseTo(0.3229167, 7);
    expect(curve.ignF1).toBeCloseTo(0.7059, 4);
    expect(curve.ignTheta).toBe(Math.fround(0.6));
    expect(curve.ignAuc).toBeCloseTo(0.2083333, 7);
  });

  it('leaves out the fact at a given theta', () => {
    const { atTheta } = rankingOf(facts).curve(4, { theta: 0.6 });
    expect(atTheta).toMatchObject({ predicted: 3, precision: 2 / 3, recall: 0.5 });
    expect(atTheta.f1).toBeCloseTo(0.5714, 4);
    expect(atTheta.ignF1).toBeCloseTo(0.5, 12);
    expect(rankingOf(facts).curve(4).atTheta).toEqual(atTheta);
  });

  it('keeps the first fact when no score is above theta', () => {
    expect(rankingOf(facts).curve(4, { theta: 2 }).atTheta).toMatchObject({ predicted: 1, f1: 0.4 });
  });
});

describe('points of the curve', () => {
  it('are precision, Ign precision and recall at the ranks of correct facts', () => {
    const flags = [CORRECT | IN_TRAIN, 0, CORRECT, CORRECT, 0];
    const ranking = new Ranking();
    ranking.append(Float64Array.of(0.9, 0.8, 0.7, 0.6, 0.5), Uint8Array.from(flags));
    const score = Math.fround;
    expect(ranking.points(4)).toEqual([
      { rank: 1, score: score(0.9), recall: 0.25, precision: 1, ignPrecision: 0 },
      { rank: 3, score: score(0.7), recall: 0.5, precision: 2 / 3, ignPrecision: 1 / 2 },
      { rank: 4, score: score(0.6), recall: 0.75, precision: 3 / 4, ignPrecision: 2 / 3 },
    ]);
    expect(ranking.points(4, { most: 2 }).map(({ rank }) => rank)).toEqual([1, 4]);
    expect(new Ranking().points(0)).toEqual([]);
  });

  it('agree with the definition', () => {
    const arbFact = fc.record({
      score: fc.constantFrom(0, 0.25, 0.5, 0.75, 1),
      correct: fc.boolean(),
      inTrain: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(arbFact, { maxLength: 30 }), fc.integer({ min: 2, max: 40 }), (facts, most) => {
        const sorted = facts.toSorted((a, b) => b.score - a.score);
        const expected = sorted.flatMap((fact, i) => {
          if (!fact.correct) return [];
          const kept = sorted.slice(0, i + 1);
          const correct = kept.filter((other) => other.correct);
          const fresh = correct.filter((other) => !other.inTrain).length;
          const others = kept.length - correct.length + fresh;
          const precision = correct.length / kept.length;
          const ignPrecision = fresh === 0 ? 0 : fresh / others;
          return [{ rank: i + 1, score: fact.score, recall: correct.length / 40, precision, ignPrecision }];
        });
        const points = rankingOf(facts).points(40, { most });
        expect(points).toHaveLength(Math.min(most, expected.length));
        expect(expected).toEqual(expect.arrayContaining(points));
        expect(points[0]).toEqual(expected[0]);
        expect(points.at(-1)).toEqual(expected.at(-1));
        // Nothing is left out where all fit, and the order is kept where not.
        expect(points.map(({ rank }) => rank)).toEqual(
          expected.map(({ rank }) => rank).filter((rank) => points.some((point) => point.rank === rank)),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('are thinned evenly in recall, whatever the ranks', () => {
    const ranking = new Ranking();
    for (let i = 0; i < 5000; i++) ranking.add(-i, i < 500 || i % 9 === 0);
    const recalls = ranking.points(1000).map(({ recall }) => recall);
    expect(recalls).toHaveLength(300);
    const gaps = recalls.slice(1).map((recall, i) => Math.round(1000 * (recall - (recalls[i] ?? 0))));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBe(1);
  });
});

const tied = (order: readonly boolean[]) =>
  rankingOf(order.map((correct) => ({ score: 0.5, correct, inTrain: false }))).curve(1);

describe('ties', () => {
  it('keep the order in which they were added, and one cut is safe', () => {
    expect(tied([true, false, false])).toMatchObject({
      f1: 1,
      tieSafe: { f1: 0.5, predicted: 3, theta: 0.5 },
    });
    expect(tied([false, false, true])).toMatchObject({
      f1: 0.5,
      tieSafe: { f1: 0.5, predicted: 3, theta: 0.5 },
    });
  });

  it('hold between 0 and -0', () => {
    const ranking = rankingOf([
      { score: -0, correct: false, inTrain: false },
      { score: 0, correct: true, inTrain: false },
    ]);
    expect(ranking.curve(1)).toMatchObject({ f1: 2 / 3, theta: 0 });
  });
});

describe('any ranking', () => {
  const arbScore = fc.oneof(
    fc.constantFrom(0, 0.25, 0.5, 1, -100, -0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.float({ noNaN: true }),
  );
  const arbFact = fc.record({ score: arbScore, correct: fc.boolean(), inTrain: fc.boolean() });

  it('agrees with the definition', () => {
    fc.assert(
      fc.property(
        fc.array(arbFact, { maxLength: 40 }),
        fc.nat(5),
        fc.option(arbScore, { nil: undefined }),
        (facts, unscored, theta) => {
          const gold = facts.filter((fact) => fact.correct).length + unscored;
          const curve = rankingOf(facts).curve(gold, theta === undefined ? {} : { theta });
          const expected = byDefinition(facts, gold, theta);
          expect(curve.theta).toBe(expected.theta + 0);
          for (const [found, wanted] of [
            [curve.f1, expected.f1],
            [curve.auc, expected.auc],
            [curve.ignF1, expected.ignF1],
            [curve.ignAuc, expected.ignAuc],
            [curve.atTheta.f1, expected.atF1],
            [curve.atTheta.ignF1, expected.atIgnF1],
            [curve.tieSafe.f1, expected.safeF1],
          ] as const) {
            expect(found).toBeCloseTo(wanted, 10);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not depend on how facts are added, across blocks too', () => {
    const count = (1 << 20) + 1000;
    const scores = Float32Array.from(
      { length: count },
      (_, i) => ((Math.imul(i, 0x9e3779b9) >>> 8) % 4096) / 4096,
    );
    const flags = Uint8Array.from(scores, (_, i) =>
      i % 5000 === 0 ? CORRECT | (i % 2 === 0 ? IN_TRAIN : 0) : 0,
    );
    const whole = new Ranking();
    whole.append(scores, flags);
    const parts = new Ranking();
    parts.append(Float64Array.from(scores.subarray(0, 777)), flags.subarray(0, 777));
    parts.append(scores.subarray(777), flags.subarray(777));
    expect(whole.size).toBe(count);
    const curve = whole.curve(300);
    expect(parts.curve(300)).toEqual(curve);
    expect(curve.atTheta.predicted).toBe(scores.filter((score) => score > curve.theta).length || 1);
    const sorted = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
    let correct = 0;
    let best = 0;
    for (const [i, at] of sorted.entries()) {
      if (flags[at] !== 0) correct++;
      best = Math.max(best, (2 * correct) / (i + 1 + 300));
    }
    expect(curve.f1).toBeCloseTo(best, 12);
  });
});

describe('edges', () => {
  it('scores nothing for nothing', () => {
    const empty = new Ranking().curve(0);
    expect(empty).toMatchObject({ f1: 0, theta: 0, auc: 0, atTheta: { f1: 0, predicted: 0 } });
    const wrong = rankingOf([{ score: 0.5, correct: false, inTrain: false }]).curve(3);
    expect(wrong).toMatchObject({ f1: 0, theta: 0.5, atTheta: { f1: 0, predicted: 1 } });
  });

  it('refuses NaN', () => {
    const ranking = rankingOf([{ score: 1, correct: true, inTrain: false }]);
    expect(() => ranking.append(Float32Array.of(1, Number.NaN))).toThrow(
      expect.objectContaining({ code: 'E_SCORE', message: expect.stringContaining('position 2') }),
    );
  });
});
