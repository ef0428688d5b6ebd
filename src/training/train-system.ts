/**
 * Trains a system: one model, or the paper's two steps.
 *
 * Step 1 learns whether a pair is related, step 2 which relation holds, on related pairs only and from the encoder's
 * first weights again; then both score the development documents together and a threshold is chosen.
 * Source: Wang et al. 2019, section 2; their repository for what the text leaves open.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { removeHalfWritten, writeJson } from '../core/files.ts';
import { packageVersion } from '../core/version.ts';
import { fitCalibration } from '../evaluation/calibration.ts';
import { ScoreTally } from '../evaluation/score-tally.ts';
import type { Negatives, Task } from '../features/task.ts';
import { type FetchProgress } from '../models/hub.ts';
import { relationsToSave, saveModel, saveTwoStep, type SingleModel } from '../models/model-folder.ts';
import { openModel } from '../models/open-system.ts';
import { PairModel } from '../models/pair-model.ts';
import type { WeightedModel } from '../models/scoring-models.ts';
import type { PairModelConfig } from '../models/systems.ts';
import { evaluateExistence, evaluateRelated, evaluateRelations, type TaskScores } from './evaluate-task.ts';
import { pairObjective } from './pair-objective.ts';
import { describe, prepare, type Prepared } from './prepare.ts';
import { encoderOf, isTwoStep, MENTIONS, type TrainingRequest } from './request.ts';
import { readResult, type ResultRow, type Stage, type SystemEvent } from './stage.ts';
import { removeCheckpoint, trainModel } from './train-model.ts';
import { trainTagger } from './train-tagger.ts';

/**
 * Runs a request in `out`, from its start or from where it was stopped.
 *
 * @throws RelataError what reading the files throws; `E_DATA_CHANGED`, `E_RUN_DIFFERS` when a resumed run's files or options
 * are not the same; `E_RUN_DAMAGED` when what it saved is gone
 */
export async function* trainSystem(
  request: TrainingRequest,
  out: string,
  {
    signal,
    onFetch,
  }: { readonly signal?: AbortSignal; readonly onFetch?: (progress: FetchProgress) => void } = {},
): AsyncGenerator<SystemEvent> {
  if (request.system === MENTIONS) {
    yield* trainTagger(request, out, { signal, onFetch });
    return;
  }
  const prepared = await prepare(request, out, onFetch);
  yield { kind: 'prepared', about: describe(prepared) };
  if (!isTwoStep(request)) {
    const done = yield* stage(prepared, request, out, 'one step', 'relation', signal);
    if (done) yield { kind: 'result', rows: [done], folder: out };
    return;
  }
  const first = yield* stage(prepared, request, join(out, 'step-1'), 'step 1', 'existence', signal);
  if (!first) return;
  const second = yield* stage(prepared, request, join(out, 'step-2'), 'step 2', 'related-relation', signal);
  if (!second) return;
  const combined = await combine(prepared, request, out);
  yield { kind: 'result', rows: [first, second, combined], folder: out };
}

/** Trains one model unless it is finished. @returns its result, or undefined when the run was interrupted */
async function* stage(
  prepared: Prepared,
  request: TrainingRequest,
  folder: string,
  name: Stage,
  task: Task,
  signal: AbortSignal | undefined,
): AsyncGenerator<SystemEvent, ResultRow | undefined> {
  const finished = join(folder, 'finished.json');
  removeHalfWritten(folder);
  if (existsSync(finished)) {
    removeCheckpoint(folder);
    const result = readResult(folder, 'finished.json');
    yield { kind: 'skipped', stage: name };
    return result;
  }
  const { source, relations, dev, options, engine } = prepared;
  const config: PairModelConfig = { ...source.config, task };
  const negatives: Negatives = options.negatives ?? (task === 'existence' ? 3 : 'all');
  /** Of the last evaluation, where a whole system was scored. */
  let tally: ScoreTally | undefined;
  const evaluate = async (model: WeightedModel): Promise<TaskScores> => {
    if (task === 'existence') return evaluateExistence(model, dev, options.mode, options.batchPieces);
    if (task === 'related-relation') return evaluateRelated(model, dev, options.mode, options.batchPieces);
    tally = new ScoreTally();
    const models = { kind: 'one-step', relation: model } as const;
    return evaluateRelations(models, dev, options.mode, options.batchPieces, tally);
  };
  let ignored: readonly string[] = [];
  let row: ResultRow | undefined;
  const saveBest = ({ model, parameter }: WeightedModel, scores: TaskScores, epoch: number): void => {
    row = { stage: name, ...scores };
    const about: SingleModel = {
      format: 1,
      system: config.system,
      steps: 1,
      task,
      mode: options.mode,
      text: options.text,
      without: options.without,
      ...(config.system !== 'bert' && { words: { ...config.encoder, types: [...config.encoder.types] } }),
      relations: relationsToSave(relations),
      theta: scores.theta,
      ...calibrationOf(tally, scores.theta),
      scores: scores.scores,
      training: { ...trainingRecord(request, prepared), negatives, epoch },
    };
    saveModel(folder, {
      about,
      config,
      vocabulary: source.vocabulary,
      specs: model.specs,
      parameter,
    });
    writeJson(join(folder, 'best.json'), row);
  };
  const events = trainModel({
    folder,
    objective: pairObjective({ config, features: prepared.train, negatives, options }),
    options,
    initial: (specs) => {
      const weights = source.initial(specs, options.seed);
      ({ ignored } = weights);
      return weights.values;
    },
    engine,
    open: async () => PairModel.open(config, engine),
    evaluate,
    saveBest,
    signal,
  });
  for await (const event of events) {
    // Step 2 begins with the same encoder: once is enough.
    if (event.kind === 'start' && ignored.length > 0 && name !== 'step 2')
      yield { kind: 'ignored', names: ignored };
    yield { kind: 'stage', stage: name, event };
    if (event.kind === 'interrupted') return undefined;
  }
  row ??= readResult(folder, 'best.json');
  writeJson(finished, row);
  removeCheckpoint(folder);
  return row;
}

/** Scores the development documents with both steps, chooses the threshold and saves it. */
async function combine(prepared: Prepared, request: TrainingRequest, out: string): Promise<ResultRow> {
  const { dev, options, relations, engine } = prepared;
  const [existence, relation] = [
    await openModel(join(out, 'step-1'), engine),
    await openModel(join(out, 'step-2'), engine),
  ];
  const models = { kind: 'two-step', existence, relation } as const;
  const tally = new ScoreTally();
  const { scores, theta } = await evaluateRelations(
    models,
    dev,
    options.mode,
    options.batchPieces,
    tally,
  ).finally(async () => Promise.all([existence.model.dispose(), relation.model.dispose()]));
  saveTwoStep(out, {
    format: 1,
    system: encoderOf(request),
    steps: 2,
    mode: options.mode,
    text: options.text,
    relations: relationsToSave(relations),
    theta,
    ...calibrationOf(tally, theta),
    scores,
    training: trainingRecord(request, prepared),
  });
  return { stage: 'combined', scores, theta };
}

/** What the scores mean, as it is saved: nothing where the development documents say too little. */
function calibrationOf(
  tally: ScoreTally | undefined,
  theta: number | null,
): Pick<SingleModel, 'calibration'> {
  const { calibration } = tally ? fitCalibration(tally, { theta: theta ?? 0.5 }) : {};
  return calibration ? { calibration } : {};
}

/** What a saved model says about its training. Nothing in it depends on when or how fast. */
function trainingRecord(
  request: TrainingRequest,
  { options, train, dev, sha256, source: { pretrained, coverage } }: Prepared,
): Record<string, unknown> {
  const counts = { documents: train.length, devDocuments: dev.features.length };
  const known = coverage && { coverage: { words: coverage.words, occurrences: coverage.occurrences } };
  return { relata: packageVersion(), ...request, ...options, ...counts, pretrained, ...known, sha256 };
}
