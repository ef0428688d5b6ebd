/** Weights of a published BERT checkpoint, whatever its spelling of parameter names. */
import { join } from 'node:path';

import { readSafetensors, type SafeTensor, toFloat32 } from '../core/safetensors.ts';
import { type ParameterSpec, pickValues } from '../nn/parameters.ts';

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
  /** Names in the file that are not used: pooler, language-model head and the like. */
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
  const tensors = new Map<string, SafeTensor>();
  const ignored: string[] = [];
  const wanted = new Set(specs.map((spec) => canonicalName(spec.name)));
  for (const [name, tensor] of readSafetensors(path).tensors) {
    const canonical = canonicalName(name);
    if (wanted.has(canonical)) tensors.set(canonical, tensor);
    else ignored.push(name);
  }
  const lookup = (name: string): { shape: readonly number[]; data: Float32Array } | undefined => {
    const tensor = tensors.get(canonicalName(name));
    return tensor && { shape: tensor.shape, data: toFloat32(tensor) };
  };
  return { values: pickValues(specs, lookup, path), ignored };
}
