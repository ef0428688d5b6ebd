/**
 * A saved system as a program for prediction: one ONNX file with the weights inside, for Relata and for any other program
 * that runs ONNX Runtime; and a second, small one, which scores pairs of documents that are read in parts.
 *
 * It comes from the same definition as training, without what only gradients need. With `int8`, the encoder's products
 * take weights of 8 bits, a scale for each output, and round their other operand by the range that it has in the batch.
 * Constants are folded. All sizes of a batch stay open.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import { isFile, readJson } from '../core/files.ts';
import { Graph } from '../graph/graph.ts';
import { noDropout } from '../nn/dropout.ts';
import { mentionTagger } from './mention-tagger.ts';
import {
  isTagger,
  type LoadedModel,
  loadModel,
  type Precision,
  readModelConfig,
  saveDescription,
  saveTwoStep,
  stepFolders,
} from './model-folder.ts';
import { blockGraph } from './cut.ts';
import { ENTITIES, LOGITS, PAIR_PROGRAM, PROGRAM, TAG_LOGITS } from './program.ts';
import { buildSystem } from './systems.ts';
import { type LoadedTagger, loadTagger } from './tagger-folder.ts';
import { programWeights, writeProgram } from './write-program.ts';

/** One file that was written. */
export interface ExportedProgram {
  /** `step-1` and `step-2` of two steps; empty for one model. */
  readonly part: string;
  /** Of the weights that were read, and of the files, in bytes. */
  readonly before: number;
  readonly after: number;
  /** Matrices that have 8 bits now. */
  readonly rounded: number;
}

/**
 * Exports the system or the tagger in `folder` to `out`, which is then opened like any model.
 *
 * @yields each program that is written
 * @throws RelataError `E_EXPORTED` when it is exported already; `E_FILE_EXISTS` when `out` holds one that can be trained; `E_USAGE`
 * when `int8` is asked for and no encoder profits; as `loadModel` and `loadTagger`
 */
export async function* exportSystem(
  folder: string,
  out: string,
  precision: Precision,
): AsyncGenerator<ExportedProgram> {
  if (isTagger(folder)) {
    keepTrained(out);
    yield { part: '', ...(await exportTagger(loadTagger(folder), out, precision)) };
    return;
  }
  const about = readModelConfig(folder);
  keepTrained(out);
  if (about.steps === 1) {
    yield { part: '', ...(await exportModel(loadModel(folder), out, { whole: out, precision })) };
    return;
  }
  for (const part of stepFolders) {
    yield {
      part,
      ...(await exportModel(loadModel(join(folder, part)), join(out, part), { whole: out, precision })),
    };
  }
  saveTwoStep(out, about);
}

/** A trained model, or a checkpoint of others, whose config.json was overwritten could not be trained on. */
function keepTrained(out: string): void {
  for (const part of ['', ...stepFolders]) {
    const weights = join(out, part, 'model.safetensors');
    const config = join(out, part, 'config.json');
    const path = isFile(weights) ? weights : isFile(config) && !isOurs(config) ? config : undefined;
    if (path !== undefined)
      throw fail('E_FILE_EXISTS', {
        path,
        help: 'That folder holds a model that can be trained: export to another one (--out).',
      });
  }
}

/** Whether a config.json is one of Relata. */
function isOurs(path: string): boolean {
  const config = readJson(path);
  return typeof config === 'object' && config !== null && 'relata' in config;
}

/** @param options.whole - the folder of the system that the model is a part of */
async function exportModel(
  loaded: LoadedModel,
  out: string,
  { whole, precision }: { readonly whole: string; readonly precision: Precision },
): Promise<Omit<ExportedProgram, 'part'>> {
  if (loaded.about.exported) throw fail('E_EXPORTED', { folder: loaded.folder, doing: 'exported again' });
  const { params, logits, entities } = buildSystem(new Graph(), loaded.config, noDropout);
  const values = loaded.values(params.specs);
  const { system } = loaded.config;
  const { weights, before, rounded } = programWeights(params.specs, values, { system, precision });
  const outputs = { [LOGITS]: logits, ...(entities && { [ENTITIES]: entities }) };
  // What an earlier export said is no longer true; config.json comes last.
  for (const described of [whole, out]) rmSync(join(described, 'config.json'), { force: true });
  rmSync(join(out, PAIR_PROGRAM), { force: true });
  let after = await writeProgram(join(out, PROGRAM), outputs, weights);
  if (entities) {
    const scorer = { [LOGITS]: blockGraph(loaded.config, entities).logits };
    after += await writeProgram(join(out, PAIR_PROGRAM), scorer, weights);
  }
  saveDescription(out, { ...loaded, about: { ...loaded.about, exported: { precision } } });
  return { before, after, rounded };
}

async function exportTagger(
  loaded: LoadedTagger,
  out: string,
  precision: Precision,
): Promise<Omit<ExportedProgram, 'part'>> {
  if (loaded.about.exported) throw fail('E_EXPORTED', { folder: loaded.folder, doing: 'exported again' });
  const { params, logits } = mentionTagger(new Graph(), loaded.config, noDropout);
  const { system } = loaded.config;
  const values = loaded.values(params.specs);
  const { weights, before, rounded } = programWeights(params.specs, values, { system, precision });
  rmSync(join(out, 'config.json'), { force: true });
  const after = await writeProgram(join(out, PROGRAM), { [TAG_LOGITS]: logits }, weights);
  saveDescription(out, { ...loaded, about: { ...loaded.about, exported: { precision } } });
  return { before, after, rounded };
}
