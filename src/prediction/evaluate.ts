/** What a saved system is worth on labelled documents, and what is needed to see where and to compare it. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { assess } from '../evaluation/calibration.ts';
import { type DocumentCounts, documentCounts } from '../evaluation/document-counts.ts';
import { FactList } from '../evaluation/facts.ts';
import { rankDocuments } from '../evaluation/rank-documents.ts';
import type { CurvePoint, CutScores, RankingCurve } from '../evaluation/ranking.ts';
import { ScoreTally } from '../evaluation/score-tally.ts';
import type { TrainFacts } from '../evaluation/train-facts.ts';
import { documentFeatures, type Features } from '../features/features.ts';
import type { LongLimits } from '../models/long-document.ts';
import type { OpenSystem } from '../models/open-system.ts';
import { type DocumentScores, scoreDocuments } from '../models/score.ts';

/** Scores of a system by the ranking of all its facts. Ign F1 is null without training facts. */
export interface SystemScores {
  /** At the saved threshold, as precision, recall and Ign F1 here. */
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly ignF1: number | null;
  /** The saved threshold; 0.5 where none was saved. */
  readonly theta: number;
  /** Facts above it; 1 where there are none, as in the original. */
  readonly predicted: number;
  /** Distinct gold facts. */
  readonly gold: number;
  /** The best of the curve on these very documents, and the lowest score that it keeps; cut as in training. */
  readonly bestF1: number;
  readonly bestPrecision: number;
  readonly bestRecall: number;
  readonly bestTheta: number;
  /** The best of the Ign curve, at a threshold of its own. */
  readonly bestIgnF1: number | null;
  readonly auc: number;
  readonly ignAuc: number | null;
  /** The best cut between different scores: facts with a score of its theta or more. */
  readonly tieSafe: Omit<CutScores, 'ignF1'> & { readonly ignF1: number | null; readonly theta: number };
  /**
   * Expected calibration error of the facts above theta: of their scores, and of the probabilities that the system's
   * calibration makes of them; null without facts, without calibration.
   */
  readonly ece: number | null;
  readonly calibratedEce: number | null;
  /** Scored facts. */
  readonly ranked: number;
  readonly twoSteps: boolean;
  /** Gold labels whose relation the model does not know: it cannot find them. */
  readonly unknownGold: number;
}

export interface SystemEvaluation {
  readonly scores: SystemScores;
  /** By document, at the saved threshold. */
  readonly counts: DocumentCounts;
  /** Facts above the saved threshold, which `predict` gives too; none where no score is above it. */
  readonly facts: FactList;
  /** Precision over recall, in some 300 points. */
  readonly curve: readonly CurvePoint[];
  /** Scores of the facts that can be output, for what they mean. */
  readonly tally: ScoreTally;
}

export interface EvaluateOptions {
  /** What training states, for Ign F1. */
  readonly trainFacts?: TrainFacts | undefined;
  /** Pieces or words that run at once; default: what the model takes by default. */
  readonly batchPieces?: number | undefined;
  /** From where on a document is read in parts; default `longLimits`. */
  readonly limits?: LongLimits | undefined;
  /** Called after each document. @param done - documents so far */
  readonly onDocument?: (done: number) => void;
}

/**
 * Scores all facts of labelled documents and measures their ranking.
 *
 * Memory: the documents, 4 bytes for each scored fact, 20 for each that is above the threshold. The documents of
 * DocRED's test part have 37.6 million facts.
 *
 * @throws RelataError `E_NO_LABELS`, `E_ENGINE`
 */
export async function evaluateSystem(
  system: OpenSystem,
  documents: readonly Document[],
  options: EvaluateOptions = {},
): Promise<SystemEvaluation> {
  const { trainFacts, batchPieces, limits, onDocument } = options;
  if (documents.every((doc) => doc.labels === undefined))
    throw fail('E_NO_LABELS', { documents: documents.length, doing: 'scoring' });
  const { relations, models, about } = system;
  const { calibration } = about;
  const theta = about.theta ?? 0.5;
  const facts = new FactList(relations);
  const tally = new ScoreTally();
  const scored = scoreDocuments(models, featuresOf(documents, system), batchPieces, limits);
  const { ranking, gold } = await rankDocuments(watched(scored), documents, {
    relations,
    trainFacts,
    rankClosed: about.mode === 'faithful',
    tally,
  });
  const curve = ranking.curve(gold, { theta });
  return {
    scores: {
      ...scoresOf(curve, { faithful: about.mode === 'faithful', isTrainKnown: trainFacts !== undefined }),
      theta,
      gold,
      ece: assess(tally, { theta }).output.ece,
      calibratedEce: calibration ? assess(tally, { theta, curve: calibration }).output.ece : null,
      ranked: ranking.size,
      twoSteps: models.kind === 'two-step',
      unknownGold: unknownLabels(documents, relations),
    },
    counts: documentCounts(facts, documents, { trainFacts }),
    facts,
    curve: ranking.points(gold),
    tally,
  };

  /** Keeps the facts above theta of all that passes. */
  async function* watched(items: AsyncIterable<DocumentScores>): AsyncGenerator<DocumentScores> {
    let document = 0;
    for await (const item of items) {
      for (const { pair, relation, score } of item.above(Math.fround(theta)))
        facts.add(document, pair.head, pair.tail, relation, score);
      if (!item.hasMore) document++;
      yield item;
      if (!item.hasMore) onDocument?.(document);
    }
  }
}

/** Features, made when they are asked for. */
function* featuresOf(documents: readonly Document[], { relations, encode }: OpenSystem): Generator<Features> {
  for (const doc of documents) yield documentFeatures(doc, relations, encode);
}

function scoresOf(
  curve: RankingCurve,
  { faithful, isTrainKnown }: { faithful: boolean; isTrainKnown: boolean },
) {
  const { f1, precision, recall, ignF1, predicted } = curve.atTheta;
  const best = faithful ? curve : curve.tieSafe;
  const known = (score: number): number | null => (isTrainKnown ? score : null);
  return {
    f1,
    precision,
    recall,
    ignF1: known(ignF1),
    predicted,
    bestF1: best.f1,
    bestPrecision: best.precision,
    bestRecall: best.recall,
    bestTheta: best.theta,
    bestIgnF1: known(curve.ignF1),
    auc: curve.auc,
    ignAuc: known(curve.ignAuc),
    tieSafe: { ...curve.tieSafe, ignF1: known(curve.tieSafe.ignF1) },
  };
}

function unknownLabels(documents: readonly Document[], relations: RelationVocabulary): number {
  return documents
    .flatMap((doc) => doc.labels ?? [])
    .filter(({ r }) => relations.relationIndex(r) === undefined).length;
}
