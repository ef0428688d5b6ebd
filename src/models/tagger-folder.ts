/**
 * A saved tagger of mentions: a folder like that of any model (see `model-folder.ts`), whose `config.json` says
 * `"system": "mentions"`.
 */
import { join } from 'node:path';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import { misfit } from '../core/misfit.ts';
import type { TagEncodeOptions } from '../features/tag-sequences.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { WordPiece } from '../text/wordpiece.ts';
import { tagEncoders, type TaggerConfig } from './mention-tagger.ts';
import {
  isTaggerConfig,
  type ModelVocabulary,
  precisions,
  readBert,
  readModelConfig,
  readWeights,
  readWords,
} from './model-folder.ts';

const share = z.number();
const score = z.object({
  gold: z.int().nonnegative(),
  found: z.int().nonnegative(),
  right: z.int().nonnegative(),
  precision: share,
  recall: share,
  f1: share,
});

/** What mentions were worth on development data, as it is saved. */
export const savedMentionScores = score.extend({
  untyped: score,
  byType: z
    .array(score.extend({ type: z.string() }))
    .max(10_000)
    .readonly(),
});

const tagger = z.object({
  /** Of this file's form. */
  format: z.literal(1),
  system: z.literal('mentions'),
  /** What reads the text. */
  encoder: z.enum(tagEncoders),
  /** Of mentions; type t has the tags 1 + 2 t and 2 + 2 t. */
  types: z.array(z.string()).min(1).max(10_000),
  /** On the development data, in all and by type. */
  scores: savedMentionScores,
  /** How it was trained: configuration, seed, data. */
  training: z.record(z.string(), z.unknown()),
  /** Of a tagger that is a program for prediction. */
  exported: z.object({ precision: z.enum(precisions) }).optional(),
  /** Of word-level encoders. */
  words: z
    .object({
      vocabularySize: z.int().positive().max(5_000_000),
      width: z.int().positive().max(4096),
      frozen: z.boolean(),
    })
    .optional(),
});

/** What a tagger's `config.json` says under `relata`. */
export type TaggerModel = Readonly<z.infer<typeof tagger>>;

/** One tagger, read back. */
export interface LoadedTagger {
  readonly folder: string;
  readonly about: TaggerModel;
  readonly config: TaggerConfig;
  readonly vocabulary: ModelVocabulary;
  /** The weights, checked against the parameters of the graph. An exported one has none outside its program. */
  readonly values: (specs: readonly ParameterSpec[]) => Map<string, Float32Array>;
}

/** @throws RelataError `E_FILE_MISSING`, `E_JSON`; `E_FIELD` for a model of relations, and for a damaged one */
export function loadTagger(folder: string): LoadedTagger {
  const path = join(folder, 'config.json');
  const found = readJson(path, "a saved model's config.json");
  if (!isTaggerConfig(found)) {
    const { system } = readModelConfig(folder);
    throw fail('E_FIELD', {
      expected: 'a model that finds mentions, as `relata train --system mentions` saves it',
      found: `one that relates entities (${system})`,
      where: path,
    });
  }
  const parsed = z.object({ relata: tagger }).safeParse(found);
  if (!parsed.success)
    throw misfit(parsed.error, { expected: 'the configuration of a tagger that `relata train` saved', path });
  const about = parsed.data.relata;
  const weights = join(folder, 'model.safetensors');
  return {
    folder,
    about,
    ...(about.encoder === 'bert' ? bertOf(folder, about) : wordsOf(folder, about, about.encoder)),
    values: (specs) => readWeights(weights, specs),
  };
}

type Read = Pick<LoadedTagger, 'config' | 'vocabulary'>;

function bertOf(folder: string, { types }: TaggerModel): Read {
  const { encoder, vocabulary } = readBert(folder);
  return { config: { types, system: 'bert', encoder }, vocabulary };
}

function wordsOf(
  folder: string,
  { types, words }: TaggerModel,
  system: Exclude<TaggerConfig['system'], 'bert'>,
): Read {
  const { encoder, vocabulary } = readWords(folder, words);
  return { config: { types, system, encoder }, vocabulary };
}

/** How a tagger's documents are encoded. */
export function tagEncoding(config: TaggerConfig, read: ModelVocabulary): TagEncodeOptions {
  if (config.system === 'bert' && read.reads === 'pieces') {
    const wordPiece = new WordPiece(read.vocabulary);
    return { reads: 'pieces', wordPiece, positions: config.encoder.positions };
  }
  if (config.system !== 'bert' && read.reads === 'words')
    return { reads: 'words', vocabulary: read.vocabulary };
  throw new TypeError(`the vocabulary of ${config.system} is of ${read.reads}`);
}
