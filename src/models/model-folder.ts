/**
 * A saved model: a folder that explains itself.
 *
 * `config.json` holds everything of ours under `relata`, and a BERT's is besides that a published one; `model.safetensors`
 * holds all weights, a BERT's encoder under its published names; the vocabulary is `vocab.txt` for pieces and `words.json`
 * for words. A two-step model is a folder of two such folders, `step-1` and `step-2`, and a `config.json` that holds their
 * threshold. An exported model has `model.onnx`, and as a rule `pairs.onnx`, in place of `model.safetensors`.
 */
import { join } from 'node:path';

import { z } from 'zod';

import { type Calibration, calibrationSchema } from '../core/calibration.ts';
import { fail } from '../core/errors.ts';
import { readJson, writeJson } from '../core/files.ts';
import { misfit } from '../core/misfit.ts';
import { readSafetensors, writeSafetensors } from '../core/safetensors.ts';
import { type RelationVocabulary, relationVocabulary } from '../data/relations.ts';
import { modes, textVariants } from '../features/encode.ts';
import type { BertShape } from '../nn/bert-encoder.ts';
import { finiteValues, pickValues, type ParameterSpec } from '../nn/parameters.ts';
import { loadVocabulary, saveVocabulary } from '../text/vocabulary-file.ts';
import { isLowercase, type Vocabulary } from '../text/vocabulary.ts';
import { features } from '../nn/word-embeddings.ts';
import { loadWordVocabulary, saveWordVocabulary, type WordVocabulary } from '../text/words.ts';
import { bertConfigOf, parseBertConfig } from './bert-config.ts';
import type { TaggerConfig } from './mention-tagger.ts';
import { encoderSystems, type PairModelConfig, type WordSystem } from './systems.ts';

/** Where the steps of a two-step model lie. */
export const stepFolders = ['step-1', 'step-2'] as const;
export const precisions = ['fp32', 'int8'] as const;
export type Precision = (typeof precisions)[number];

const relations = z.array(z.object({ id: z.string(), name: z.string() })).max(100_000);
const common = {
  /** Of this file's form. */
  format: z.literal(1),
  relations,
  mode: z.enum(modes),
  text: z.enum(textVariants),
  /** Scores strictly above it are facts; null for a model that is only one of two steps. */
  theta: z.number().nullable(),
  /** What its scores mean, of a whole system; absent where nothing is known, as in folders from before there was one. */
  calibration: calibrationSchema.optional(),
  /** What the model reached on the development data. */
  scores: z.record(z.string(), z.number().nullable()),
  /** How it was trained: configuration, seed, data. */
  training: z.record(z.string(), z.unknown()),
};
const single = z.object({
  ...common,
  system: z.enum(encoderSystems),
  steps: z.literal(1),
  task: z.enum(['relation', 'existence', 'related-relation']),
  without: z.array(z.enum(features)),
  /** Of a model that is a program for prediction. */
  exported: z.object({ precision: z.enum(precisions) }).optional(),
  /** Of word-level systems. */
  words: z
    .object({
      vocabularySize: z.int().positive().max(5_000_000),
      width: z.int().positive().max(4096),
      frozen: z.boolean(),
      types: z.array(z.string()).max(10_000),
    })
    .optional(),
});
const twoStep = z.object({ ...common, system: z.enum(encoderSystems), steps: z.literal(2) });
const config = z.object({ relata: z.discriminatedUnion('steps', [single, twoStep]) });
/** The form of models of BERT before there were others: a system's name said whether it had two steps. */
const older = z.object({
  relata: z.object({
    format: z.literal(1),
    system: z.enum(['bert', 'bert-two-step']),
    steps: z.undefined().optional(),
  }),
});

export type SingleModel = z.infer<typeof single>;
export type TwoStepModel = z.infer<typeof twoStep>;

/** What a system reads text with. */
export type ModelVocabulary =
  | { readonly reads: 'pieces'; readonly vocabulary: Vocabulary }
  | { readonly reads: 'words'; readonly vocabulary: WordVocabulary };

/** One model, read back. */
export interface LoadedModel {
  readonly folder: string;
  readonly about: SingleModel;
  readonly config: PairModelConfig;
  readonly relations: RelationVocabulary;
  readonly vocabulary: ModelVocabulary;
  /** The weights, checked against the parameters of the graph. An exported model has none outside its program. */
  readonly values: (specs: readonly ParameterSpec[]) => Map<string, Float32Array>;
}

/** The relations of a saved model as a vocabulary. */
export function savedRelations(about: Pick<SingleModel, 'relations'>): RelationVocabulary {
  return relationVocabulary(new Map(about.relations.map(({ id, name }) => [id, name])));
}

/** Relations as they are saved. */
export function relationsToSave(vocabulary: RelationVocabulary): SingleModel['relations'] {
  return vocabulary.ids.slice(1).map((id) => ({ id, name: vocabulary.relationName(id) }));
}

/** What stands beside a model's weights or program. */
interface Description {
  /** What `config.json` says under `relata`: a `SingleModel`, or a `TaggerModel`. */
  readonly about: object;
  readonly config: PairModelConfig | TaggerConfig;
  readonly vocabulary: ModelVocabulary;
}

/** Writes weights, then vocabulary, then the configuration, each atomically; of a tagger too. */
export function saveModel(
  folder: string,
  model: Description & {
    readonly specs: readonly ParameterSpec[];
    readonly parameter: (name: string) => Float32Array;
  },
): void {
  const tensors = model.specs.map(
    ({ name, shape }) => [name, { dtype: 'F32', shape, data: model.parameter(name) }] as const,
  );
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  saveDescription(folder, model);
}

/** Writes what stands beside weights or a program: vocabulary, then configuration. */
export function saveDescription(folder: string, { about, config, vocabulary }: Description): void {
  const isBert = config.system === 'bert';
  saveText(folder, vocabulary, isBert ? config.encoder.positions : undefined);
  const published = isBert ? bertConfigOf(config.encoder) : {};
  writeJson(join(folder, 'config.json'), { ...published, relata: about });
}

/** Writes a vocabulary. @param positions - pieces of the encoder's longest sequence */
function saveText(folder: string, read: ModelVocabulary, positions: number | undefined): void {
  if (read.reads === 'words') {
    saveWordVocabulary(join(folder, 'words.json'), read.vocabulary);
    return;
  }
  savePieces(folder, read.vocabulary, positions);
}

/** Writes a vocabulary of pieces in the published form. */
export function savePieces(folder: string, vocabulary: Vocabulary, positions: number | undefined): void {
  saveVocabulary(join(folder, 'vocab.txt'), vocabulary);
  writeJson(join(folder, 'tokenizer_config.json'), {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: isLowercase(vocabulary),
    strip_accents: vocabulary.stripAccents ?? null,
    ...(positions !== undefined && { model_max_length: positions }),
  });
}

/** Writes what joins two steps; the steps themselves lie in `step-1` and `step-2`. */
export function saveTwoStep(folder: string, about: TwoStepModel): void {
  writeJson(join(folder, 'config.json'), { relata: about });
}

/** Writes what a whole system's scores mean into its `config.json`; all else in it stays. @throws as `readModelConfig` */
export function saveCalibration(folder: string, calibration: Calibration): void {
  const about: SingleModel | TwoStepModel = { ...readModelConfig(folder), calibration };
  const path = join(folder, 'config.json');
  writeJson(path, { ...(readJson(path) as object), relata: about });
}

/**
 * What a folder says that it holds.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD`; `E_MODEL_OLD` for a model from before the word-level systems
 */
export function readModelConfig(folder: string): SingleModel | TwoStepModel {
  const path = join(folder, 'config.json');
  const found = readJson(path, "a saved model's config.json");
  const parsed = config.safeParse(found);
  if (parsed.success) return parsed.data.relata;
  if (older.safeParse(found).success) throw fail('E_MODEL_OLD', { path });
  if (isTaggerConfig(found)) {
    throw fail('E_FIELD', {
      expected: 'a model that relates entities',
      found: 'one that finds mentions, for `relata extract` and `relata bundle --mentions`',
      where: path,
    });
  }
  throw misfit(parsed.error, { expected: 'the configuration of a model that `relata train` saved', path });
}

/** Whether a config.json is that of a tagger of mentions; see `tagger-folder.ts`. */
export const isTaggerConfig = (found: unknown): boolean =>
  z.object({ relata: z.object({ system: z.literal('mentions') }) }).safeParse(found).success;

/** Whether a folder says that it holds a tagger. @throws RelataError `E_FILE_MISSING`, `E_JSON` */
export const isTagger = (folder: string): boolean =>
  isTaggerConfig(readJson(join(folder, 'config.json'), "a saved model's config.json"));

/** One model's folder. @throws RelataError `E_FIELD` when it holds two steps; and as `readModelConfig` */
export function loadModel(folder: string): LoadedModel {
  const about = readModelConfig(folder);
  const path = join(folder, 'config.json');
  if (about.steps === 2) {
    throw fail('E_FIELD', { expected: 'one model', found: 'two steps', where: path });
  }
  const weights = join(folder, 'model.safetensors');
  return {
    folder,
    about,
    ...(about.system === 'bert' ? loadBert(folder, about) : loadWords(folder, about, about.system)),
    relations: savedRelations(about),
    values: (specs) => readWeights(weights, specs),
  };
}

/** The values of parameters in a file of weights. @throws RelataError `E_SAFETENSORS`, `E_PARAMETER`, `E_PARAMETER_NUMBERS` */
export function readWeights(path: string, specs: readonly ParameterSpec[]): Map<string, Float32Array> {
  const { tensors } = readSafetensors(path);
  return finiteValues(
    pickValues(specs, (name) => tensors.get(name), path),
    path,
  );
}

function commonConfig({
  task,
  mode,
  relations,
  without,
}: SingleModel): Omit<PairModelConfig, 'system' | 'encoder'> {
  return { task, mode, relations: relations.length, without };
}

function loadBert(folder: string, about: SingleModel): Pick<LoadedModel, 'config' | 'vocabulary'> {
  const { encoder, vocabulary } = readBert(folder);
  return { config: { ...commonConfig(about), system: 'bert', encoder, text: about.text }, vocabulary };
}

function loadWords(
  folder: string,
  about: SingleModel,
  system: WordSystem,
): Pick<LoadedModel, 'config' | 'vocabulary'> {
  const { encoder, vocabulary } = readWords(folder, about.words);
  return { config: { ...commonConfig(about), system, encoder }, vocabulary };
}

/** The encoder of a saved BERT and the vocabulary that fits it. @throws RelataError `E_FIELD`; as `loadVocabulary` */
export function readBert(folder: string): { encoder: BertShape; vocabulary: ModelVocabulary } {
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
  return { encoder, vocabulary: { reads: 'pieces', vocabulary } };
}

/** The words of a saved word-level model, as many as `encoder` says. @throws RelataError `E_FIELD`; as `loadWordVocabulary` */
export function readWords<E extends { readonly vocabularySize: number }>(
  folder: string,
  encoder: E | undefined,
): { encoder: E; vocabulary: ModelVocabulary } {
  const vocabulary = loadWordVocabulary(join(folder, 'words.json'));
  if (encoder?.vocabularySize !== vocabulary.words.length) {
    throw fail('E_FIELD', {
      expected: `as many words as config.json says, ${encoder?.vocabularySize ?? 'but it says none'}`,
      found: `${vocabulary.words.length}`,
      where: folder,
    });
  }
  return { encoder, vocabulary: { reads: 'words', vocabulary } };
}
