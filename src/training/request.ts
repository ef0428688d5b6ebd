/** What a person asks of `relata train`, as it is saved beside the run. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { isFile, readJson } from '../core/files.ts';
import { misfit } from '../core/misfit.ts';
import { isEncoderSize } from '../models/bert-config.ts';
import { folderOf } from '../models/encoder-source.ts';
import { cachedFolder, isHubId } from '../models/hub.ts';
import { isTagReader, type TagReader } from '../models/mention-tagger.ts';
import { DEFAULT_ENCODER, shippedEncoders } from '../models/shipped-encoders.ts';
import { type EncoderSystem, encoderSystems, isWordSystem } from '../models/systems.ts';
import { devices } from '../runtime/session.ts';
import { trainingOptions } from './options.ts';

export const systems = [...encoderSystems, 'bert-two-step'] as const;
export type System = (typeof systems)[number];

/** What finds mentions, rather than relations. */
export const MENTIONS = 'mentions';

/** Keys of a configuration file; the same as the flags. */
export const requestSchema = z
  .strictObject({
    system: z
      .enum([...systems, MENTIONS])
      .describe(
        'a system of the paper, see `relata systems`; bert-two-step is bert with --two-step; mentions is what finds mentions in text (ours)',
      ),
    twoStep: z
      .boolean()
      .default(false)
      .describe('two models: whether a pair is related, and, on related pairs, which relation (section 2.2)'),
    encoder: z
      .string()
      .optional()
      .describe(
        `of bert and mentions: ${shippedEncoders.join(', ')} (comes with Relata), a checkpoint folder, a hub id, or tiny, mini, small, medium or base (random weights); of mentions also bilstm, lstm or cnn, which read words; default ${DEFAULT_ENCODER}`,
      ),
    train: z.array(z.string()).min(1).describe('training documents'),
    dev: z.string().describe('documents that choose checkpoint and threshold'),
    vocabulary: z
      .string()
      .optional()
      .describe(
        'of bert: vocab.txt or tokenizer.json for random weights; without it one is built from the training text',
      ),
    vocabularySize: z
      .int()
      .min(100)
      .max(200_000)
      .default(8000)
      .describe('of bert: pieces of a built vocabulary'),
    cased: z
      .boolean()
      .default(false)
      .describe('of bert: keep case and accents in a built vocabulary (the paper does not)'),
    wordVectors: z
      .string()
      .optional()
      .describe(
        "of word-level systems: vectors in GloVe's text form, kept as they are (original); without them vectors are learnt",
      ),
    trainWordVectors: z.boolean().default(false).describe('go on training the vectors of --word-vectors'),
    minimumCount: z
      .int()
      .positive()
      .default(1)
      .describe('of word-level systems: occurrences that a word needs to have a vector of its own'),
    relations: z
      .string()
      .optional()
      .describe('rel_info.json or rel2id.json; without it the relations are those of the training labels'),
    noRelation: z
      .array(z.string())
      .default([])
      .describe('relation ids that mean "no relation": their labels are dropped'),
    trainFacts: z.array(z.string()).default([]).describe('training files or .fact files for Ign F1'),
    device: z.enum(devices).default('cpu').describe('where the graph runs'),
    ...trainingOptions,
  })
  .superRefine(mustFit);
export type TrainingRequest = z.infer<typeof requestSchema>;

/** A request, what its defaults became, and the hashes of its data, as `train.json` holds them. */
const saved = z.strictObject({
  request: requestSchema,
  effective: z.record(z.string(), z.unknown()),
  sha256: z.record(z.string(), z.string()),
});
export type SavedRequest = z.infer<typeof saved>;

/** Whether a request trains two models. */
export const isTwoStep = ({ system, twoStep }: Pick<TrainingRequest, 'system' | 'twoStep'>): boolean =>
  twoStep || system === 'bert-two-step';

/** The system of a request's models; of mentions what reads the text. */
export function encoderOf(request: Pick<TrainingRequest, 'system' | 'encoder'>): EncoderSystem {
  if (isReader(request)) return request.encoder;
  const { system } = request;
  return system === MENTIONS || system === 'bert-two-step' ? 'bert' : system;
}

/** Whether mentions are to be found by words, not by pieces. */
export const isReader = (request: {
  readonly system: string;
  readonly encoder?: string | undefined;
}): request is { readonly system: typeof MENTIONS; readonly encoder: TagReader } =>
  request.system === MENTIONS && request.encoder !== undefined && isTagReader(request.encoder);

/** Options that a system does not take, and what it does take: options that have no effect would mislead. */
function mustFit(
  request: {
    readonly system: System | typeof MENTIONS;
    readonly encoder?: string | undefined;
    readonly vocabulary?: string | undefined;
    readonly wordVectors?: string | undefined;
    readonly trainWordVectors: boolean;
    readonly without: readonly string[];
    readonly freeze: readonly string[];
    readonly memory: string;
    readonly text: string;
    readonly cased: boolean;
    readonly twoStep: boolean;
    readonly mode: string;
    readonly negatives?: string | number | undefined;
    readonly relations?: string | undefined;
    readonly noRelation: readonly string[];
    readonly trainFacts: readonly string[];
  },
  context: z.core.$RefinementCtx,
): void {
  const refuse = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message, input: Reflect.get(request, key) });
  if (request.system === MENTIONS) {
    const about = 'mentions are found without relations';
    for (const key of ['negatives', 'relations'] as const)
      if (request[key] !== undefined) refuse(key, `left out: ${about}`);
    for (const key of ['noRelation', 'trainFacts', 'without'] as const)
      if (request[key].length > 0) refuse(key, `left out: ${about}`);
    if (request.twoStep) refuse('twoStep', 'left out: mentions are found in one step');
    if (request.mode !== 'corrected') refuse('mode', 'corrected: there is no original that finds mentions');
    if (request.text !== 'plain') refuse('text', 'plain: every word has a tag');
  }
  const reader = isReader(request) ? request.encoder : request.system;
  if (isWordSystem(reader)) {
    for (const key of ['encoder', 'vocabulary'] as const)
      if (request[key] !== undefined && request[key] !== reader)
        refuse(key, `left out: ${reader} reads words and has no such encoder`);
    if (request.text !== 'plain') refuse('text', `plain: ${reader} reads words`);
    if (request.cased) refuse('cased', `left out: ${reader} reads words in lower case`);
    if (request.freeze.length > 0)
      refuse(
        'freeze',
        `left out: ${reader} has no parts to freeze; given --word-vectors stay as they are anyway`,
      );
    if (request.memory !== 'normal')
      refuse('memory', `normal: ${reader} keeps little of its forward pass anyway`);
    if (request.trainWordVectors && request.wordVectors === undefined)
      refuse('trainWordVectors', 'left out without --word-vectors: learnt vectors are always trained');
    return;
  }
  for (const key of ['wordVectors', 'trainWordVectors'] as const)
    if (request[key] !== undefined && request[key] !== false) refuse(key, 'left out: bert reads word pieces');
  if (request.without.some((feature) => feature !== 'distances'))
    refuse('without', 'distances alone: bert has no other feature');
}

/** Where a run's request lies. */
export const requestPath = (out: string): string => join(out, 'train.json');

/** @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD` */
export function readRequest(out: string): SavedRequest {
  const path = requestPath(out);
  const parsed = saved.safeParse(readJson(path, "a training run's train.json"));
  if (parsed.success) return parsed.data;
  throw misfit(parsed.error, { expected: 'what `relata train` saved when a run began', path });
}

/** What an encoder's folder may hold that decides a run. */
const ENCODER_FILES = [
  'config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.txt',
];

/** What a folder may hold of them; nothing where none is named. */
export const encoderFiles = (folder: string): string[] =>
  folder === '' ? [] : ENCODER_FILES.map((file) => join(folder, file));

/**
 * The files that decide a run: documents, facts, relations, and what lies in folders of vocabulary and encoder, of a hub id in
 * its cache.
 */
export function filesOf(request: TrainingRequest): string[] {
  const { train, dev, trainFacts, relations = '', vocabulary = '', wordVectors = '' } = request;
  const inFolders = [vocabulary, ...encoderFolder(request)].flatMap(encoderFiles);
  return [...train, dev, ...trainFacts, ...[relations, vocabulary, wordVectors, ...inFolders].filter(isFile)];
}

/** Where the encoder of a request lies, if it reads pieces and does not begin with random weights. */
function encoderFolder(request: TrainingRequest): string[] {
  if (encoderOf(request) !== 'bert') return [];
  const { encoder = DEFAULT_ENCODER } = request;
  if (isEncoderSize(encoder)) return [];
  const folder = folderOf(encoder) ?? (isHubId(encoder) ? cachedFolder(encoder) : undefined);
  return folder === undefined ? [] : [folder];
}

/** SHA-256 of each file. @throws RelataError `E_FILE_MISSING` */
export async function hashFiles(paths: readonly string[]): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const path of paths) {
    if (!isFile(path)) throw fail('E_FILE_MISSING', { path, expected: 'a file of the run' });
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    hashes[path] = hash.digest('hex');
  }
  return hashes;
}
