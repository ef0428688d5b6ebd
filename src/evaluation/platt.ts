/**
 * Platt's scaling: the straight line in log odds under which what was observed is likeliest.
 *
 * Source: Platt 1999, Probabilistic Outputs for Support Vector Machines, with its prior of one more right and one more
 * wrong fact; Newton's method with a halved step where a whole one would go too far (Lin, Lin and Weng 2007).
 */
import { type CalibrationCurve, scoreOdds, sigmoid } from '../core/calibration.ts';
import type { ScoreLevel } from './score-tally.ts';

type Line = Extract<CalibrationCurve, { method: 'platt' }>;

const MOST_STEPS = 100;
/** Ends when a step gains less than this of the loss. */
const TOLERANCE = 1e-12;
/** Keeps the system solvable where all scores are equal. */
const RIDGE = 1e-9;

/** A negative scale says that higher scores are right less often. */
export function fitPlatt(levels: readonly ScoreLevel[]): Line {
  const observed = observations(levels);
  let [scale, shift] = [1, 0];
  let loss = lossOf(observed, scale, shift);
  for (let step = 0; step < MOST_STEPS; step++) {
    const [byScale, byShift] = newtonStep(observed, scale, shift);
    let size = 1;
    let next = lossOf(observed, scale - byScale, shift - byShift);
    while (next > loss && size > 1e-6) {
      size /= 2;
      next = lossOf(observed, scale - size * byScale, shift - size * byShift);
    }
    if (!(next < loss)) break;
    const gained = loss - next;
    [scale, shift, loss] = [scale - size * byScale, shift - size * byShift, next];
    if (gained < TOLERANCE * loss) break;
  }
  return { method: 'platt', scale, shift };
}

interface Observed {
  readonly odds: number;
  readonly facts: number;
  /** How many of them count as right, by the prior. */
  readonly right: number;
}

function observations(levels: readonly ScoreLevel[]): Observed[] {
  const facts = levels.reduce((sum, level) => sum + level.facts, 0);
  const right = levels.reduce((sum, level) => sum + level.right, 0);
  const ifRight = (right + 1) / (right + 2);
  const ifWrong = 1 / (facts - right + 2);
  return levels.map((level) => ({
    odds: scoreOdds(level.score),
    facts: level.facts,
    right: level.right * ifRight + (level.facts - level.right) * ifWrong,
  }));
}

/** Negative log likelihood. */
function lossOf(observed: readonly Observed[], scale: number, shift: number): number {
  let loss = 0;
  for (const { odds, facts, right } of observed) {
    const z = scale * odds + shift;
    loss += facts * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))) - right * z;
  }
  return loss;
}

/** The inverse second derivative times the first. */
function newtonStep(observed: readonly Observed[], scale: number, shift: number): [number, number] {
  let [gScale, gShift] = [0, 0];
  let [hScale, hBoth, hShift] = [RIDGE, 0, RIDGE];
  for (const { odds, facts, right } of observed) {
    const p = sigmoid(scale * odds + shift);
    const off = facts * p - right;
    const weight = facts * p * (1 - p);
    gScale += off * odds;
    gShift += off;
    hScale += weight * odds * odds;
    hBoth += weight * odds;
    hShift += weight;
  }
  const determinant = hScale * hShift - hBoth * hBoth;
  return [(gScale * hShift - gShift * hBoth) / determinant, (gShift * hScale - gScale * hBoth) / determinant];
}
