/** `relata evaluate --model`: opens the model, shows progress and the scores. */
import type { Document } from '../data/document.ts';
import type { TrainFacts } from '../evaluation/train-facts.ts';
import { openSystem } from '../models/open-system.ts';
import { evaluateSystem, type SystemEvaluation, type SystemScores } from '../prediction/evaluate.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { count, paint, percentage, Progress, table } from './terminal.ts';

export interface EvaluateModelOptions extends SessionOptions {
  readonly trainFacts?: TrainFacts | undefined;
  readonly batchPieces?: number | undefined;
}

/**
 * Evaluates the model in `folder`.
 *
 * @throws RelataError what opening the system and evaluating it throw
 */
export async function evaluateModel(
  folder: string,
  documents: readonly Document[],
  options: EvaluateModelOptions,
): Promise<SystemEvaluation & { readonly relationName: (id: string) => string }> {
  const { trainFacts, batchPieces, ...engine } = options;
  const system = await openSystem(folder, engine);
  const progress = new Progress({ label: 'score', unit: 'documents', total: documents.length });
  try {
    const evaluation = await evaluateSystem(system, documents, {
      trainFacts,
      batchPieces,
      onDocument: (done) => progress.update(done),
    });
    return { ...evaluation, relationName: system.relations.relationName };
  } finally {
    progress.done();
    await system.dispose();
  }
}

export function modelScoresTable(scores: SystemScores): string {
  const rows = [
    ['', 'F1', 'Ign F1', 'precision', 'recall', 'theta'],
    [
      'at the saved theta',
      percentage(scores.f1),
      percentage(scores.ignF1),
      percentage(scores.precision),
      percentage(scores.recall),
      scores.theta.toFixed(4),
    ],
    [
      'best on these documents',
      percentage(scores.bestF1),
      percentage(scores.bestIgnF1),
      percentage(scores.bestPrecision),
      percentage(scores.bestRecall),
      scores.bestTheta.toFixed(4),
    ],
  ];
  const lines = [
    table(rows, { align: 'lr' }),
    '',
    `AUC ${percentage(scores.auc)}, Ign AUC ${percentage(scores.ignAuc)}; ${count(scores.ranked)} facts ranked, ${count(scores.predicted)} predicted, ${count(scores.gold)} gold`,
  ];
  if (scores.ece !== null) lines.push(calibrationLine(scores));
  if (scores.twoSteps)
    lines.push(
      paint(
        'dim',
        'AUC covers the pairs that step 1 lets through (faithful mode ranks the others last); compare F1 instead.',
      ),
    );
  if (scores.unknownGold > 0) {
    lines.push(
      paint(
        'yellow',
        `The model does not know the relation of ${count(scores.unknownGold)} gold labels: was it trained on other relations?`,
      ),
    );
  }
  if (scores.ignF1 === null) lines.push(paint('dim', 'Ign F1 needs the training facts: add --train-facts.'));
  return lines.join('\n');
}

/** How far what the model claims for its facts is from what holds. */
function calibrationLine({ ece, calibratedEce }: SystemScores): string {
  const claimed = `Facts above theta claim a score that is ${percentage(ece)} points from the share that is right`;
  return calibratedEce === null
    ? `${claimed}; \`relata calibrate\` makes probabilities of scores.`
    : `${claimed}; a probability that is ${percentage(calibratedEce)} points from it.`;
}
