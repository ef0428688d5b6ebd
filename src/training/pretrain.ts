/**
 * Pretrains an encoder on plain text as a masked language model. A run folder:
 *
 *     pretrain.json             what was asked, with the hashes of texts, encoder and vocabulary
 *     vocab.txt  tokenizer_config.json
 *     text/                     the text as pieces
 *     metrics.jsonl  finished.json  checkpoint.safetensors (while it runs)
 *     config.json  model.safetensors    the result, a checkpoint in the published form
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { fail, type RelataError } from '../core/errors.ts';
import { isFile, readJson, removeHalfWritten, writeJson } from '../core/files.ts';
import { misfit } from '../core/misfit.ts';
import { isEncoderSize, readBertConfig, shapeOf } from '../models/bert-config.ts';
import { checkpointFolder, vocabularyIn } from '../models/encoder-source.ts';
import type { FetchProgress } from '../models/hub.ts';
import { type CheckpointWeights, saveMaskedModel, weightsToGoOnFrom } from '../models/masked-lm-folder.ts';
import { savePieces } from '../models/model-folder.ts';
import { type BertShape, POSITION_EMBEDDINGS } from '../nn/bert-encoder.ts';
import { sinusoids } from '../nn/initialisers.ts';
import { HEAD_BIAS } from '../nn/masked-lm-head.ts';
import { initialValues, type ParameterSpec } from '../nn/parameters.ts';
import { buildVocabulary } from '../text/train-vocabulary.ts';
import { loadVocabulary } from '../text/vocabulary-file.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { WordCounter } from '../text/word-counter.ts';
import { cacheText, type CachedText, type PieceFile } from './piece-cache.ts';
import type { PretrainEvent, PretrainPreparation } from './pretrain-events.ts';
import { pretrainModel } from './pretrain-model.ts';
import { type PretrainRequest, pretrainSchema } from './pretrain-options.ts';
import { engineOf, mustAskTheSame, mustBeUnchanged } from './prepare.ts';
import { readTexts } from './read-texts.ts';
import { encoderFiles, hashFiles } from './request.ts';
import { removeCheckpoint } from './train-model.ts';

const saved = z.strictObject({ request: pretrainSchema, sha256: z.record(z.string(), z.string()) });
const finished = z.object({
  loss: z.number(),
  perplexity: z.number(),
  accuracy: z.number(),
  step: z.int(),
  pieces: z.int(),
  seconds: z.number(),
});

/** Where a run's request lies. */
export const pretrainPath = (out: string): string => join(out, 'pretrain.json');

/** @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD` */
export function readPretrainRequest(out: string): PretrainRequest {
  return readSaved(out).request;
}

function readSaved(out: string): z.infer<typeof saved> {
  const path = pretrainPath(out);
  const parsed = saved.safeParse(readJson(path, "a pretraining run's pretrain.json"));
  if (parsed.success) return parsed.data;
  throw misfit(parsed.error, { expected: 'what `relata pretrain` saved when a run began', path });
}

/**
 * Runs a request in `out`, from its start or from where it was stopped.
 *
 * @param options.now - seconds; what a budget in hours is measured with
 * @throws RelataError what reading text, vocabulary and encoder throws; `E_RUN_DIFFERS`, `E_DATA_CHANGED` when a resumed run's
 * options or files are not the same; `E_RUN_DAMAGED` when what it saved is gone; `E_NOT_FINITE`
 */
export async function* pretrain(
  request: PretrainRequest,
  out: string,
  options: Controls = {},
): AsyncGenerator<PretrainEvent> {
  const source = await sourceOf(request, options.onFetch);
  await remember(request, out, source);
  removeHalfWritten(out);
  if (existsSync(join(out, 'finished.json'))) {
    removeCheckpoint(out);
    const { step, pieces, seconds, ...scores } = readFinished(out);
    yield { kind: 'result', folder: out, scores, step, pieces, seconds };
    return;
  }
  const vocabulary = yield* vocabularyOf(source, request, out, options.signal);
  if (vocabulary === undefined) return;
  const { signal } = options;
  const text = yield* cacheText(request.text, { vocabulary, folder: join(out, 'text'), signal });
  if (text === undefined) return;
  try {
    yield* trained(source, request, { ...options, vocabulary, text, out });
  } finally {
    text.close();
  }
}

/** The result of a finished run, whose model must be there too. */
function readFinished(out: string): z.infer<typeof finished> {
  const damaged = (file: string, reason: string): RelataError =>
    fail('E_RUN_DAMAGED', { path: join(out, file), reason });
  for (const file of ['config.json', 'model.safetensors'])
    if (!isFile(join(out, file))) throw damaged(file, 'there is none');
  const parsed = finished.safeParse(readJson(join(out, 'finished.json')));
  if (parsed.success) return parsed.data;
  throw damaged('finished.json', 'it holds something else');
}

interface Controls {
  readonly signal?: AbortSignal | undefined;
  readonly now?: (() => number) | undefined;
  /** Called while a checkpoint is fetched from the hub. */
  readonly onFetch?: ((progress: FetchProgress) => void) | undefined;
}

/** Where an encoder begins. */
interface Source {
  /** Of the checkpoint that it goes on from; undefined for random weights. */
  readonly folder?: string;
  /** Given, or the checkpoint's; undefined where it is built from the text. */
  readonly vocabulary?: Vocabulary;
  readonly shape: (vocabularySize: number) => BertShape;
}

async function sourceOf(
  { encoder, vocabulary }: PretrainRequest,
  onFetch: Controls['onFetch'],
): Promise<Source> {
  if (isEncoderSize(encoder))
    return {
      shape: (size) => shapeOf(encoder, size),
      ...(vocabulary !== undefined && { vocabulary: loadVocabulary(vocabulary) }),
    };
  if (vocabulary !== undefined)
    throw fail('E_USAGE', {
      what: 'Expected --vocabulary to be left out beside a checkpoint',
      help: 'A checkpoint goes on with the pieces that it knows.',
    });
  const folder = await checkpointFolder(encoder, onFetch);
  const shape = readBertConfig(folder);
  return { folder, vocabulary: vocabularyIn(folder, shape), shape: () => shape };
}

/** Saves the request, or checks that a resumed one and its files are the same. */
async function remember(request: PretrainRequest, out: string, { folder = '' }: Source): Promise<void> {
  const { text, vocabulary = '' } = request;
  const inFolders = [folder, vocabulary].flatMap(encoderFiles);
  const sha256 = await hashFiles([...text, ...[vocabulary, ...inFolders].filter(isFile)]);
  if (!existsSync(pretrainPath(out))) {
    writeJson(pretrainPath(out), { request, sha256 } satisfies z.infer<typeof saved>);
    return;
  }
  const before = readSaved(out);
  mustAskTheSame(before.request, request, out);
  mustBeUnchanged(before.sha256, sha256, out);
}

/** The vocabulary of a run, which its folder keeps; undefined when it was stopped before there was one. */
async function* vocabularyOf(
  { vocabulary, shape }: Source,
  { text, vocabularySize: size, cased }: PretrainRequest,
  out: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<PretrainEvent, Vocabulary | undefined> {
  if (isFile(join(out, 'tokenizer_config.json'))) return loadVocabulary(out);
  if (vocabulary === undefined) {
    const counter = new WordCounter();
    const take = (lines: readonly string[]): number => counter.add(lines);
    if (!(yield* readTexts(text, { doing: 'counting words', take, signal }))) return undefined;
    vocabulary = buildVocabulary(counter.counts, { size, lowercase: !cased });
  }
  savePieces(out, vocabulary, shape(vocabulary.pieces.length).positions);
  return loadVocabulary(out);
}

/** Trains, saves the model, and says what it reached. */
async function* trained(
  { folder, shape: shapeFor }: Source,
  request: PretrainRequest,
  run: Controls & { readonly vocabulary: Vocabulary; readonly text: CachedText; readonly out: string },
): AsyncGenerator<PretrainEvent> {
  const { vocabulary, text, out, signal, now } = run;
  const shape = shapeFor(vocabulary.pieces.length);
  const pretrained = folder !== undefined;
  const learningRate = request.learningRate ?? defaultRate(shape, pretrained);
  yield {
    kind: 'prepared',
    about: { ...describe(request, shape, vocabulary, text), learningRate, pretrained },
  };
  let { ignored, hasHead }: Omit<CheckpointWeights, 'values'> = { ignored: [], hasHead: true };
  const events = pretrainModel({
    folder: out,
    request,
    learningRate,
    shape,
    vocabulary,
    text,
    initial: (specs) => {
      if (folder === undefined) return firstWeights(specs, request.seed, shape, text.train);
      const weights = weightsToGoOnFrom(folder, specs, request.seed);
      ({ ignored, hasHead } = weights);
      return weights.values;
    },
    engine: engineOf(request, request),
    signal,
    now,
  });
  for await (const event of events) {
    if (event.kind !== 'end') {
      if (event.kind === 'start' && ignored.length > 0) yield { kind: 'ignored', names: ignored };
      if (event.kind === 'start' && !hasHead) yield { kind: 'no-head' };
      yield event;
      continue;
    }
    const { specs, parameter, scores, step, pieces, seconds } = event;
    saveMaskedModel(out, { shape, vocabulary, specs, parameter }, request);
    writeJson(join(out, 'finished.json'), { ...scores, step, pieces, seconds } satisfies z.infer<
      typeof finished
    >);
    removeCheckpoint(out);
    yield { kind: 'result', folder: out, scores, step, pieces, seconds };
  }
}

/**
 * Random weights, but for what is known before: places in a window are sinusoids, which say from the first step on what stands near
 * what, and pieces are as likely as they are frequent, so that neither has to be learnt. Source of the second: Meister et
 * al. 2023 (A Natural Bias for Language Generation Models).
 */
function firstWeights(
  specs: readonly ParameterSpec[],
  seed: number,
  { initialDeviation, vocabularySize }: BertShape,
  text: PieceFile,
): Map<string, Float32Array> {
  const values = initialValues(specs, seed);
  const places = specs.find(({ name }) => name === POSITION_EMBEDDINGS);
  if (places) values.set(places.name, sinusoids(initialDeviation)(places.shape));
  values.set(HEAD_BIAS, logFrequencies(text, vocabularySize));
  return values;
}

/** Pieces that are read at once. */
const CHUNK = 2 ** 20;

/** The logarithm of the share of each piece in a text, with one occurrence more of each. */
function logFrequencies(text: PieceFile, vocabularySize: number): Float32Array {
  const counts = new Float64Array(vocabularySize).fill(1);
  for (let from = 0; from < text.length; from += CHUNK)
    for (const id of text.read(from, Math.min(CHUNK, text.length - from))) counts[id] = (counts[id] ?? 0) + 1;
  return Float32Array.from(counts, (count) => Math.log(count / (text.length + vocabularySize)));
}

/**
 * Rates that suit small batches: they fall with the width (Yang et al. 2022, for Adam), from 1e-3 at 256, which is
 * what mini bears. A checkpoint has learnt already, and a fifth keeps it from losing that at once.
 */
const defaultRate = ({ width }: BertShape, pretrained: boolean): number =>
  (0.256 / width) * (pretrained ? 0.2 : 1);

const describe = (
  request: PretrainRequest,
  shape: BertShape,
  vocabulary: Vocabulary,
  text: CachedText,
): Omit<PretrainPreparation, 'learningRate' | 'pretrained'> => ({
  request,
  shape,
  documents: text.documents,
  words: text.words,
  pieces: text.train.length,
  heldOut: text.heldOut.length,
  vocabulary: vocabulary.pieces.length,
  vocabularyFrom: !isEncoderSize(request.encoder)
    ? 'checkpoint'
    : request.vocabulary === undefined
      ? 'text'
      : 'file',
});
