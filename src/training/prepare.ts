/** What a training run works on: documents, vocabulary, relations and options, from what a person asked for. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

import { fail } from '../core/errors.ts';
import { writeJson } from '../core/files.ts';
import type { Document } from '../data/document.ts';
import { entityTypes } from '../data/entity-types.ts';
import { readDocuments } from '../data/read.ts';
import {
  readRelationInfo,
  relationsFrom,
  relationVocabulary,
  type RelationVocabulary,
} from '../data/relations.ts';
import { wordCounts } from '../data/word-counts.ts';
import { loadTrainFacts } from '../evaluation/train-facts.ts';
import { documentFeatures, type Features } from '../features/features.ts';
import { encoderSource } from '../models/encoder-source.ts';
import type { EncoderWeights } from '../models/bert-checkpoint.ts';
import type { FetchProgress } from '../models/hub.ts';
import type { ModelVocabulary } from '../models/model-folder.ts';
import { encodeOptions } from '../models/open-system.ts';
import { DEFAULT_ENCODER } from '../models/shipped-encoders.ts';
import type { PairModelConfig } from '../models/systems.ts';
import { wordSource } from '../models/word-source.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { Coverage } from '../text/coverage.ts';
import { buildVocabulary } from '../text/train-vocabulary.ts';
import { loadVocabulary } from '../text/vocabulary-file.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import type { DevelopmentData } from './evaluate-task.ts';
import { checkParts } from './freeze.ts';
import { beginningOf, type EffectiveOptions, effectiveOptions } from './options.ts';
import {
  encoderOf,
  filesOf,
  hashFiles,
  readRequest,
  requestPath,
  type SavedRequest,
  type TrainingRequest,
} from './request.ts';

/** What a run works on, in numbers. */
export interface Preparation {
  readonly documents: number;
  readonly devDocuments: number;
  readonly relations: number;
  readonly relatedPairs: number;
  readonly unrelatedPairs: number;
  /** Pieces or words of the training documents. */
  readonly pieces: number;
  readonly reads: ModelVocabulary['reads'];
  /** Pieces or words of the vocabulary. */
  readonly vocabulary: number;
  readonly pretrained: boolean;
  /** Of given word vectors. */
  readonly coverage: Coverage | undefined;
  readonly options: EffectiveOptions;
}

/** Where the models of a run come from. */
export interface Source<Config> {
  readonly config: Config;
  readonly vocabulary: ModelVocabulary;
  readonly pretrained: boolean;
  readonly coverage: Coverage | undefined;
  /** The first weights of all of `specs`. */
  readonly initial: (specs: readonly ParameterSpec[], seed: number) => EncoderWeights;
}

export interface Prepared {
  /** The task of its configuration is that of one step. */
  readonly source: Source<PairModelConfig>;
  /** Of every file that decides the run. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly relations: RelationVocabulary;
  readonly train: readonly Features[];
  readonly dev: DevelopmentData;
  readonly options: EffectiveOptions;
  readonly engine: SessionOptions;
}

/**
 * Reads everything that a run needs, and saves the request.
 *
 * @throws RelataError what reading the files throws; `E_DATA_CHANGED`, `E_RUN_DIFFERS` when a resumed run's files or options
 * are not the same; `E_USAGE` when the encoder has no such part to freeze
 */
export async function prepare(
  request: TrainingRequest,
  out: string,
  onFetch?: (progress: FetchProgress) => void,
): Promise<Prepared> {
  const info = request.relations === undefined ? undefined : readRelationInfo(request.relations);
  const train = await loadAll(request.train, request, info, 'training on');
  const dev = await loadAll([request.dev], request, info, 'choosing a model by');
  const relations = info === undefined ? relationsFrom(train) : relationVocabulary(info);
  const source = await sourceOf(request, train, relations, onFetch);
  const options = effectiveOptions(request, encoderOf(request), beginningOf(source));
  const encode = encodeOptions(source.config, source.vocabulary);
  const featuresOf = (documents: readonly Document[]): Features[] =>
    documents.map((doc) => documentFeatures(doc, relations, encode));
  const trainFacts =
    request.trainFacts.length > 0
      ? await loadTrainFacts(request.trainFacts, { noRelation: request.noRelation })
      : undefined;
  // Only a run that can begin leaves a trace.
  const sha256 = await rememberRequest(request, options, out);
  return {
    source,
    sha256,
    relations,
    train: featuresOf(train),
    dev: { documents: dev, features: featuresOf(dev), relations, trainFacts },
    options,
    engine: engineOf(request, options),
  };
}

/** What a run's graphs run on: all cores where nothing else is asked for. */
export const engineOf = (
  { device }: Pick<TrainingRequest, 'device'>,
  { threads }: Pick<EffectiveOptions, 'threads'>,
): Pick<SessionOptions, 'device' | 'threads'> => ({
  device,
  threads: threads === 0 ? availableParallelism() : threads,
});

async function sourceOf(
  request: TrainingRequest,
  train: readonly Document[],
  relations: RelationVocabulary,
  onFetch?: (progress: FetchProgress) => void,
): Promise<Source<PairModelConfig>> {
  const { mode, text, without } = request;
  const common = { task: 'relation', mode, without, relations: relations.size - 1 } as const;
  const system = encoderOf(request);
  if (system === 'bert') {
    const { shape, initial, pretrained, ...encoder } = await encoderSource(
      request.encoder ?? DEFAULT_ENCODER,
      {
        vocabulary: () => vocabularyFor(request, train),
        ...(onFetch && { onFetch }),
      },
    );
    checkParts(request.freeze, shape.layers);
    return {
      config: { ...common, system, encoder: shape, text },
      vocabulary: { reads: 'pieces', vocabulary: encoder.vocabulary() },
      pretrained,
      coverage: undefined,
      initial,
    };
  }
  const words = await wordSource({
    counts: wordCounts(train),
    types: entityTypes(train),
    vectors: request.wordVectors,
    train: request.trainWordVectors,
    minimumCount: request.minimumCount,
  });
  return {
    config: { ...common, system, encoder: words.shape },
    vocabulary: { reads: 'words', vocabulary: words.vocabulary },
    pretrained: false,
    coverage: words.coverage,
    initial: (specs, seed) => ({ values: words.initial(specs, seed), ignored: [] }),
  };
}

async function loadAll(
  paths: readonly string[],
  { noRelation }: TrainingRequest,
  info: ReadonlyMap<string, string> | undefined,
  doing: string,
): Promise<Document[]> {
  const documents: Document[] = [];
  const relations = info && new Set(info.keys());
  for (const path of paths) {
    for await (const doc of readDocuments(path, { noRelation, relations })) documents.push(doc);
  }
  if (documents.every((doc) => (doc.labels ?? []).every(({ h, t }) => h === t))) {
    throw fail('E_NO_LABELS', { documents: documents.length, doing: `${doing} ${paths.join(', ')}` });
  }
  return documents;
}

/** Saves the request, or checks that a resumed one and its files are the same. */
export async function rememberRequest(
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
  mustAskTheSame({ ...began.request, ...began.effective }, { ...request, ...effective }, out);
  mustBeUnchanged(sha256, await hashFiles(Object.keys(sha256)), out);
  return sha256;
}

/** @throws RelataError `E_RUN_DIFFERS` naming the first option of a run in `out` that is not as it was */
export function mustAskTheSame(before: object, now: object, out: string): void {
  const differs = differingKey(before, now);
  if (differs !== undefined) throw fail('E_RUN_DIFFERS', { option: differs, out });
}

/** @throws RelataError `E_DATA_CHANGED` naming the first file of a run in `out` whose hash is not what it was */
export function mustBeUnchanged(
  before: SavedRequest['sha256'],
  now: SavedRequest['sha256'],
  out: string,
): void {
  const changed = Object.keys(before).find((file) => before[file] !== now[file]);
  if (changed !== undefined) throw fail('E_DATA_CHANGED', { path: changed, out });
}

/** The first key whose values differ as JSON. */
function differingKey(a: object, b: object): string | undefined {
  const entry = (of: object, key: string): string => JSON.stringify(Reflect.get(of, key)) ?? '';
  return Object.keys({ ...a, ...b }).find((key) => entry(a, key) !== entry(b, key));
}

export function vocabularyFor(request: TrainingRequest, documents: readonly Document[]): Vocabulary {
  if (request.vocabulary !== undefined) return loadVocabulary(request.vocabulary);
  return buildVocabulary(wordCounts(documents), { size: request.vocabularySize, lowercase: !request.cased });
}

/** What a run works on, for people. */
export function describe({ train, dev, relations, source, options }: Prepared): Preparation {
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
    reads: source.vocabulary.reads,
    vocabulary:
      source.vocabulary.reads === 'words'
        ? source.vocabulary.vocabulary.words.length
        : source.vocabulary.vocabulary.pieces.length,
    pretrained: source.pretrained,
    coverage: source.coverage,
    options,
  };
}
