/**
 * A masked language model as a folder in the published form (`BertForMaskedLM`): an encoder with the head that it was
 * pretrained with. The decoder is the table of pieces, so it is saved once.
 */
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import { writeJson } from '../core/files.ts';
import { halfOfFloat32, readSafetensors, type SafeTensor, writeSafetensors } from '../core/safetensors.ts';
import type { BertShape } from '../nn/bert-encoder.ts';
import { HEAD } from '../nn/masked-lm-head.ts';
import { finiteValues, initialValues, type ParameterSpec, pickValues } from '../nn/parameters.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { canonicalName, type EncoderWeights, readEncoderWeights } from './bert-checkpoint.ts';
import { bertConfigOf, readBertConfig } from './bert-config.ts';
import { vocabularyIn } from './encoder-source.ts';
import { savePieces } from './model-folder.ts';
import type { ParameterLookup } from './tensors.ts';

/** A folder, read back. */
export interface MaskedModel {
  readonly shape: BertShape;
  readonly vocabulary: Vocabulary;
  /** Of all parameters of a `MaskedLanguageModel`. @throws RelataError `E_PARAMETER`, `E_PARAMETER_NUMBERS`, `E_SAFETENSORS` */
  readonly values: (specs: readonly ParameterSpec[]) => Map<string, Float32Array>;
}

/** @throws RelataError `E_NO_HEAD` for an encoder without one; and what reading a checkpoint throws */
export function readMaskedModel(folder: string): MaskedModel {
  const shape = readBertConfig(folder);
  return {
    shape,
    vocabulary: vocabularyIn(folder, shape),
    values: (specs) => {
      const head = readHead(folder, specs);
      if (head === undefined) throw fail('E_NO_HEAD', { folder });
      return new Map([...readEncoder(folder, specs).values, ...head]);
    },
  };
}

/** What a run goes on from. */
export interface CheckpointWeights extends EncoderWeights {
  /** Whether the head's are the checkpoint's; else they are random. */
  readonly hasHead: boolean;
}

/** The weights of a checkpoint, with those of a head that it may lack. @throws RelataError as `MaskedModel.values` */
export function weightsToGoOnFrom(
  folder: string,
  specs: readonly ParameterSpec[],
  seed: number,
): CheckpointWeights {
  const { values, ignored } = readEncoder(folder, specs);
  const head = readHead(folder, specs);
  return {
    values: new Map([...values, ...(head ?? initialValues(specs.filter(isHead), seed))]),
    ignored,
    hasHead: head !== undefined,
  };
}

/** Writes weights, vocabulary and configuration, each atomically. @param options.half - in 16 bits */
export function saveMaskedModel(
  folder: string,
  model: {
    readonly shape: BertShape;
    readonly vocabulary: Vocabulary;
    readonly specs: readonly ParameterSpec[];
    readonly parameter: ParameterLookup;
  },
  { half = false }: { readonly half?: boolean } = {},
): void {
  const tensors = model.specs.map(({ name, shape }): [string, SafeTensor] => {
    const data = model.parameter(name);
    return [name, half ? { dtype: 'F16', shape, data: halfOfFloat32(data) } : { dtype: 'F32', shape, data }];
  });
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' });
  savePieces(folder, model.vocabulary, model.shape.positions);
  const config = {
    ...bertConfigOf(model.shape),
    architectures: ['BertForMaskedLM'],
    pad_token_id: model.vocabulary.special.pad,
  };
  writeJson(join(folder, 'config.json'), half ? { ...config, torch_dtype: 'float16' } : config);
}

const isHead = ({ group }: ParameterSpec): boolean => group === 'head';

const readEncoder = (folder: string, specs: readonly ParameterSpec[]): EncoderWeights =>
  readEncoderWeights(
    folder,
    specs.filter((spec) => !isHead(spec)),
  );

/** The head's weights; undefined where there is no head. A decoder of its own beside the table of pieces is not read. */
function readHead(folder: string, specs: readonly ParameterSpec[]): Map<string, Float32Array> | undefined {
  const path = join(folder, 'model.safetensors');
  const { tensors } = readSafetensors(path, { only: (name) => name.startsWith(`${HEAD}.`) });
  if (tensors.size === 0) return undefined;
  const published = new Map([...tensors].map(([name, tensor]) => [canonicalName(name), tensor]));
  return finiteValues(
    pickValues(specs.filter(isHead), (name) => published.get(name), path),
    path,
  );
}
