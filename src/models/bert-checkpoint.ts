/** Weights of a published BERT checkpoint, whatever its spelling of parameter names. */
import { join } from 'node:path';

import { readSafetensors, type SafeTensor } from '../core/safetensors.ts';
import { HEAD } from '../nn/masked-lm-head.ts';
import { finiteValues, type ParameterSpec, pickValues } from '../nn/parameters.ts';

/** A parameter's name without what differs between publishers: the `bert.` prefix, `gamma` and `beta`. */
export function canonicalName(name: string): string {
  return name
    .replace(/^bert\./, '')
    .replace(/\.gamma$/, '.weight')
    .replace(/\.beta$/, '.bias');
}

export interface EncoderWeights {
  /** By the names of `specs`. */
  readonly values: Map<string, Float32Array>;
  /** Names in the file that are not used, such as a pooler. A language model's head is not told: most checkpoints have one. */
  readonly ignored: string[];
}

/**
 * The encoder's weights in `folder/model.safetensors`, as float32.
 *
 * @param specs - the encoder's parameters (names that begin with `bert.`)
 * @throws RelataError `E_FILE_MISSING`, `E_SAFETENSORS`, `E_PARAMETER`
 */
export function readEncoderWeights(folder: string, specs: readonly ParameterSpec[]): EncoderWeights {
  const path = join(folder, 'model.safetensors');
  const ignored: string[] = [];
  const wanted = new Set(specs.map((spec) => canonicalName(spec.name)));
  const only = (name: string): boolean => {
    const isWanted = wanted.has(canonicalName(name));
    if (!isWanted && !name.startsWith(`${HEAD}.`)) ignored.push(name);
    return isWanted;
  };
  const tensors = new Map<string, SafeTensor>();
  for (const [name, tensor] of readSafetensors(path, { only }).tensors)
    tensors.set(canonicalName(name), tensor);
  return {
    values: finiteValues(
      pickValues(specs, (name) => tensors.get(canonicalName(name)), path),
      path,
    ),
    ignored,
  };
}
