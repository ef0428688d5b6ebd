/**
 * Trains a system: one model, or the paper's two steps.
 *
 * Step 1 learns whether a pair is related, step 2 which relation holds, on related pairs only and from the encoder's
 * first weights again; then both score the development documents together and a threshold is chosen.
 * Source: Wang et al. 2019, section 2; their repository for what the text leaves open.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import { readJson, removeHalfWritten, writeJson } from '../core/files.ts';
import { packageVersion } from '../core/version.ts';
import type { Document } from '../data/document.ts';
import { readDocuments } from '../data/read.ts';
import {
  readRelationInfo,
  relationsFrom,
  relationVocabulary,
  type RelationVocabulary,
} from '../data/relations.ts';
import { loadTrainFacts } from '../evaluation/train-facts.ts';
import { documentFeatures, type Features } from '../features/features.ts';
import type { Negatives, Task } from '../features/task.ts';
import { type EncoderSource, encoderSource } from '../models/encoder-source.ts';
import { type FetchProgress } from '../models/hub.ts';
import { relationsToSave, saveModel, saveTwoStep, type SingleModel } from '../models/model-folder.ts';
import { openModel } from '../models/open-system.ts';
import type { PairModelConfig } from '../models/pair-model.ts';
import type { WeightedModel } from '../models/score.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { buildVocabulary } from '../text/train-vocabulary.ts';
import { loadVocabulary } from '../text/vocabulary-file.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { WordPiece } from '../text/wordpiece.ts';
import {
  type DevelopmentData,
  evaluateExistence,
  evaluateRelated,
  evaluateRelations,
  type TaskScores,
} from './evaluate-task.ts';
import { type EffectiveOptions, effectiveOptions } from './options.ts';
import {
  filesOf,
  hashFiles,
  readRequest,
  requestPath,
  type SavedRequest,
  type TrainingRequest,
} from './request.ts';
import { removeCheckpoint, trainModel, type TrainingEvent } from './train-model.ts';

/** A model of a system, or their combination. */
export type Stage = 'one step' | 'step 1' | 'step 2' | 'combined';

export type SystemEvent =
  | { readonly kind: 'prepared'; readonly about: Preparation }
  | { readonly kind: 'ignored'; readonly names: readonly string[] }
  | { readonly kind: 'stage'; readonly stage: Stage; readonly event: TrainingEvent }
  | { readonly kind: 'skipped'; readonly stage: Stage }
  | { readonly kind: 'result'; readonly rows: readonly ResultRow[]; readonly folder: string };

/** What a run works on. */
export interface Preparation {
  readonly documents: number;
  readonly devDocuments: number;
  readonly relations: number;
  readonly relatedPairs: number;
  readonly unrelatedPairs: number;
  readonly pieces: number;
  readonly vocabulary: number;
  readonly pretrained: boolean;
  readonly options: EffectiveOptions;
}

/** What a stage reached on the development documents. */
export interface ResultRow {
  readonly stage: Stage;
  readonly scores: TaskScores['scores'];
  readonly theta: number | null;
}

interface Prepared {
  readonly encoder: EncoderSource;
  readonly vocabulary: Vocabulary;
  /** Of every file that decides the run. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly relations: RelationVocabulary;
  readonly train: readonly Features[];
  readonly dev: DevelopmentData;
  readonly options: EffectiveOptions;
  readonly engine: SessionOptions;
}

/**
 * Runs a request in `out`, from its start or from where it was stopped.
 *
 * @throws RelataError what reading the files throws; `E_DATA_CHANGED`, `E_RUN_DIFFERS` when a resumed run's files or options
 * are not the same
 */
export async function* trainSystem(
  request: TrainingRequest,
  out: string,
  {
    signal,
    onFetch,
  }: { readonly signal?: AbortSignal; readonly onFetch?: (progress: FetchProgress) => void } = {},
): AsyncGenerator<SystemEvent> {
  const prepared = await prepare(request, out, onFetch);
  yield { kind: 'prepared', about: describe(prepared) };
  if (request.system === 'bert') {
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

async function prepare(
  request: TrainingRequest,
  out: string,
  onFetch?: (progress: FetchProgress) => void,
): Promise<Prepared> {
  const info = request.relations === undefined ? undefined : readRelationInfo(request.relations);
  const train = await loadAll(request.train, request, info);
  const dev = await loadAll([request.dev], request, info);
  const encoder = await encoderSource(request.encoder, {
    vocabulary: () => vocabularyFor(request, train),
    ...(onFetch && { onFetch }),
  });
  const vocabulary = encoder.vocabulary();
  const options = effectiveOptions(request, encoder.pretrained);
  const relations = info === undefined ? relationsFrom(train) : relationVocabulary(info);
  const wordPiece = new WordPiece(vocabulary);
  const encode = { wordPiece, positions: encoder.shape.positions, mode: options.mode, text: options.text };
  const featuresOf = (documents: readonly Document[]): Features[] =>
    documents.map((doc) => documentFeatures(doc, relations, encode));
  const trainFacts =
    request.trainFacts.length > 0
      ? await loadTrainFacts(request.trainFacts, { noRelation: request.noRelation })
      : undefined;
  // Only a run that can begin leaves a trace.
  const sha256 = await rememberRequest(request, options, out);
  return {
    encoder,
    vocabulary,
    sha256,
    relations,
    train: featuresOf(train),
    dev: { documents: dev, features: featuresOf(dev), relations, trainFacts },
    options,
    engine: {
      device: request.device,
      threads: options.threads === 0 ? availableParallelism() : options.threads,
    },
  };
}

async function loadAll(
  paths: readonly string[],
  { noRelation }: TrainingRequest,
  info: ReadonlyMap<string, string> | undefined,
): Promise<Document[]> {
  const documents: Document[] = [];
  const relations = info && new Set(info.keys());
  for (const path of paths) {
    for await (const doc of readDocuments(path, { noRelation, relations })) documents.push(doc);
  }
  if (documents.every((doc) => (doc.labels ?? []).every(({ h, t }) => h === t))) {
    throw fail('E_NO_LABELS', { documents: documents.length, doing: `training on ${paths.join(', ')}` });
  }
  return documents;
}

/** Saves the request, or checks that a resumed one and its files are the same. */
async function rememberRequest(
  request: TrainingRequest,
  effective: EffectiveOptions,
  out: string,
): Promise<SavedRequest['sha256']> {
  const path = requestPath(out);
  if (!existsSync(path)) {
    const sha256 = await hashFiles(filesOf(request));
    writeJson(path, { request, effective, sha256 } satisfies SavedRequest);
    return sha256;
  }
  const { sha256, ...began } = readRequest(out);
  const differs = differingKey({ ...began.request, ...began.effective }, { ...request, ...effective });
  if (differs !== undefined) throw fail('E_RUN_DIFFERS', { option: differs, out });
  const now = await hashFiles(Object.keys(sha256));
  const changed = Object.keys(sha256).find((file) => sha256[file] !== now[file]);
  if (changed !== undefined) throw fail('E_DATA_CHANGED', { path: changed, out });
  return sha256;
}

/** The first key whose values differ as JSON. */
function differingKey(a: object, b: object): string | undefined {
  const entry = (of: object, key: string): string => JSON.stringify(Reflect.get(of, key)) ?? '';
  return Object.keys({ ...a, ...b }).find((key) => entry(a, key) !== entry(b, key));
}

function vocabularyFor(request: TrainingRequest, documents: readonly Document[]): Vocabulary {
  if (request.vocabulary !== undefined) return loadVocabulary(request.vocabulary);
  const words = new Map<string, number>();
  for (const doc of documents) {
    for (const word of doc.sents.flat()) words.set(word, (words.get(word) ?? 0) + 1);
  }
  return buildVocabulary(words, { size: request.vocabularySize, lowercase: !request.cased });
}

function describe({ train, dev, relations, encoder, vocabulary, options }: Prepared): Preparation {
  const sum = (f: (features: Features) => number): number =>
    train.reduce((total, features) => total + f(features), 0);
  const relatedPairs = sum(({ related }) => related.length);
  return {
    documents: train.length,
    devDocuments: dev.features.length,
    relations: relations.size - 1,
    relatedPairs,
    unrelatedPairs: sum(({ entities }) => entities.length * (entities.length - 1)) - relatedPairs,
    pieces: sum(({ pieces }) => pieces),
    vocabulary: vocabulary.pieces.length,
    pretrained: encoder.pretrained,
    options,
  };
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
    yield { kind: 'skipped', stage: name };
    return readJson(finished) as ResultRow;
  }
  const { encoder, vocabulary, relations, dev, options, engine } = prepared;
  const config: PairModelConfig = {
    encoder: encoder.shape,
    task,
    mode: options.mode,
    text: options.text,
    relations: relations.size - 1,
  };
  const negatives: Negatives = options.negatives ?? (task === 'existence' ? 3 : 'all');
  const evaluate = async (model: WeightedModel): Promise<TaskScores> => {
    if (task === 'existence') return evaluateExistence(model, dev, options.mode, options.batchPieces);
    if (task === 'related-relation') return evaluateRelated(model, dev, options.mode, options.batchPieces);
    return evaluateRelations({ kind: 'one-step', relation: model }, dev, options.mode, options.batchPieces);
  };
  let ignored: readonly string[] = [];
  let row: ResultRow | undefined;
  const saveBest = ({ model, parameter }: WeightedModel, scores: TaskScores, epoch: number): void => {
    row = { stage: name, ...scores };
    const about: SingleModel = {
      format: 1,
      system: 'bert',
      task,
      mode: options.mode,
      text: options.text,
      relations: relationsToSave(relations),
      theta: scores.theta,
      scores: scores.scores,
      training: { ...trainingRecord(request, prepared), negatives, epoch },
    };
    saveModel(folder, {
      about,
      encoder: encoder.shape,
      vocabulary,
      specs: model.specs,
      parameter,
    });
    writeJson(join(folder, 'best.json'), row);
  };
  const events = trainModel({
    folder,
    config,
    options,
    negatives,
    features: prepared.train,
    initial: (specs) => {
      const weights = encoder.initial(specs, options.seed);
      ({ ignored } = weights);
      return weights.values;
    },
    engine,
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
  row ??= readJson(join(folder, 'best.json')) as ResultRow;
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
  const { scores, theta } = await evaluateRelations(models, dev, options.mode, options.batchPieces).finally(
    async () => Promise.all([existence.model.dispose(), relation.model.dispose()]),
  );
  saveTwoStep(out, {
    format: 1,
    system: 'bert-two-step',
    mode: options.mode,
    text: options.text,
    relations: relationsToSave(relations),
    theta,
    scores,
    training: trainingRecord(request, prepared),
  });
  return { stage: 'combined', scores, theta };
}

/** What a saved model says about its training. Nothing in it depends on when or how fast. */
function trainingRecord(
  request: TrainingRequest,
  { options, train, dev, sha256 }: Prepared,
): Record<string, unknown> {
  const counts = { documents: train.length, devDocuments: dev.features.length };
  return { relata: packageVersion(), ...request, ...options, ...counts, sha256 };
}
