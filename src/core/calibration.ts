/**
 * What a score means: a rising function from a model's score to the probability that a fact with that score is right.
 *
 * It is fitted on labelled documents (`evaluation/calibration.ts`) and lies in a saved system's `config.json`. Here is
 * its form, and how it is read and used, for models and for measures alike.
 */
import { z } from 'zod';

/** A fit needs a few dozen at most; a file may hold this many. */
const MOST_KNOTS = 1024;
/** Half of the step from the largest float32 below 1 to 1: scores of 0 and of 1 have finite log odds. */
const NEAREST = 2 ** -25;

const inside = z.number().gt(0).lt(1);
const count = z.int().nonnegative();
const error = z.number().min(0).max(1);

/** What it was fitted on, and by how much it is off there. */
const fittedOn = {
  documents: count,
  /** Scored facts. */
  facts: count,
  right: count,
  /** Expected calibration error of facts above theta; null where none is. */
  error: z.object({
    /** Of the scores as they are. */
    score: error.nullable(),
    /** Of the probabilities, fitted on each half of the documents and measured on the other. */
    crossFitted: error.nullable(),
  }),
};
/** Knots with straight lines between them in log odds; beyond the ends it is level. */
const isotonic = z.object({
  method: z.literal('isotonic'),
  knots: z
    .array(z.tuple([inside, inside]))
    .min(1)
    .max(MOST_KNOTS)
    .refine((knots) => knots.every(([score], i) => i === 0 || score > (knots[i - 1]?.[0] ?? 1)), {
      message: 'the scores of the knots do not rise',
    })
    .refine((knots) => knots.every(([, p], i) => i === 0 || p > (knots[i - 1]?.[1] ?? 1)), {
      message: 'the probabilities of the knots do not rise',
    }),
  ...fittedOn,
});
/** The log odds of the probability are scale * the log odds of the score + shift. */
const platt = z.object({
  method: z.literal('platt'),
  scale: z.number().positive(),
  shift: z.number(),
  ...fittedOn,
});

export const calibrationSchema = z.discriminatedUnion('method', [isotonic, platt]);

/** As it is saved. */
export type Calibration = z.infer<typeof calibrationSchema>;

/** The function alone. */
export type CalibrationCurve =
  | {
      readonly method: 'isotonic';
      /** [score, probability], both rising. */
      readonly knots: readonly (readonly [score: number, probability: number])[];
    }
  | { readonly method: 'platt'; readonly scale: number; readonly shift: number };

/**
 * The probability that a fact of this score is right.
 *
 * Rises with the score, strictly so between the outermost knots. @param score - from 0 to 1
 */
export function calibrated(curve: CalibrationCurve, score: number): number {
  const odds = scoreOdds(score);
  if (curve.method === 'platt') return sigmoid(curve.scale * odds + curve.shift);
  const { knots } = curve;
  const after = knots.findIndex(([at]) => at >= score);
  const [above, below] = [knots[after], knots[after - 1]];
  if (above === undefined) return knots.at(-1)?.[1] ?? score;
  if (below === undefined || above[0] === score) return above[1];
  const [from, to] = [scoreOdds(below[0]), scoreOdds(above[0])];
  const share = to > from ? (odds - from) / (to - from) : 1;
  const [low, high] = [logOdds(below[1]), logOdds(above[1])];
  // Rounding must not take it past a knot, where it would fall.
  return Math.min(above[1], Math.max(below[1], sigmoid(low + share * (high - low))));
}

/** Log odds of a score, which may be 0 or 1. */
export function scoreOdds(score: number): number {
  return logOdds(Math.min(1 - NEAREST, Math.max(NEAREST, score)));
}

/** ln(p / (1 - p)), for p inside (0, 1). */
function logOdds(p: number): number {
  return Math.log(p) - Math.log1p(-p);
}

export function sigmoid(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
