/** Opens saved models, ready to score. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import type { EncodeOptions } from '../features/encode.ts';
import type { Task } from '../features/task.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { isLowercase, type Vocabulary } from '../text/vocabulary.ts';
import { WordPiece } from '../text/wordpiece.ts';
import {
  type LoadedModel,
  loadModel,
  readModelConfig,
  savedRelations,
  type SingleModel,
  type TwoStepModel,
} from './model-folder.ts';
import { PairModel } from './pair-model.ts';
import type { ScoringModels, WeightedModel } from './score.ts';

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
  if (about.system === 'bert-two-step') {
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
      encode: encodeOptions(relation.loaded),
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
    encode: encodeOptions(relation.loaded),
    models: { kind: 'one-step', relation },
    dispose: async () => relation.model.dispose(),
  };
}

function encodeOptions({ vocabulary, config }: LoadedModel): EncodeOptions {
  return {
    wordPiece: new WordPiece(vocabulary),
    positions: config.encoder.positions,
    mode: config.mode,
    text: config.text,
  };
}

function loadStep(folder: string, task: Task): LoadedModel {
  const loaded = loadModel(folder);
  if (loaded.about.task === task) return loaded;
  const [expected, found] = [`a model of the task "${task}"`, `one of "${loaded.about.task}"`];
  throw fail('E_FIELD', { expected, found, where: folder });
}

function mustFit(first: LoadedModel, second: LoadedModel, folder: string): void {
  const traits = ({ about, vocabulary, config }: LoadedModel): Record<string, string> => ({
    'text variant': about.text,
    mode: about.mode,
    relations: about.relations.map(({ id }) => id).join(' '),
    vocabulary: fingerprint(vocabulary),
    'longest sequence': `${config.encoder.positions}`,
  });
  const [a, b] = [traits(first), traits(second)];
  for (const [what, value] of Object.entries(a)) {
    const other = b[what] ?? '';
    if (value !== other) throw fail('E_STEPS_DIFFER', { what, first: value, second: other, folder });
  }
}

/** How many pieces, and which: vocabularies of two corpora are often of one size. */
function fingerprint(vocabulary: Vocabulary): string {
  const { pieces } = vocabulary;
  const hash = createHash('sha256').update(pieces.join('\n')).digest('hex').slice(0, 8);
  return `${pieces.length} pieces, ${isLowercase(vocabulary) ? 'lower case' : 'cased'}, ${hash}`;
}
