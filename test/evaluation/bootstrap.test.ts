import { describe, expect, it } from 'vitest';

import { pairedBootstrap } from '../../src/evaluation/bootstrap.ts';
import type { DocumentCounts } from '../../src/evaluation/document-counts.ts';

const counts = (
  predicted: number[],
  correct: number[],
  correctInTrain: number[] | null,
  gold = [3, 2, 4],
  elsewhere = 0,
): DocumentCounts => ({
  predicted: Int32Array.from(predicted),
  correct: Int32Array.from(correct),
  correctInTrain: correctInTrain && Int32Array.from(correctInTrain),
  gold: Int32Array.from(gold),
  elsewhere,
});

const steady = counts([3, 2, 4], [2, 1, 3], [1, 0, 1]);
const lucky = counts([2, 3, 5], [2, 2, 2], [0, 1, 0], [3, 2, 4], 1);
const other = counts([4, 1, 1], [1, 1, 0], [1, 0, 0]);

/** F1 and Ign F1 over the documents of a draw, by precision and recall. */
function scores(run: DocumentCounts, draw: readonly number[]): { f1: number; ignF1: number } {
  const sum = (values: Int32Array | null): number => draw.reduce((total, d) => total + (values?.[d] ?? 0), 0);
  const [predicted, correct, inTrain] = [
    sum(run.predicted) + run.elsewhere,
    sum(run.correct),
    sum(run.correctInTrain),
  ];
  const recall = correct / sum(run.gold);
  const harmonic = (p: number): number => (p + recall === 0 ? 0 : (2 * p * recall) / (p + recall));
  return {
    f1: harmonic(correct / predicted),
    ignF1: correct === inTrain ? 0 : harmonic((correct - inTrain) / (predicted - inTrain)),
  };
}

const documents = [0, 1, 2];
const draws = documents.flatMap((a) => documents.flatMap((b) => documents.map((c) => [a, b, c])));

/** The differences of all 27 draws, ascending, each with a probability of 1/27. */
function enumerated(first: DocumentCounts[], second: DocumentCounts[], name: 'f1' | 'ignF1'): number[] {
  const mean = (runs: DocumentCounts[], draw: number[]): number =>
    runs.reduce((sum, run) => sum + scores(run, draw)[name], 0) / runs.length;
  return draws.map((draw) => mean(first, draw) - mean(second, draw)).sort((a, b) => a - b);
}

describe('the paired bootstrap', () => {
  it.each([
    ['two runs', [steady], [lucky]],
    ['groups of runs', [steady, other], [lucky, other, other]],
  ])('finds what all draws show: %s', (_, first, second) => {
    const resamples = 100_000;
    const result = pairedBootstrap(first, second, { resamples });
    const half = pairedBootstrap(first, second, { resamples, confidence: 0.5 });
    expect(result).toMatchObject({ documents: 3, resamples, confidence: 0.95, seed: 1 });
    for (const name of ['f1', 'ignF1'] as const) {
      const all = enumerated(first, second, name);
      const comparison = result[name];
      const mean = (runs: DocumentCounts[]): number =>
        runs.reduce((sum, run) => sum + scores(run, documents)[name] / runs.length, 0);
      expect(comparison?.first).toBeCloseTo(mean(first), 12);
      expect(comparison?.second).toBeCloseTo(mean(second), 12);
      expect(comparison?.difference).toBeCloseTo(mean(first) - mean(second), 12);
      // One draw of 27 is more than 2.5 %; a quarter of them is 6.75. No other difference is within six standard errors.
      expect(comparison?.low).toBeCloseTo(all[0] ?? Number.NaN, 12);
      expect(comparison?.high).toBeCloseTo(all[26] ?? Number.NaN, 12);
      expect(half[name]?.low).toBeCloseTo(all[6] ?? Number.NaN, 12);
      expect(half[name]?.high).toBeCloseTo(all[20] ?? Number.NaN, 12);
      const above = all.filter((difference) => difference > 1e-9).length;
      const below = all.filter((difference) => difference < -1e-9).length;
      expect(Math.min(above, below), 'both signs occur').toBeGreaterThan(0);
      const p = Math.min(1, (2 * (27 - Math.max(above, below))) / 27);
      expect(Math.abs((comparison?.p ?? 2) - p)).toBeLessThan(0.02);
    }
  });

  it('finds none between equal runs: p = 1', () => {
    const none = { difference: 0, low: 0, high: 0, p: 1 };
    expect(pairedBootstrap(steady, steady)).toMatchObject({ f1: none, ignF1: none });
    const { f1 } = pairedBootstrap([steady, lucky, other], [other, steady, lucky]);
    expect(f1.p).toBe(1);
    expect(f1.difference).toBeCloseTo(0, 12);
  });

  it('has the smallest p where every draw shows the same', () => {
    const perfect = counts([3, 2, 4], [3, 2, 4], null);
    const { f1, ignF1 } = pairedBootstrap(perfect, steady, { resamples: 999 });
    expect(f1.p).toBe(2 / 1000);
    expect(f1.low).toBeGreaterThan(0);
    // Training is known of one run only.
    expect(ignF1).toBeNull();
  });

  it('is the same the other way round and for the same seed', () => {
    // Many documents of all sizes, so that hardly two draws have the same difference.
    const sizes = Array.from({ length: 60 }, (_, d) => 20 + ((d * 37) % 83));
    const found = (share: number, step: number) =>
      counts(
        sizes,
        sizes.map((size, d) => Math.floor((size * (share + ((d * step) % 11))) / 20)),
        null,
        sizes,
      );
    const [first, second] = [found(4, 5), found(5, 7)];
    const options = { resamples: 999, seed: 5 };
    const { f1 } = pairedBootstrap(first, second, options);
    const turned = pairedBootstrap(second, first, options).f1;
    expect(turned.p).toBe(f1.p);
    expect([-turned.high, -turned.low]).toEqual([f1.low, f1.high]);
    expect(pairedBootstrap(first, second, options).f1).toEqual(f1);
    expect(pairedBootstrap(first, second, { ...options, seed: 6 }).f1.low).not.toBe(f1.low);
  });

  it('leaves 0 out of the interval exactly where p is below 0.05', () => {
    const size = 40;
    const gold = Array<number>(size).fill(10);
    const found = (of: (d: number) => number) =>
      counts(
        gold,
        gold.map((_, d) => of(d)),
        null,
        gold,
      );
    const worse = found((d) => (d * 7) % 10);
    const outcomes = new Set<boolean>();
    for (let gain = 0; gain < 9; gain++) {
      const better = found((d) => Math.min(10, ((d * 7) % 10) + (d % 2 === 0 ? gain : -1)));
      const { f1 } = pairedBootstrap(better, worse, { resamples: 1000, seed: gain });
      expect(f1.low > 0 || f1.high < 0).toBe(f1.p < 0.05);
      outcomes.add(f1.p < 0.05);
    }
    expect(outcomes.size).toBe(2);
  });

  it('refuses runs of other documents, and no run', () => {
    const elsewhere = counts([3, 2, 4], [2, 0, 3], null, [3, 2, 5]);
    for (const wrong of [elsewhere, counts([3], [1], null, [3]), []])
      expect(() => pairedBootstrap(steady, wrong)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});
