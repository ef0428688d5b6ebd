/**
 * The official evaluator of DocRED, as a pure function.
 *
 * Source: official DocRED evaluation.py at 64622e6 (2020-12-01). Its rules, some of them surprising, are kept:
 * of repeated predictions the first one counts, with its evidence; predictions for unknown titles, for pairs with
 * h = t and for `Na` are plainly wrong; evidence of wrong facts counts against evidence precision; a gold fact that is
 * labelled twice keeps its last evidence, while all of its evidence is counted as gold.
 * Differs: an empty submission scores 0 instead of failing, what cannot be divided scores 0, what was not asked for or
 * cannot be measured is null, and a submission of which no title is known is refused.
 */
import { fail } from '../core/errors.ts';
import type { Document, Entity } from '../data/document.ts';
import type { Prediction } from './submission.ts';
import type { TrainFacts } from './train-facts.ts';

export interface OfficialScores {
  /** RE_F1: micro F1 over facts. */
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** RE_ignore_annotated_F1, "Ign F1" in papers: correct facts that training states leave the precision. */
  readonly ignF1: number | null;
  readonly ignPrecision: number | null;
  /** RE_ignore_distant_F1: the same for the distantly labelled training data. */
  readonly ignDistantF1: number | null;
  readonly ignDistantPrecision: number | null;
  /** Evi_F1, over the evidence sentences of all facts; null where the gold data holds no evidence. */
  readonly evidenceF1: number | null;
  readonly evidencePrecision: number | null;
  readonly evidenceRecall: number | null;
  /** Distinct predicted facts. */
  readonly predicted: number;
  readonly correct: number;
  /** Correct facts that training states. */
  readonly correctInTrain: number | null;
  readonly correctInDistant: number | null;
  /** Distinct gold facts. */
  readonly gold: number;
  /** Evidence sentences, over all facts. */
  readonly evidencePredicted: number;
  readonly evidenceCorrect: number;
  readonly evidenceGold: number;
  /** Distinct titles: predicted, in the gold data, and both. */
  readonly titlesPredicted: number;
  readonly titlesGold: number;
  readonly titlesMatched: number;
}

/**
 * Scores a submission.
 *
 * @param gold - labelled documents; the title is what identifies one
 * @param options.trainFacts - facts of the annotated training data, for Ign F1
 * @param options.distantFacts - facts of the distantly labelled training data
 * @throws RelataError `E_TITLES` when there are predictions but none for a gold document; `E_NO_LABELS`
 */
export function evaluateSubmission(
  predictions: readonly Prediction[],
  gold: readonly Document[],
  options: {
    readonly trainFacts?: TrainFacts | undefined;
    readonly distantFacts?: TrainFacts | undefined;
  } = {},
): OfficialScores {
  const { trainFacts, distantFacts } = options;
  const truth = readTruth(gold);
  const titles = new Set(predictions.map((prediction) => prediction.title));
  const titlesMatched = [...titles].filter((title) => truth.documents.has(title)).length;
  if (predictions.length > 0 && titlesMatched === 0) {
    const examples = [...titles].slice(0, 2).map((title) => JSON.stringify(title));
    throw fail('E_TITLES', { predicted: titles.size, gold: truth.documents.size, examples });
  }

  const seen = new Set<string>();
  let correct = 0;
  let correctInTrain = 0;
  let correctInDistant = 0;
  let evidencePredicted = 0;
  let evidenceCorrect = 0;
  for (const { title, h_idx, t_idx, r, evidence } of predictions) {
    const key = keyOf(title, h_idx, t_idx, r);
    if (seen.has(key)) continue;
    seen.add(key);
    const entities = truth.documents.get(title);
    if (entities === undefined) continue;
    const sentences = new Set(evidence);
    evidencePredicted += sentences.size;
    const goldSentences = truth.facts.get(key);
    if (goldSentences === undefined) continue;
    correct++;
    for (const sentence of sentences) if (goldSentences.has(sentence)) evidenceCorrect++;
    const head = entities[h_idx] ?? [];
    const tail = entities[t_idx] ?? [];
    if (trainFacts?.has(head, tail, r) === true) correctInTrain++;
    if (distantFacts?.has(head, tail, r) === true) correctInDistant++;
  }

  const predicted = seen.size;
  const precision = ratio(correct, predicted);
  const recall = ratio(correct, truth.facts.size);
  const ignPrecision = ratio(correct - correctInTrain, predicted - correctInTrain);
  const ignDistantPrecision = ratio(correct - correctInDistant, predicted - correctInDistant);
  const evidencePrecision = ratio(evidenceCorrect, evidencePredicted);
  const evidenceRecall = ratio(evidenceCorrect, truth.evidence);
  const hasEvidence = truth.evidence > 0;
  return {
    f1: harmonicMean(precision, recall),
    precision,
    recall,
    ignF1: trainFacts === undefined ? null : harmonicMean(ignPrecision, recall),
    ignPrecision: trainFacts === undefined ? null : ignPrecision,
    ignDistantF1: distantFacts === undefined ? null : harmonicMean(ignDistantPrecision, recall),
    ignDistantPrecision: distantFacts === undefined ? null : ignDistantPrecision,
    evidenceF1: hasEvidence ? harmonicMean(evidencePrecision, evidenceRecall) : null,
    evidencePrecision: hasEvidence ? evidencePrecision : null,
    evidenceRecall: hasEvidence ? evidenceRecall : null,
    predicted,
    correct,
    correctInTrain: trainFacts === undefined ? null : correctInTrain,
    correctInDistant: distantFacts === undefined ? null : correctInDistant,
    gold: truth.facts.size,
    evidencePredicted,
    evidenceCorrect,
    evidenceGold: truth.evidence,
    titlesPredicted: titles.size,
    titlesGold: truth.documents.size,
    titlesMatched,
  };
}

interface Truth {
  /** Entities by title; the last document of a repeated title counts. */
  readonly documents: ReadonlyMap<string, readonly Entity[]>;
  /** Evidence of each gold fact. */
  readonly facts: ReadonlyMap<string, ReadonlySet<number>>;
  /** Evidence entries, repeated ones included. */
  readonly evidence: number;
}

function readTruth(gold: readonly Document[]): Truth {
  if (gold.length > 0 && gold.every((doc) => doc.labels === undefined)) {
    throw fail('E_NO_LABELS', { documents: gold.length, doing: 'scoring' });
  }
  const documents = new Map<string, readonly Entity[]>();
  const facts = new Map<string, ReadonlySet<number>>();
  let evidence = 0;
  for (const doc of gold) {
    documents.set(doc.title, doc.vertexSet);
    for (const label of doc.labels ?? []) {
      facts.set(keyOf(doc.title, label.h, label.t, label.r), new Set(label.evidence));
      evidence += label.evidence.length;
    }
  }
  return { documents, facts, evidence };
}

/** The numbers stand first, so that no title or relation can be taken for a part of another. */
function keyOf(title: string, head: number, tail: number, relation: string): string {
  return `${head} ${tail} ${relation.length} ${relation}${title}`;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function harmonicMean(precision: number, recall: number): number {
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}
