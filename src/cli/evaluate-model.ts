/** `relata evaluate --model`: the ranking curve of a model on labelled documents. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import { loadDocuments } from '../data/read.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { rankDocuments } from '../evaluation/rank-documents.ts';
import type { RankingCurve } from '../evaluation/ranking.ts';
import { loadTrainFacts } from '../evaluation/train-facts.ts';
import { documentFeatures } from '../features/features.ts';
import { openSystem } from '../models/open-system.ts';
import { scoreDocuments } from '../models/score.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { count, paint, percentage, Progress, table } from './terminal.ts';

export interface EvaluateModelOptions extends SessionOptions {
  readonly model: string;
  readonly gold: string;
  readonly trainFacts?: readonly string[] | undefined;
  readonly noRelation?: readonly string[] | undefined;
  readonly batchPieces: number;
}

/** What `--json` prints. F1, precision, recall and Ign F1 are those at the saved threshold. */
export interface ModelScores {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly ignF1: number | null;
  readonly theta: number;
  readonly predicted: number;
  readonly gold: number;
  /** The best of the curve on these very documents, and the lowest score that it keeps; cut as in training. */
  readonly bestF1: number;
  readonly bestTheta: number;
  readonly bestIgnF1: number | null;
  readonly auc: number;
  readonly ignAuc: number | null;
  /** Scored facts. */
  readonly ranked: number;
  readonly twoSteps: boolean;
  /** Gold labels whose relation the model does not know: it cannot find them. */
  readonly unknownGold: number;
}

/**
 * Ranks all facts of labelled documents by a saved system and measures the ranking.
 *
 * @throws RelataError `E_NO_LABELS`; and what opening the system and reading the files throw
 */
export async function evaluateModel(options: EvaluateModelOptions): Promise<ModelScores> {
  const { noRelation = [], gold: path } = options;
  const documents = await loadDocuments(path, { noRelation });
  if (documents.every((doc) => doc.labels === undefined))
    throw fail('E_NO_LABELS', { documents: documents.length, doing: `scoring ${path}` });
  const trainFacts = options.trainFacts && (await loadTrainFacts(options.trainFacts, { noRelation }));
  const system = await openSystem(options.model, options);
  const progress = new Progress({ label: 'score', unit: 'documents', total: documents.length });
  try {
    const features = documents.map((doc) => documentFeatures(doc, system.relations, system.encode));
    const scored = watched(scoreDocuments(system.models, features, options.batchPieces), (done) =>
      progress.update(done),
    );
    const { ranking, gold } = await rankDocuments(scored, documents, {
      relations: system.relations,
      trainFacts,
      rankClosed: system.about.mode === 'faithful',
    });
    const theta = system.about.theta ?? 0.5;
    const known = trainFacts !== undefined;
    const curve = ranking.curve(gold, { theta });
    return summary(curve, {
      best: system.about.mode === 'faithful' ? curve : curve.tieSafe,
      theta,
      gold,
      known,
      ranked: ranking.size,
      twoSteps: system.models.kind === 'two-step',
      unknownGold: unknownLabels(documents, system.relations),
    });
  } finally {
    progress.done();
    await system.dispose();
  }
}

function summary(
  curve: RankingCurve,
  {
    known,
    best,
    ...others
  }: {
    readonly best: { readonly f1: number; readonly theta: number };
    readonly theta: number;
    readonly gold: number;
    readonly known: boolean;
    readonly ranked: number;
    readonly twoSteps: boolean;
    readonly unknownGold: number;
  },
): ModelScores {
  const { f1, precision, recall, ignF1, predicted } = curve.atTheta;
  return {
    f1,
    precision,
    recall,
    ignF1: known ? ignF1 : null,
    ...others,
    predicted,
    bestF1: best.f1,
    bestTheta: best.theta,
    bestIgnF1: known ? curve.ignF1 : null,
    auc: curve.auc,
    ignAuc: known ? curve.ignAuc : null,
  };
}

export function modelScoresTable(scores: ModelScores): string {
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
      '',
      '',
      scores.bestTheta.toFixed(4),
    ],
  ];
  const lines = [
    table(rows, { align: 'lr' }),
    '',
    `AUC ${percentage(scores.auc)}, Ign AUC ${percentage(scores.ignAuc)}; ${count(scores.ranked)} facts ranked, ${count(scores.predicted)} predicted, ${count(scores.gold)} gold`,
  ];
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

function unknownLabels(documents: readonly Document[], relations: RelationVocabulary): number {
  return documents
    .flatMap((doc) => doc.labels ?? [])
    .filter(({ r }) => relations.relationIndex(r) === undefined).length;
}

async function* watched<T>(items: AsyncIterable<T>, onDone: (done: number) => void): AsyncGenerator<T> {
  let done = 0;
  for await (const item of items) {
    yield item;
    onDone(++done);
  }
}
