/** Opens saved models, ready to score. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { calibrated } from '../core/calibration.ts';
import { fail, RelataError } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import type { EncodeOptions } from '../features/features.ts';
import type { Task } from '../features/task.ts';
import { EngineThread } from '../runtime/engine-thread.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { isLowercase } from '../text/vocabulary.ts';
import { WordPiece } from '../text/wordpiece.ts';
import { bundleParts } from './bundle-folder.ts';
import {
  type LoadedModel,
  loadModel,
  type ModelVocabulary,
  type Precision,
  readModelConfig,
  savedRelations,
  type SingleModel,
  stepFolders,
  type TwoStepModel,
} from './model-folder.ts';
import { PairModel } from './pair-model.ts';
import { PROGRAM } from './program.ts';
import type { ScoringModels, WeightedModel } from './scoring-models.ts';
import type { PairModelConfig } from './systems.ts';

/** A saved system: what it says of itself, and what is needed to use it. */
export interface OpenSystem {
  readonly about: SingleModel | TwoStepModel;
  readonly relations: RelationVocabulary;
  readonly encode: EncodeOptions;
  readonly models: ScoringModels;
  /** Of an exported system's programs. */
  readonly precision: Precision | 'not exported';
  /** How likely a fact of this score is right; null where the system was never calibrated. */
  readonly probability: (score: number) => number | null;
  readonly dispose: () => Promise<void>;
}

export interface OpenModel extends WeightedModel {
  readonly loaded: LoadedModel;
}

/** One trained model with its weights. @throws RelataError as `loadModel`, and `E_PARAMETER` */
export async function openModel(folder: string, engine: SessionOptions): Promise<OpenModel> {
  return openTrained(loadModel(folder), engine);
}

async function openTrained(loaded: LoadedModel, engine: SessionOptions): Promise<OpenModel> {
  const model = await PairModel.open(loaded.config, engine);
  try {
    const values = loaded.values(model.specs);
    return { model, loaded, parameter: (name) => values.get(name) ?? new Float32Array(0) };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

async function openExported(
  loaded: LoadedModel,
  engine: SessionOptions,
  thread: EngineThread,
): Promise<OpenModel> {
  const program = join(loaded.folder, PROGRAM);
  if (!isFile(program))
    throw fail('E_FILE_MISSING', { path: program, expected: 'the program of an exported model' });
  const model = await PairModel.openExported(loaded.config, program, thread, engine).catch(
    (error: unknown) => {
      if (!(error instanceof RelataError && error.code === 'E_ENGINE')) throw error;
      throw fail('E_PROGRAM', { path: program, reason: error.message }, { cause: error });
    },
  );
  return { model, loaded, parameter: () => new Float32Array(0) };
}

/**
 * The system in `folder`: one model, or two steps that fit together; of a bundle, the one that relates entities.
 *
 * @throws RelataError `E_STEPS_DIFFER` when the steps read text or number relations differently; `E_FIELD` when one
 * is of another task; `E_PROGRAM` for an exported model whose program the engine refuses; as `openModel`
 */
export async function openSystem(path: string, engine: SessionOptions = {}): Promise<OpenSystem> {
  const folder = bundleParts(path)?.relations ?? path;
  const about = readModelConfig(folder);
  const steps = about.steps === 2 ? loadSteps(folder) : [loadWhole(folder, about)];
  const opened: OpenModel[] = [];
  // Both steps in one: they take turns, and together use no more threads than were asked for.
  const thread = steps.some((step) => step.about.exported) ? new EngineThread() : undefined;
  const dispose = async (): Promise<void> => {
    await Promise.all(opened.map(async ({ model }) => model.dispose()));
    await thread?.end();
  };
  try {
    for (const step of steps)
      opened.push(await (thread ? openExported(step, engine, thread) : openTrained(step, engine)));
  } catch (error) {
    await dispose();
    throw error;
  }
  const [first, second] = opened as [OpenModel, OpenModel?];
  const relation = second ?? first;
  const { calibration } = about;
  return {
    about,
    relations: savedRelations(about),
    encode: encodeOptions(relation.loaded.config, relation.loaded.vocabulary),
    precision: relation.loaded.about.exported?.precision ?? 'not exported',
    models: second ? { kind: 'two-step', existence: first, relation } : { kind: 'one-step', relation },
    probability: (score) => (calibration ? calibrated(calibration, score) : null),
    dispose,
  };
}

function loadSteps(folder: string): LoadedModel[] {
  const [first, second] = stepFolders.map((name) => join(folder, name)) as [string, string];
  const steps = [loadStep(first, 'existence'), loadStep(second, 'related-relation')] as const;
  mustFit(...steps, folder);
  return [...steps];
}

function loadWhole(folder: string, { task }: SingleModel): LoadedModel {
  if (task === 'relation') return loadModel(folder);
  const found =
    task === 'existence'
      ? 'step 1 alone, which names no relation'
      : 'step 2 alone, which assumes that pairs are related';
  throw fail('E_FIELD', {
    expected: 'a model that scores relations, or the folder above with both steps',
    found,
    where: folder,
  });
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
    precision: about.exported?.precision ?? 'not exported',
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
