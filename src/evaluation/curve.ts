/** The measures of a ranking, from the ranks of its correct facts; `ranking.ts` says what they mean. */

/** The scores of the facts that a cut keeps. */
export interface CutScores {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly ignF1: number;
  /** Facts that are kept. */
  readonly predicted: number;
}

export interface RankingCurve {
  /** The best F1, with its precision and recall. */
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** The score at the first rank that has the best F1; 0 for an empty ranking. */
  readonly theta: number;
  /** Area under precision over recall, without the strip before the first rank. */
  readonly auc: number;
  /** The best of the Ign curve: correct facts that training states leave the precision, not the recall. */
  readonly ignF1: number;
  readonly ignTheta: number;
  readonly ignAuc: number;
  /** Facts with a score strictly above the given theta, or the first fact when there is none. */
  readonly atTheta: CutScores;
  /** The best F1 of a cut between different scores: every fact with a score of theta or more is kept. */
  readonly tieSafe: CutScores & { readonly theta: number };
}

/** The curve at the rank of a correct fact. */
export interface CurvePoint {
  /** From 1: facts that a cut here keeps. */
  readonly rank: number;
  /** The lowest score that it keeps. */
  readonly score: number;
  readonly recall: number;
  readonly precision: number;
  /** The precision of Ign F1; that of F1 where nothing is known of training. */
  readonly ignPrecision: number;
}

/** A correct fact. */
export interface CorrectFact {
  /** From 1. */
  readonly rank: number;
  readonly score: number;
  /** The last rank of an equal score. */
  readonly end: number;
  readonly inTrain: boolean;
}

/**
 * @param ranking.correct - by rank
 * @param ranking.top - the highest score
 * @param ranking.countAbove - how many facts score strictly above a value
 */
export function curveOf(ranking: {
  readonly size: number;
  readonly top: number;
  readonly correct: readonly CorrectFact[];
  readonly goldCount: number;
  readonly theta: number | undefined;
  readonly countAbove: (theta: number) => number;
}): RankingCurve {
  const { size, top, correct, goldCount } = ranking;
  const cut = (predicted: number, found: number, inTrain: number): CutScores => {
    const recall = found / goldCount;
    return {
      // The harmonic mean of found / predicted and found / goldCount, with one rounding, so that equal values are equal.
      f1: found === 0 ? 0 : (2 * found) / (predicted + goldCount),
      precision: predicted === 0 ? 0 : found / predicted,
      recall,
      ignF1: harmonicMean(ignPrecision(predicted, found, inTrain), recall),
      predicted,
    };
  };

  const nothing = { scores: cut(Math.min(1, size), 0, 0), theta: top };
  let best = nothing;
  let bestSafe = nothing;
  let bestIgn = { ignF1: 0, theta: top };
  let auc = 0;
  let ignAuc = 0;
  let inTrain = 0;
  for (const [i, fact] of correct.entries()) {
    const { rank, score } = fact;
    const trainBefore = inTrain;
    if (fact.inTrain) inTrain++;
    const scores = cut(rank, i + 1, inTrain);
    if (scores.f1 > best.scores.f1) best = { scores, theta: score };
    if (scores.ignF1 > bestIgn.ignF1) bestIgn = { ignF1: scores.ignF1, theta: score };
    if (rank > 1) {
      const ign = ignPrecision(rank, i + 1, inTrain) + ignPrecision(rank - 1, i, trainBefore);
      auc += ((i + 1) / rank + i / (rank - 1)) / 2 / goldCount;
      ignAuc += ign / 2 / goldCount;
    }
    // The last correct one of a run of equal scores stands for the run.
    if (correct[i + 1]?.score !== score) {
      const whole = cut(fact.end, i + 1, inTrain);
      if (whole.f1 > bestSafe.scores.f1) bestSafe = { scores: whole, theta: score };
    }
  }

  const theta = ranking.theta ?? best.theta;
  const kept = Math.min(size, Math.max(1, ranking.countAbove(theta)));
  const keptCorrect = correct.filter((fact) => fact.rank <= kept);
  const { f1, precision, recall } = best.scores;
  return {
    f1,
    precision,
    recall,
    theta: best.theta,
    auc,
    ignF1: bestIgn.ignF1,
    ignTheta: bestIgn.theta,
    ignAuc,
    atTheta: cut(kept, keptCorrect.length, keptCorrect.filter((fact) => fact.inTrain).length),
    tieSafe: { ...bestSafe.scores, theta: bestSafe.theta },
  };
}

/**
 * At most `most` points of the curve, for a picture: at ranks of correct facts, evenly apart in recall, the first and
 * the last kept.
 *
 * @param correct - by rank
 * @param most - at least 2
 */
export function pointsOf(correct: readonly CorrectFact[], goldCount: number, most: number): CurvePoint[] {
  const last = correct.length - 1;
  const shown = Math.min(correct.length, most);
  const points: CurvePoint[] = [];
  let inTrain = 0;
  for (const [i, fact] of correct.entries()) {
    if (fact.inTrain) inTrain++;
    if (i !== Math.round((points.length * last) / Math.max(1, shown - 1))) continue;
    const { rank, score } = fact;
    const [found, recall] = [i + 1, (i + 1) / goldCount];
    points.push({
      rank,
      score,
      recall,
      precision: found / rank,
      ignPrecision: ignPrecision(rank, found, inTrain),
    });
  }
  return points;
}

/** Precision without the correct facts that training states; 0 while there is no other correct one. */
function ignPrecision(predicted: number, found: number, inTrain: number): number {
  return found === inTrain ? 0 : (found - inTrain) / (predicted - inTrain);
}

function harmonicMean(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
