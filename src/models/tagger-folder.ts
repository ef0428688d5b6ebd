/**
 * A saved tagger of mentions: a folder like that of any model (see `model-folder.ts`), whose `config.json` says
 * `"system": "mentions"`.
 */
import { join } from 'node:path';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import { misfit } from '../core/misfit.ts';
import { readSafetensors } from '../core/safetensors.ts';
import type { TagEncodeOptions } from '../features/tag-sequences.ts';
import { finiteValues, type ParameterSpec, pickValues } from '../nn/parameters.ts';
import { loadVocabulary } from '../text/vocabulary-file.ts';
import { WordPiece } from '../text/wordpiece.ts';
import { loadWordVocabulary } from '../text/words.ts';
import { parseBertConfig } from './bert-config.ts';
import { tagEncoders, type TaggerConfig } from './mention-tagger.ts';
import { isTaggerConfig, type ModelVocabulary, precisions, readModelConfig } from './model-folder.ts';

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
    values: (specs) => {
      const { tensors } = readSafetensors(weights);
      return finiteValues(
        pickValues(specs, (name) => tensors.get(name), weights),
        weights,
      );
    },
  };
}

type Read = Pick<LoadedTagger, 'config' | 'vocabulary'>;

function bertOf(folder: string, { types }: TaggerModel): Read {
  const path = join(folder, 'config.json');
  const encoder = parseBertConfig(readJson(path), path);
  const vocabulary = loadVocabulary(folder);
  if (vocabulary.pieces.length > encoder.vocabularySize) {
    throw fail('E_FIELD', {
      expected: `at most ${encoder.vocabularySize} pieces, as many as the encoder knows`,
      found: `${vocabulary.pieces.length}`,
      where: folder,
    });
  }
  return { config: { types, system: 'bert', encoder }, vocabulary: { reads: 'pieces', vocabulary } };
}

function wordsOf(
  folder: string,
  { types, words: encoder }: TaggerModel,
  system: Exclude<TaggerConfig['system'], 'bert'>,
): Read {
  const vocabulary = loadWordVocabulary(join(folder, 'words.json'));
  if (encoder?.vocabularySize !== vocabulary.words.length) {
    throw fail('E_FIELD', {
      expected: `as many words as config.json says, ${encoder?.vocabularySize ?? 'but it says none'}`,
      found: `${vocabulary.words.length}`,
      where: folder,
    });
  }
  return { config: { types, system, encoder }, vocabulary: { reads: 'words', vocabulary } };
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
