/**
 * Fits what a system's scores mean: of facts with this score, how many are right?
 *
 * All facts that the system scores are counted, in two steps those of the pairs that step 1 lets through, since no other
 * is ever output.
 *
 * Isotonic regression (Zadrozny and Elkan, KDD 2002) between one right fact below all others and one wrong fact above
 * them, so that no score, however few have it, means 0 or 1; neighbours that chance alone may set apart are pooled; the
 * blocks are joined by straight lines between their centres, in log odds, so that what was ranked stays ranked (Oron and
 * Flournoy 2017 do so in the scores themselves).
 *
 * Why not fewer parameters. DocRED's dev file, 200 documents, fitted on one half and measured on the other, in both
 * directions: expected calibration error in per cent of the facts above theta, and log loss of all facts (x 1000):
 *
 *                       as they are    temperature    Platt           isotonic
 *   BiLSTM              26.2  1.79     24.4  1.61      4.0  1.52      2.2  1.52
 *   CNN                 52.6 18.31     72.5  3.57      3.0  1.90      2.3  1.90
 *   SentModel           20.6  1.55     20.7  1.54      2.4  1.48      2.1  1.48
 *   Context-Aware       26.7  1.71     27.4  1.68      2.7  1.60      2.3  1.60
 *   BERT, mini          32.0  2.56     32.3  2.39      3.5  2.25      2.8  2.24
 *   BERT-Two-Step, mini 68.1 33.12     60.8 19.92     10.1  9.12      1.5  8.76
 *
 * A temperature cannot mend scores that are too high throughout. With few documents Platt's line is the safer one, unless
 * the scores are bent (two steps): below 500 right facts the two are compared by their log loss across the halves.
 */
import {
  calibrated,
  type Calibration,
  type CalibrationCurve,
  scoreOdds,
  sigmoid,
} from '../core/calibration.ts';
import { fewerBlocks, isotonicBlocks } from './isotonic.ts';
import { fitPlatt } from './platt.ts';
import { type Judged, type Reliability, reliability } from './reliability.ts';
import { halves, type ScoreLevel, type ScoreTally } from './score-tally.ts';

const MOST_KNOTS = 64;
/** A difference that chance alone makes in one of twenty cases: half of a chi-square's 3.84. */
const CHANCE = 1.92;
/** Right facts below which nothing is fitted. */
export const LEAST_RIGHT = 20;
/** Right facts from which isotonic regression needs no proof. */
const MANY_RIGHT = 500;

/** The facts of a collection: all of them, and those that are output. */
export interface Assessment {
  readonly all: Reliability;
  /** Facts with scores above theta. */
  readonly output: Reliability;
}

/** The fit, or why there is none. */
export type CalibrationFit =
  | {
      readonly calibration: Calibration;
      /** Probabilities fitted on the other half of the documents: what to expect on documents that are new. */
      readonly crossFitted: Assessment;
      readonly reason?: undefined;
    }
  | { readonly calibration?: undefined; readonly crossFitted?: undefined; readonly reason: string };

/**
 * What the scores of these documents mean.
 *
 * @param options.theta - scores above it are output; the errors that are kept with the fit are those of such facts
 */
export function fitCalibration(tally: ScoreTally, { theta }: { readonly theta: number }): CalibrationFit {
  const levels = tally.levels();
  const facts = levels.reduce((sum, level) => sum + level.facts, 0);
  const right = levels.reduce((sum, level) => sum + level.right, 0);
  if (right < LEAST_RIGHT || facts - right < LEAST_RIGHT) {
    const few =
      right < LEAST_RIGHT
        ? `${right} of ${facts} scored facts are right`
        : `${facts - right} of ${facts} scored facts are wrong`;
    return { reason: `${few}, and fewer than ${LEAST_RIGHT} say too little` };
  }
  const platt = fitPlatt(levels);
  if (platt.scale <= 0)
    return { reason: 'facts with higher scores are right less often than those with lower ones' };
  const fit = right < MANY_RIGHT ? likelierFit(tally) : fitIsotonic;
  const across = assessed(acrossHalves(tally, fit), theta);
  const error = { score: assess(tally, { theta }).output.ece, crossFitted: across.output.ece };
  return {
    calibration: { ...fit(levels), documents: tally.documents, facts, right, error },
    crossFitted: across,
  };
}

/** Bins and measures of scores as they are, or of the probabilities that a fit makes of them. */
export function assess(
  tally: ScoreTally,
  { theta, curve }: { readonly theta: number; readonly curve?: CalibrationCurve | undefined },
): Assessment {
  const judge = (score: number): number => (curve ? calibrated(curve, score) : score);
  const judged = tally.levels().map((level) => ({ ...level, probability: judge(level.score) }));
  return assessed(judged, theta);
}

type Curve<Method> = Extract<Calibration, { method: Method }>;
type Isotonic = Pick<Curve<'isotonic'>, 'method' | 'knots'>;
type Fit = (levels: readonly ScoreLevel[]) => Isotonic | Pick<Curve<'platt'>, 'method' | 'scale' | 'shift'>;

/** Of the two methods the one under which the other half's facts are likelier. */
function likelierFit(tally: ScoreTally): Fit {
  const lossOf = (fit: Fit): number => reliability(acrossHalves(tally, fit)).logLoss ?? Infinity;
  return lossOf(fitPlatt) <= lossOf(fitIsotonic) ? fitPlatt : fitIsotonic;
}

/** Isotonic regression as the top of this file says. @param levels - by rising score, at least one */
export function fitIsotonic(levels: readonly ScoreLevel[]): Isotonic {
  const observed = levels.map(({ score, facts, right }) => ({
    x: scoreOdds(score),
    y: right / facts,
    weight: facts,
  }));
  const [lowest, highest] = [observed[0]?.x ?? 0, observed.at(-1)?.x ?? 0];
  const blocks = isotonicBlocks([
    { x: lowest, y: 1, weight: 1 },
    ...observed,
    { x: highest, y: 0, weight: 1 },
  ]);
  // Once more, since rounding may have made equals of neighbours; and so it may with their scores.
  const pooled = isotonicBlocks(fewerBlocks(blocks, { most: MOST_KNOTS, chance: CHANCE }));
  const knots: [score: number, probability: number][] = [];
  for (const { x, y } of pooled) {
    const score = sigmoid(x);
    if (score > (knots.at(-1)?.[0] ?? 0)) knots.push([score, y]);
  }
  return { method: 'isotonic', knots };
}

function acrossHalves(tally: ScoreTally, fit: Fit): Judged[] {
  return halves.flatMap((half) => {
    const learnt = tally.levels(half === 0 ? 1 : 0);
    if (learnt.length === 0) return [];
    const curve = fit(learnt);
    return tally.levels(half).map((level) => ({ ...level, probability: calibrated(curve, level.score) }));
  });
}

function assessed(judged: readonly Judged[], theta: number): Assessment {
  return {
    all: reliability(judged),
    output: reliability(judged.filter(({ score }) => score > theta)),
  };
}
