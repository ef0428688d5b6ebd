/**
 * A saved system as a program for prediction: one ONNX file with the weights inside, for Relata and for any other program
 * that runs ONNX Runtime.
 *
 * It comes from the same definition as training, without what only gradients need. With `int8`, the encoder's products
 * take weights of 8 bits, a scale for each output, and round their other operand by the range that it has in the batch.
 * Constants are folded. All sizes of a batch stay open.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import { isFile, readJson, writeThrough } from '../core/files.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx, type Weights } from '../graph/onnx.ts';
import { noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { Session } from '../runtime/session.ts';
import {
  type LoadedModel,
  loadModel,
  type Precision,
  readModelConfig,
  saveDescription,
  saveTwoStep,
  stepFolders,
} from './model-folder.ts';
import { describe, LOGITS, PROGRAM } from './program.ts';
import { buildSystem } from './systems.ts';

/** One file that was written. */
export interface ExportedProgram {
  /** `step-1` and `step-2` of two steps; empty for one model. */
  readonly part: string;
  /** Of the weights that were read, and of the file, in bytes. */
  readonly before: number;
  readonly after: number;
  /** Matrices that have 8 bits now. */
  readonly rounded: number;
}

/**
 * Exports the system in `folder` to `out`, which is then opened like any model.
 *
 * @yields each program that is written
 * @throws RelataError `E_EXPORTED` when it is exported already; `E_FILE_EXISTS` when `out` holds one that can be trained; `E_USAGE`
 * when `int8` is asked for and no encoder profits; as `loadModel`
 */
export async function* exportSystem(
  folder: string,
  out: string,
  precision: Precision,
): AsyncGenerator<ExportedProgram> {
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
  const { params, logits } = buildSystem(new Graph(), loaded.config, noDropout);
  const values = loaded.values(params.specs);
  const bitsOf = (spec: ParameterSpec): 8 | 32 =>
    precision === 'int8' && loaded.config.system === 'bert' && isEncoderMatrix(spec) ? 8 : 32;
  const weights: Weights = new Map(
    params.specs.map((spec) => [
      spec.name,
      { data: values.get(spec.name) ?? new Float32Array(0), bits: bitsOf(spec) },
    ]),
  );
  const rounded = [...weights.values()].filter(({ bits }) => bits === 8).length;
  if (precision === 'int8' && rounded === 0) {
    throw fail('E_USAGE', {
      what: `Expected an encoder with products worth 8 bits, got a model of ${loaded.config.system}`,
      help: 'Export it with --precision fp32: word-level systems spend their time elsewhere.',
    });
  }
  const { bytes } = toOnnx({ [LOGITS]: logits }, { weights, describe });
  const path = join(out, PROGRAM);
  // What an earlier export said is no longer true; config.json comes last.
  for (const described of [whole, out]) rmSync(join(described, 'config.json'), { force: true });
  await writeThrough(path, async (temporary) => {
    const session = await Session.open(bytes, { foldedInto: temporary });
    await session.dispose();
  });
  saveDescription(out, { ...loaded, about: { ...loaded.about, exported: { precision } } });
  const before = [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { before, after: statSync(path).size, rounded };
}

/** A matrix that pieces are multiplied by. */
const isEncoderMatrix = ({ group, name, shape, rows }: ParameterSpec): boolean =>
  group === 'encoder' && shape.length === 2 && !rows && !name.includes('embeddings');
