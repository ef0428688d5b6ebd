/** What a trained run is worth, for the report: its scores on dev and test, its break-downs, how it went. */
import { basename, join } from 'node:path';

import { readJson } from '../core/files.ts';
import type { Document } from '../data/document.ts';
import { type Breakdown, breakDown } from '../evaluation/breakdown.ts';
import { assess, type Assessment, fitCalibration } from '../evaluation/calibration.ts';
import type { DocumentCounts } from '../evaluation/document-counts.ts';
import type { ScoreTally } from '../evaluation/score-tally.ts';
import type { TrainFacts } from '../evaluation/train-facts.ts';
import { type OpenSystem, openSystem } from '../models/open-system.ts';
import { countParameters } from '../nn/parameters.ts';
import { evaluateSystem, type SystemScores } from '../prediction/evaluate.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { freezeParts } from '../training/freeze.ts';
import { encoderOf, isTwoStep, type TrainingRequest } from '../training/request.ts';
import type { ResultRow } from '../training/stage.ts';
import type { ComparedRun, trainedStages } from './comparison.ts';
import { type StageHistory, stageHistory } from './history.ts';

export interface CollectOptions {
  readonly id: string;
  /** As the tables print it. */
  readonly label: string;
  readonly request: TrainingRequest;
  /** Of the run. */
  readonly folder: string;
  readonly command: string;
  readonly dev: readonly Document[];
  /** With labels. */
  readonly test: readonly Document[] | undefined;
  readonly trainFacts: TrainFacts | undefined;
  readonly engine: SessionOptions;
  /** Called after each document. @param done - documents so far */
  readonly onDocument: (done: number) => void;
}

/** Scores the run's model. @returns the report's entry, and the counts that the bootstrap draws from */
export async function collectRun(
  options: CollectOptions,
): Promise<{ run: ComparedRun; counts: DocumentCounts }> {
  const { id, label, request, folder, command, dev, test, trainFacts, onDocument } = options;
  const system = await openSystem(folder, options.engine);
  try {
    const scoring = { trainFacts, batchPieces: request.batchPieces, onDocument };
    const { scores, counts, facts, curve, tally } = await evaluateSystem(system, dev, scoring);
    const onTest = test && (await evaluateSystem(system, test, scoring));
    const tested = onTest?.scores;
    const stages = stagesOf(folder, request);
    const { relationName } = system.relations;
    const run: ComparedRun = {
      id,
      system: encoderOf(request),
      label,
      twoStep: isTwoStep(request),
      negatives: request.negatives ?? (isTwoStep(request) ? 3 : 'all'),
      seed: request.seed,
      mode: request.mode,
      encoder: encoderEntry(system, request),
      parameters: parametersOf(system, request),
      dev: { ...devScores(scores, request), stages: isTwoStep(request) ? stages.map(stageScores) : [] },
      test: tested
        ? { f1: tested.f1, ignF1: tested.ignF1, precision: tested.precision, recall: tested.recall }
        : null,
      history: stages.flatMap(({ found }) => found.history),
      precisionRecall: curve.map(({ recall, precision }) => [recall, precision]),
      reliability: reliabilityEntry(system, scores.theta, tally, onTest?.tally),
      breakdown: breakdownEntry(breakDown(facts, dev, { trainFacts, relationName })),
      cost: costOf(stages),
      command,
      folder,
    };
    return { run, counts };
  } finally {
    await system.dispose();
  }
}

interface TrainedStage {
  readonly stage: (typeof trainedStages)[number];
  readonly result: ResultRow;
  readonly found: StageHistory;
}

function stagesOf(folder: string, request: TrainingRequest): TrainedStage[] {
  const stages = isTwoStep(request)
    ? ([
        ['step 1', join(folder, 'step-1')],
        ['step 2', join(folder, 'step-2')],
      ] as const)
    : ([['one step', folder]] as const);
  return stages.map(([stage, path]) => ({
    stage,
    result: readJson(join(path, 'finished.json')) as ResultRow,
    found: stageHistory(path, stage),
  }));
}

const stageScores = ({ stage, result }: TrainedStage): ComparedRun['dev']['stages'][number] => ({
  stage,
  scores: { ...result.scores },
});

/** Scores of the cut that training chooses by; Ign F1 is that of the same cut, in faithful mode the best of its own curve. */
function devScores(scores: SystemScores, { mode }: TrainingRequest): Omit<ComparedRun['dev'], 'stages'> {
  const { bestF1, bestPrecision, bestRecall, bestIgnF1, tieSafe, auc, ignAuc, theta } = scores;
  return {
    f1: bestF1,
    ignF1: mode === 'faithful' ? bestIgnF1 : tieSafe.ignF1,
    precision: bestPrecision,
    recall: bestRecall,
    theta,
    auc,
    ignAuc,
    tieSafeF1: tieSafe.f1,
  };
}

/**
 * What the scores mean, on documents that the calibration was not fitted on: those of test, or else each half of dev by
 * the other. A run from before there were calibrations is fitted here.
 */
function reliabilityEntry(
  { about }: OpenSystem,
  theta: number,
  dev: ScoreTally,
  test: ScoreTally | undefined,
): ComparedRun['reliability'] {
  const fit = fitCalibration(dev, { theta });
  const calibration = about.calibration ?? fit.calibration;
  if (calibration === undefined) return null;
  const after = test ? assess(test, { theta, curve: calibration }) : fit.crossFitted;
  if (after === undefined) return null;
  return {
    measuredOn: test ? 'test' : 'dev',
    method: calibration.method,
    before: reliabilityCurve(assess(test ?? dev, { theta })),
    after: reliabilityCurve(after),
  };
}

function reliabilityCurve({ all, output }: Assessment): NonNullable<ComparedRun['reliability']>['before'] {
  return { ece: output.ece, bins: all.bins.map(({ facts, said, found }) => ({ facts, said, found })) };
}

function encoderEntry({ about, models }: OpenSystem, request: TrainingRequest): ComparedRun['encoder'] {
  const { config } = models.relation.model;
  if (config.system === 'bert') {
    return {
      kind: 'bert',
      size: basename(request.encoder ?? ''),
      pretrained: about.training['pretrained'] === true,
    };
  }
  const coverage = about.training['coverage'] as { words?: number } | undefined;
  const vectors = request.wordVectors && {
    file: basename(request.wordVectors),
    coverage: coverage?.words ?? 0,
    trained: request.trainWordVectors,
  };
  return { kind: 'words', dimension: config.encoder.width, vectors: vectors || null };
}

function parametersOf({ models }: OpenSystem, { freeze }: TrainingRequest): number {
  const all = models.kind === 'two-step' ? [models.existence, models.relation] : [models.relation];
  return all.reduce(
    (sum, { model }) =>
      sum + countParameters(freezeParts(model.specs, freeze).filter(({ frozen }) => !frozen)),
    0,
  );
}

function breakdownEntry(found: Breakdown): ComparedRun['breakdown'] {
  const { sentences, interLong, frequency, words, mentions, training, relations } = found;
  const groups = [
    { group: 'Sentences', rows: [...sentences, interLong] },
    { group: 'Relations', rows: [...frequency] },
    { group: 'Distance in words', rows: [...words] },
    { group: 'Mentions of the pair', rows: [...mentions] },
    { group: 'Seen in training', rows: [...(training ?? [])] },
  ];
  return { groups: groups.filter(({ rows }) => rows.length > 0), relations: [...relations] };
}

function costOf(stages: readonly TrainedStage[]): ComparedRun['cost'] {
  const sum = (of: (found: StageHistory) => number): number =>
    stages.reduce((total, { found }) => total + of(found), 0);
  const [seconds, pieces] = [sum((found) => found.seconds), sum((found) => found.pieces)];
  return {
    seconds,
    pieces,
    piecesPerSecond: seconds > 0 ? pieces / seconds : null,
    peakMemory: Math.max(0, ...stages.map(({ found }) => found.memory)) || null,
    stages: stages.map(({ stage, found }) => ({ stage, epochs: found.epochs, bestEpoch: found.bestEpoch })),
  };
}
