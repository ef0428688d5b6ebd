/** Opens saved models, ready to score. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import type { EncodeOptions } from '../features/features.ts';
import type { Task } from '../features/task.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { isLowercase } from '../text/vocabulary.ts';
import { WordPiece } from '../text/wordpiece.ts';
import {
  type LoadedModel,
  loadModel,
  type ModelVocabulary,
  readModelConfig,
  savedRelations,
  type SingleModel,
  type TwoStepModel,
} from './model-folder.ts';
import { PairModel } from './pair-model.ts';
import type { ScoringModels, WeightedModel } from './score.ts';
import type { PairModelConfig } from './systems.ts';

/** A saved system: what it says of itself, and what is needed to use it. */
export interface OpenSystem {
  readonly about: SingleModel | TwoStepModel;
  readonly relations: RelationVocabulary;
  readonly encode: EncodeOptions;
  readonly models: ScoringModels;
  readonly dispose: () => Promise<void>;
}

export interface OpenModel extends WeightedModel {
  readonly loaded: LoadedModel;
}

/** One saved model with its weights. @throws RelataError as `loadModel`, and `E_PARAMETER` */
export async function openModel(folder: string, engine: SessionOptions): Promise<OpenModel> {
  return openLoaded(loadModel(folder), engine);
}

async function openLoaded(loaded: LoadedModel, engine: SessionOptions): Promise<OpenModel> {
  const model = await PairModel.open(loaded.config, engine);
  try {
    const values = loaded.values(model.specs);
    return { model, loaded, parameter: (name) => values.get(name) ?? new Float32Array(0) };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/**
 * The system in `folder`: one model, or two steps that fit together.
 *
 * @throws RelataError `E_STEPS_DIFFER` when the steps read text or number relations differently; `E_FIELD` when one
 * is of another task; as `openModel`
 */
export async function openSystem(folder: string, engine: SessionOptions = {}): Promise<OpenSystem> {
  const about = readModelConfig(folder);
  const relations = savedRelations(about);
  if (about.steps === 2) {
    const first = loadStep(join(folder, 'step-1'), 'existence');
    const second = loadStep(join(folder, 'step-2'), 'related-relation');
    mustFit(first, second, folder);
    const existence = await openLoaded(first, engine);
    const relation = await openLoaded(second, engine).catch(async (error: unknown) => {
      await existence.model.dispose();
      throw error;
    });
    return {
      about,
      relations,
      encode: encodeOptions(relation.loaded.config, relation.loaded.vocabulary),
      models: { kind: 'two-step', existence, relation },
      dispose: async () => {
        await Promise.all([existence.model.dispose(), relation.model.dispose()]);
      },
    };
  }
  if (about.task !== 'relation') {
    const found =
      about.task === 'existence'
        ? 'step 1 alone, which names no relation'
        : 'step 2 alone, which assumes that pairs are related';
    throw fail('E_FIELD', {
      expected: 'a model that scores relations, or the folder above with both steps',
      found,
      where: folder,
    });
  }
  const relation = await openModel(folder, engine);
  return {
    about,
    relations,
    encode: encodeOptions(relation.loaded.config, relation.loaded.vocabulary),
    models: { kind: 'one-step', relation },
    dispose: async () => relation.model.dispose(),
  };
}

/** How a model's documents are encoded. */
export function encodeOptions(config: PairModelConfig, read: ModelVocabulary): EncodeOptions {
  const { mode } = config;
  if (config.system === 'bert' && read.reads === 'pieces') {
    const wordPiece = new WordPiece(read.vocabulary);
    return { reads: 'pieces', wordPiece, positions: config.encoder.positions, mode, text: config.text };
  }
  if (config.system === 'bert' || read.reads === 'pieces')
    throw new TypeError(`the vocabulary of ${config.system} is of ${read.reads}`);
  const unit = config.system === 'sentence' ? 'sentence' : 'document';
  return { reads: 'words', vocabulary: read.vocabulary, types: config.encoder.types, unit, mode };
}

function loadStep(folder: string, task: Task): LoadedModel {
  const loaded = loadModel(folder);
  if (loaded.about.task === task) return loaded;
  const [expected, found] = [`a model of the task "${task}"`, `one of "${loaded.about.task}"`];
  throw fail('E_FIELD', { expected, found, where: folder });
}

function mustFit(first: LoadedModel, second: LoadedModel, folder: string): void {
  const traits = ({ about, vocabulary, config }: LoadedModel): Record<string, string> => ({
    system: about.system,
    'text variant': about.text,
    mode: about.mode,
    relations: about.relations.map(({ id }) => id).join(' '),
    vocabulary: fingerprint(vocabulary),
    'longest sequence': config.system === 'bert' ? `${config.encoder.positions}` : 'any',
    'entity types': config.system === 'bert' ? 'not read' : config.encoder.types.join(' '),
  });
  const [a, b] = [traits(first), traits(second)];
  for (const [what, value] of Object.entries(a)) {
    const other = b[what] ?? '';
    if (value !== other) throw fail('E_STEPS_DIFFER', { what, first: value, second: other, folder });
  }
}

/** How many pieces, and which: vocabularies of two corpora are often of one size. */
function fingerprint(read: ModelVocabulary): string {
  const units = read.reads === 'words' ? read.vocabulary.words : read.vocabulary.pieces;
  const hash = createHash('sha256').update(units.join('\n')).digest('hex').slice(0, 8);
  const form = read.reads === 'pieces' && !isLowercase(read.vocabulary) ? 'cased' : 'lower case';
  return `${units.length} ${read.reads}, ${form}, ${hash}`;
}
