/** What a model is worth on development data, by its task. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { rankDocuments } from '../evaluation/rank-documents.ts';
import { Ranking } from '../evaluation/ranking.ts';
import type { ScoreTally } from '../evaluation/score-tally.ts';
import type { TrainFacts } from '../evaluation/train-facts.ts';
import type { Features, Pair } from '../features/features.ts';
import type { Mode } from '../features/encode.ts';
import { gateOf, probability } from '../models/gate.ts';
import { scoreDocuments, withAllPairs } from '../models/score.ts';
import type { ScoringModels, WeightedModel } from '../models/scoring-models.ts';

/** Development documents, as text and as a model sees them. */
export interface DevelopmentData {
  readonly documents: readonly Document[];
  readonly features: readonly Features[];
  readonly relations: RelationVocabulary;
  readonly trainFacts?: TrainFacts | undefined;
}

/** Scores by name; the first is what checkpoints are chosen by. Theta where the task has one. */
export interface TaskScores {
  readonly scores: Readonly<Record<string, number | null>>;
  readonly theta: number | null;
}

/**
 * The score of a whole system: F1 of all facts above the best threshold.
 *
 * `corrected` cuts between different scores only and keeps the fact that defines the threshold, so that prediction
 * reaches the very F1 that is reported; `faithful` takes the original's curve, and chooses by Ign F1 where training
 * facts are known.
 *
 * @param tally - counts the scores of all facts, for what they mean
 */
export async function evaluateRelations(
  models: ScoringModels,
  data: DevelopmentData,
  mode: Mode,
  batchPieces: number | undefined,
  tally?: ScoreTally,
): Promise<TaskScores> {
  const scored = scoreDocuments(models, data.features, batchPieces);
  const { ranking, gold } = await rankDocuments(scored, data.documents, {
    ...data,
    rankClosed: mode === 'faithful',
    tally,
  });
  const curve = ranking.curve(gold);
  const ignF1 = data.trainFacts ? curve.ignF1 : null;
  if (mode === 'faithful') {
    const { f1, precision, recall, auc } = curve;
    const scores = ignF1 === null ? { f1, ignF1 } : { ignF1, f1 };
    return { scores: { ...scores, precision, recall, auc }, theta: curve.theta };
  }
  const { f1, precision, recall, theta } = curve.tieSafe;
  return {
    scores: { f1, ignF1: data.trainFacts ? curve.tieSafe.ignF1 : null, precision, recall, auc: curve.auc },
    theta: between(theta, Math.max(0, ranking.highestBelow(theta))),
  };
}

/**
 * Step 1: which pairs are related, by its own decision.
 *
 * `faithful` chooses checkpoints as the original does: by the ranking of all classes of all pairs, in which every
 * related pair has the one right class 1.
 */
export async function evaluateExistence(
  { model, parameter }: WeightedModel,
  data: DevelopmentData,
  mode: Mode,
  batchPieces: number | undefined,
): Promise<TaskScores> {
  const counts = { right: 0, open: 0, related: 0, unrelated: 0, removed: 0 };
  const ranking = new Ranking();
  let index = 0;
  for await (const { item, logits } of model.score(withAllPairs(data.features), parameter, batchPieces)) {
    const doc = data.documents[index++];
    item.pairs.forEach((pair, p) => {
      const { open, gate } = gateOf(logits, p, model.classes);
      if (Number.isNaN(gate)) throw fail('E_SCORE', { position: counts.related + counts.unrelated });
      const related = pair.relations.length > 0;
      if (related) counts.related++;
      else counts.unrelated++;
      if (open) counts.open++;
      if (open && related) counts.right++;
      if (!open && !related) counts.removed++;
      if (mode !== 'faithful') return;
      for (let k = 1; k < model.classes; k++) {
        const correct = k === 1 && related;
        ranking.add(
          probability(logits[p * model.classes + k] ?? 0),
          correct,
          correct && isInTrain(doc, pair, data.trainFacts),
        );
      }
    });
  }
  const { right, open, related, unrelated, removed } = counts;
  const decided = {
    f1: right === 0 ? 0 : (2 * right) / (open + related),
    precision: open === 0 ? 0 : right / open,
    recall: related === 0 ? 0 : right / related,
    removed: unrelated === 0 ? 0 : removed / unrelated,
  };
  if (mode !== 'faithful') return { scores: decided, theta: null };
  const curve = ranking.curve(related);
  const chosenBy = data.trainFacts ? { rankingIgnF1: curve.ignF1 } : { rankingF1: curve.f1 };
  return { scores: { ...chosenBy, ...decided }, theta: null };
}

/** Whether training states any relation of a pair. */
function isInTrain(
  doc: Document | undefined,
  { head, tail }: Pair,
  trainFacts: TrainFacts | undefined,
): boolean {
  const labels = doc?.labels?.filter(({ h, t }) => h === head && t === tail) ?? [];
  return labels.some(
    ({ r }) => trainFacts?.has(doc?.vertexSet[head] ?? [], doc?.vertexSet[tail] ?? [], r) === true,
  );
}

/**
 * Step 2: which relation, on related pairs only.
 *
 * Accuracy: the relation with the highest score is one that holds. F1: all relations of related pairs above the best
 * threshold. `faithful` takes the original's curve, and chooses by Ign F1 where training facts are known. Source of
 * the accuracy: the paper's "about 90 %", section 2.2.
 */
export async function evaluateRelated(
  { model, parameter }: WeightedModel,
  data: DevelopmentData,
  mode: Mode,
  batchPieces: number | undefined,
): Promise<TaskScores> {
  const ranking = new Ranking();
  const items = data.features.map((features) => ({ features, pairs: features.related }));
  let [index, gold, pairs, right] = [0, 0, 0, 0];
  for await (const { item, logits } of model.score(items, parameter, batchPieces)) {
    const entities = data.documents[index++]?.vertexSet ?? [];
    item.pairs.forEach(({ head, tail, relations }, p) => {
      const isKnown = (relation: number): boolean =>
        data.trainFacts?.has(
          entities[head] ?? [],
          entities[tail] ?? [],
          data.relations.relationId(relation),
        ) === true;
      let best = 1;
      for (let relation = 1; relation < model.classes; relation++) {
        const logit = logits[p * model.classes + relation] ?? 0;
        const correct = relations.includes(relation);
        ranking.add(probability(logit), correct, correct && isKnown(relation));
        if (logit > (logits[p * model.classes + best] ?? 0)) best = relation;
      }
      gold += relations.length;
      pairs++;
      if (relations.includes(best)) right++;
    });
  }
  const curve = ranking.curve(gold);
  const { f1, precision, recall } = mode === 'faithful' ? curve : curve.tieSafe;
  const scores = { f1, accuracy: pairs === 0 ? 0 : right / pairs, precision, recall };
  const choosesByIgn = mode === 'faithful' && data.trainFacts !== undefined;
  return { scores: choosesByIgn ? { ignF1: curve.ignF1, ...scores } : scores, theta: null };
}

/**
 * The threshold halfway between the lowest score that is kept and the highest that is not.
 *
 * Scores differ in their last digits with the batches that documents run in; this keeps every fact on its side.
 */
function between(kept: number, dropped: number): number {
  const middle = Math.fround((kept + dropped) / 2);
  return middle < kept ? middle : dropped;
}
