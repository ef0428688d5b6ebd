/** What the training of a tagger works on: documents, vocabulary, types and options, from what a person asked for. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import { docredTypes } from '../data/entity-types.ts';
import { readDocuments } from '../data/read.ts';
import { wordCounts } from '../data/word-counts.ts';
import { distinctMentions } from '../features/bio.ts';
import { tagSequences } from '../features/tag-sequences.ts';
import { encoderSource } from '../models/encoder-source.ts';
import type { FetchProgress } from '../models/hub.ts';
import type { TaggerConfig } from '../models/mention-tagger.ts';
import type { ModelVocabulary } from '../models/model-folder.ts';
import { DEFAULT_ENCODER } from '../models/shipped-encoders.ts';
import type { TagDocument } from '../models/tag-model.ts';
import { tagEncoding } from '../models/tagger-folder.ts';
import { wordSource } from '../models/word-source.ts';
import { initialValues } from '../nn/parameters.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { Coverage } from '../text/coverage.ts';
import { UNKNOWN_WORD } from '../text/words.ts';
import { checkParts } from './freeze.ts';
import { beginningOf, type EffectiveOptions } from './options.ts';
import { engineOf, rememberRequest, type Source, vocabularyFor } from './prepare.ts';
import { isReader, type TrainingRequest } from './request.ts';
import { type TaggedSequence, taggedSequences } from './tag-objective.ts';
import { taggerOptions } from './tagger-options.ts';

/** What a run works on, in numbers. */
export interface TaggerPreparation {
  readonly documents: number;
  readonly devDocuments: number;
  /** Distinct mentions of the training documents. */
  readonly mentions: number;
  /** Of these, those that overlap another: a word has one tag. */
  readonly lost: number;
  readonly types: readonly string[];
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

export interface PreparedTagger {
  readonly source: Source<TaggerConfig>;
  /** Of every file that decides the run. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly train: readonly (readonly TaggedSequence[])[];
  readonly dev: readonly (TagDocument & { readonly doc: Document })[];
  readonly options: EffectiveOptions;
  readonly engine: SessionOptions;
  readonly about: TaggerPreparation;
}

/**
 * Reads everything that a run needs, and saves the request.
 *
 * @throws RelataError what reading the files throws; `E_FIELD` where documents have no mention; `E_DATA_CHANGED`,
 * `E_RUN_DIFFERS` when a resumed run's files or options are not the same
 */
export async function prepareTagger(
  request: TrainingRequest,
  out: string,
  onFetch?: (progress: FetchProgress) => void,
): Promise<PreparedTagger> {
  const train = await loadAll(request.train, 'training on');
  const dev = await loadAll([request.dev], 'choosing a model by');
  const source = await sourceOf(request, train, onFetch);
  const { config, vocabulary, pretrained } = source;
  const options = taggerOptions(request, config.system, beginningOf(source));
  const encode = tagEncoding(config, vocabulary);
  const tagged = train.map((doc) => taggedSequences(doc, config.types, encode));
  // Only a run that can begin leaves a trace.
  const sha256 = await rememberRequest(request, options, out);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    source,
    sha256,
    train: tagged.map(({ sequences }) => sequences),
    dev: dev.map((doc) => ({ doc, sequences: [...tagSequences(doc, encode)] })),
    options,
    engine: engineOf(request, options),
    about: {
      documents: train.length,
      devDocuments: dev.length,
      mentions: sum(train.map(({ vertexSet }) => distinctMentions(vertexSet.flat()).length)),
      lost: sum(tagged.map(({ lost }) => lost)),
      types: config.types,
      pieces: sum(tagged.flatMap(({ sequences }) => sequences.map(({ sequence }) => sequence.ids.length))),
      reads: vocabulary.reads,
      vocabulary: sizeOf(vocabulary),
      pretrained,
      coverage: source.coverage,
      options,
    },
  };
}

/** Id of an unknown word or piece. */
export const unknownOf = (read: ModelVocabulary): number =>
  read.reads === 'words' ? UNKNOWN_WORD : read.vocabulary.special.unk;

const sizeOf = (read: ModelVocabulary): number =>
  read.reads === 'words' ? read.vocabulary.words.length : read.vocabulary.pieces.length;

async function sourceOf(
  request: TrainingRequest,
  train: readonly Document[],
  onFetch?: (progress: FetchProgress) => void,
): Promise<Source<TaggerConfig>> {
  const types = mentionTypes(train);
  if (isReader(request)) {
    const { shape, vocabulary, coverage, initial } = await wordSource({
      counts: wordCounts(train),
      types: [],
      vectors: request.wordVectors,
      train: request.trainWordVectors,
      minimumCount: request.minimumCount,
    });
    const { types: _none, ...encoder } = shape;
    return {
      config: { types, system: request.encoder, encoder },
      vocabulary: { reads: 'words', vocabulary },
      pretrained: false,
      coverage,
      initial: (specs, seed) => ({
        values: coverage ? initial(specs, seed) : initialValues(specs, seed),
        ignored: [],
      }),
    };
  }
  const { shape, initial, pretrained, ...encoder } = await encoderSource(request.encoder ?? DEFAULT_ENCODER, {
    vocabulary: () => vocabularyFor(request, train),
    ...(onFetch && { onFetch }),
  });
  checkParts(request.freeze, shape.layers);
  return {
    config: { types, system: 'bert', encoder: shape },
    vocabulary: { reads: 'pieces', vocabulary: encoder.vocabulary() },
    pretrained,
    coverage: undefined,
    initial,
  };
}

/** The types that occur, DocRED's in its order first. */
function mentionTypes(documents: readonly Document[]): string[] {
  const found = new Set(documents.flatMap(({ vertexSet }) => vertexSet.flat().map(({ type }) => type)));
  const known = (docredTypes as readonly string[]).filter((type) => found.delete(type));
  return [...known, ...[...found].sort()];
}

async function loadAll(paths: readonly string[], doing: string): Promise<Document[]> {
  const documents: Document[] = [];
  for (const path of paths) for await (const doc of readDocuments(path)) documents.push(doc);
  if (documents.every(({ vertexSet }) => vertexSet.length === 0)) {
    throw fail('E_FIELD', {
      expected: `documents with mentions for ${doing}`,
      found: `${documents.length} without any`,
      where: paths.join(', '),
    });
  }
  return documents;
}
