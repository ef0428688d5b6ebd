/**
 * A bundle: a folder with a model that finds mentions and one that relates entities, so that texts can be read.
 *
 * `config.json` names itself a bundle; `mentions/` and `relations/` are the two models as they were saved or exported. Where a
 * bundle is asked for, the folder of a relation model alone is taken too: then mentions must be given.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { fail } from '../core/errors.ts';
import { makeFolder, readBytes, removeHalfWritten, writeJson } from '../core/files.ts';
import { packageVersion } from '../core/version.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { bundleParts } from './bundle-folder.ts';
import { stepFolders } from './model-folder.ts';
import { type OpenSystem, openSystem } from './open-system.ts';
import { type OpenTagger, openTagger } from './open-tagger.ts';

/** What made an answer: enough to find the model again. */
export interface ModelCard {
  /** Name of the model's folder. */
  readonly name: string;
  /** The first 12 digits of the SHA-256 of its configurations: tells two models of one name apart. */
  readonly id: string;
  readonly system: string;
  readonly twoSteps: boolean;
  /** `not exported`, `fp32` or `int8`. */
  readonly precision: string;
  readonly threshold: number;
  readonly calibrated: boolean;
  /** Encoder of the model that finds mentions; null where they must be given. */
  readonly mentions: string | null;
  /** Version of Relata. */
  readonly version: string;
}

/** A bundle, ready to run. */
export interface Bundle {
  readonly folder: string;
  readonly system: OpenSystem;
  /** Undefined where the folder holds a relation model alone. */
  readonly tagger: OpenTagger | undefined;
  readonly card: ModelCard;
  readonly dispose: () => Promise<void>;
}

/**
 * Opens a bundle, or a relation model alone.
 *
 * @throws RelataError as `openSystem` and `openTagger`
 */
export async function openBundle(folder: string, engine: SessionOptions = {}): Promise<Bundle> {
  const parts = bundleParts(folder);
  const system = await openSystem(parts?.relations ?? folder, engine);
  try {
    const tagger = parts && (await openTagger(parts.mentions, engine));
    return {
      folder,
      system,
      tagger,
      card: cardOf(folder, system, tagger, parts ? Object.values(parts) : [folder]),
      dispose: async () => {
        await Promise.all([system.dispose(), tagger?.dispose()]);
      },
    };
  } catch (error) {
    await system.dispose();
    throw error;
  }
}

function cardOf(
  folder: string,
  { about, precision, probability }: OpenSystem,
  tagger: OpenTagger | undefined,
  parts: readonly string[],
): ModelCard {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(readBytes(join(part, 'config.json')));
  return {
    name: basename(resolve(folder)),
    id: hash.digest('hex').slice(0, 12),
    system: about.system,
    twoSteps: about.steps === 2,
    precision,
    threshold: Math.fround(about.theta ?? 0.5),
    calibrated: probability(0.5) !== null,
    mentions: tagger?.about.encoder ?? null,
    version: packageVersion(),
  };
}

/** Files of a saved or exported model; what a run left beside them stays behind. */
const MODEL_FILES = new Set([
  'config.json',
  'model.safetensors',
  'model.onnx',
  'pairs.onnx',
  'vocab.txt',
  'tokenizer_config.json',
  'words.json',
]);

/**
 * Writes a bundle: copies of the two models. The folder appears when it is whole.
 *
 * @param models - folders of a tagger and of a relation model, trained or exported; of a bundle, its part is taken
 * @throws RelataError `E_FILE_EXISTS` when there is something at `out`; as `openSystem` and `openTagger`
 */
export async function writeBundle(
  out: string,
  models: { readonly mentions: string; readonly relations: string },
): Promise<void> {
  if (existsSync(out) && (!lstatSync(out).isDirectory() || readdirSync(out).length > 0)) {
    throw fail('E_FILE_EXISTS', { path: out, help: 'Choose another folder for the bundle (--out).' });
  }
  const sources = {
    mentions: bundleParts(models.mentions)?.mentions ?? models.mentions,
    relations: bundleParts(models.relations)?.relations ?? models.relations,
  };
  // What is wrong with a model is said of the folder that was named, not of its copy.
  await (await openTagger(sources.mentions)).dispose();
  await (await openSystem(sources.relations)).dispose();
  const temporary = join(dirname(resolve(out)), `.${basename(resolve(out))}.${process.pid}.tmp`);
  makeFolder(temporary);
  try {
    for (const part of ['mentions', 'relations'] as const) copyModel(sources[part], join(temporary, part));
    writeJson(join(temporary, 'config.json'), { relata: { format: 1, bundle: true } });
    // A bundle that could not be opened would only be found out later.
    await (await openBundle(temporary)).dispose();
    rmSync(out, { recursive: true, force: true });
    renameSync(temporary, out);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What an interrupted `writeBundle` left. */
export function removeHalfBundle(out: string): void {
  const name = `.${basename(resolve(out))}.${process.pid}.tmp`;
  rmSync(join(dirname(resolve(out)), name), { recursive: true, force: true });
  removeHalfWritten(dirname(resolve(out)), process.pid);
}

function copyModel(from: string, to: string): void {
  for (const part of ['', ...stepFolders]) {
    if (!existsSync(join(from, part))) continue;
    makeFolder(join(to, part));
    for (const file of readdirSync(join(from, part)))
      if (MODEL_FILES.has(file)) cpSync(join(from, part, file), join(to, part, file));
  }
}
