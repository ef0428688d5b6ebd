/** Writes a graph as a program for prediction: its weights inside, some of them with 8 bits, its constants folded. */
import { statSync } from 'node:fs';

import { fail } from '../core/errors.ts';
import { writeThrough } from '../core/files.ts';
import type { Value } from '../graph/graph.ts';
import { toOnnx, type Weights } from '../graph/onnx.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { Session } from '../runtime/session.ts';
import type { Precision } from './model-folder.ts';
import { describe } from './program.ts';

export interface ProgramWeights {
  readonly weights: Weights;
  /** Bytes of the values. */
  readonly before: number;
  /** Matrices that have 8 bits now. */
  readonly rounded: number;
}

/**
 * The weights of a program.
 *
 * @param options.system - of `bert` the encoder's matrices have 8 bits with `int8`
 * @throws RelataError `E_USAGE` when `int8` is asked for and no encoder profits
 */
export function programWeights(
  specs: readonly ParameterSpec[],
  values: ReadonlyMap<string, Float32Array>,
  { system, precision }: { readonly system: string; readonly precision: Precision },
): ProgramWeights {
  const bitsOf = (spec: ParameterSpec): 8 | 32 =>
    precision === 'int8' && system === 'bert' && isEncoderMatrix(spec) ? 8 : 32;
  const weights: Weights = new Map(
    specs.map((spec) => [
      spec.name,
      { data: values.get(spec.name) ?? new Float32Array(0), bits: bitsOf(spec) },
    ]),
  );
  const rounded = [...weights.values()].filter(({ bits }) => bits === 8).length;
  if (precision === 'int8' && rounded === 0) {
    throw fail('E_USAGE', {
      what: `Expected an encoder with products worth 8 bits, got a model of ${system}`,
      help: 'Export it with --precision fp32: word-level systems spend their time elsewhere.',
    });
  }
  const before = [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { weights, before, rounded };
}

/** Writes a program. @returns its size in bytes */
export async function writeProgram(
  path: string,
  outputs: Readonly<Record<string, Value>>,
  weights: Weights,
): Promise<number> {
  const { bytes } = toOnnx(outputs, { weights, describe });
  await writeThrough(path, async (temporary) => {
    const session = await Session.open(bytes, { foldedInto: temporary });
    await session.dispose();
  });
  return statSync(path).size;
}

/** A matrix that pieces are multiplied by. */
const isEncoderMatrix = ({ group, name, shape, rows }: ParameterSpec): boolean =>
  group === 'encoder' && shape.length === 2 && !rows && !name.includes('embeddings');
