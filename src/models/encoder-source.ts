/** Where an encoder comes from: the package, a published checkpoint's folder, the hub, or random weights of a named size. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { fail } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import type { BertShape } from '../nn/bert-encoder.ts';
import { initialValues, type ParameterSpec } from '../nn/parameters.ts';
import { loadVocabulary } from '../text/vocabulary-file.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { type EncoderWeights, readEncoderWeights } from './bert-checkpoint.ts';
import { encoderSizes, isEncoderSize, readBertConfig, shapeOf } from './bert-config.ts';
import { type FetchProgress, fetchCheckpoint, isHubId } from './hub.ts';
import { PROGRAM } from './program.ts';
import { isShippedEncoder, shippedEncoders, shippedFolder } from './shipped-encoders.ts';

export interface EncoderSource {
  readonly shape: BertShape;
  /** Read when it is asked for: a checkpoint that is given piece ids needs none. */
  readonly vocabulary: () => Vocabulary;
  readonly pretrained: boolean;
  /** Weights for all of `specs`: the checkpoint's for the encoder, random ones for the rest. */
  readonly initial: (specs: readonly ParameterSpec[], seed: number) => EncoderWeights;
}

/**
 * @param name - a size (`tiny`, `mini`, `small`, `medium`, `base`), an encoder of the package, a folder, or a hub id
 * @param options.vocabulary - makes the vocabulary of an encoder with random weights
 * @throws RelataError `E_ENCODER` when it is none of these; `E_EXPORTED` for an exported model; and what reading a checkpoint throws
 */
export async function encoderSource(
  name: string,
  options: {
    readonly vocabulary: () => Vocabulary | Promise<Vocabulary>;
    readonly onFetch?: (progress: FetchProgress) => void;
  },
): Promise<EncoderSource> {
  if (isEncoderSize(name)) {
    const vocabulary = await options.vocabulary();
    return {
      shape: shapeOf(name, vocabulary.pieces.length),
      vocabulary: () => vocabulary,
      pretrained: false,
      initial: (specs, seed) => ({ values: initialValues(specs, seed), ignored: [] }),
    };
  }
  const folder = await checkpointFolder(name, options.onFetch);
  if (existsSync(join(folder, 'step-1'))) {
    throw fail('E_FIELD', {
      expected: 'one encoder (such as step-2 in that folder)',
      found: 'a model of two steps',
      where: folder,
    });
  }
  if (isFile(join(folder, PROGRAM)) && !isFile(join(folder, 'model.safetensors')))
    throw fail('E_EXPORTED', { folder, doing: 'trained further' });
  const shape = readBertConfig(folder);
  return {
    shape,
    vocabulary: () => vocabularyIn(folder, shape),
    pretrained: true,
    initial: (specs, seed) => {
      const { values, ignored } = readEncoderWeights(
        folder,
        specs.filter((spec) => spec.group === 'encoder'),
      );
      const head = specs.filter((spec) => spec.group === 'head');
      return { values: new Map([...values, ...initialValues(head, seed)]), ignored };
    },
  };
}

/** The folder of an encoder that is on this machine; undefined where the name is none of these. */
export const folderOf = (name: string): string | undefined =>
  isShippedEncoder(name) ? shippedFolder(name) : existsSync(name) ? name : undefined;

/** The same, of a hub id too, which is fetched where it has to be. @throws RelataError `E_ENCODER`, `E_HUB` and its like */
export async function checkpointFolder(
  name: string,
  onFetch?: (progress: FetchProgress) => void,
): Promise<string> {
  const here = folderOf(name);
  if (here !== undefined) return here;
  if (isHubId(name)) return fetchCheckpoint(name, onFetch ? { onProgress: onFetch } : {});
  throw fail('E_ENCODER', { name, shipped: shippedEncoders, sizes: Object.keys(encoderSizes) });
}

/** The vocabulary of a checkpoint, which must fit its table of pieces. @throws RelataError `E_FIELD`, and as `loadVocabulary` */
export function vocabularyIn(folder: string, shape: BertShape): Vocabulary {
  const vocabulary = loadVocabulary(folder);
  if (vocabulary.pieces.length > shape.vocabularySize) {
    throw fail('E_FIELD', {
      expected: `at most ${shape.vocabularySize} pieces, as config.json says`,
      found: `${vocabulary.pieces.length}`,
      where: `the vocabulary in ${folder}`,
    });
  }
  return vocabulary;
}
