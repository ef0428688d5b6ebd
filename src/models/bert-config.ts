/** The encoder's `config.json`, in the form in which BERT is published, and the sizes that go by a name. */
import { join } from 'node:path';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import type { BertShape } from '../nn/bert-encoder.ts';

/** Layers and width; heads are 64 wide. Source: Turc et al. 2019 (tiny to medium), Devlin et al. 2019 (base). */
export const encoderSizes = {
  tiny: { layers: 2, width: 128 },
  mini: { layers: 4, width: 256 },
  small: { layers: 4, width: 512 },
  medium: { layers: 8, width: 512 },
  base: { layers: 12, width: 768 },
} as const;

export type EncoderSize = keyof typeof encoderSizes;

/** Whether `name` is one of the sizes. */
export const isEncoderSize = (name: string): name is EncoderSize => Object.hasOwn(encoderSizes, name);

/** The shape of a named size with a vocabulary. */
export function shapeOf(size: EncoderSize, vocabularySize: number): BertShape {
  const { layers, width } = encoderSizes[size];
  return {
    vocabularySize,
    width,
    layers,
    heads: width / 64,
    intermediateWidth: 4 * width,
    positions: 512,
    segments: 2,
    layerNormEpsilon: 1e-12,
    initialDeviation: 0.02,
  };
}

const count = z.int().positive().max(1_000_000);
const published = z.object({
  model_type: z.literal('bert').default('bert'),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: z.int().positive().max(1000),
  num_attention_heads: count,
  intermediate_size: count,
  /** Room for [CLS], [SEP] and a piece between them. */
  max_position_embeddings: count.min(3),
  type_vocab_size: count.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  initializer_range: z.number().positive().default(0.02),
});

/** The encoder's shape in a published `config.json`. @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD` */
export function readBertConfig(folder: string): BertShape {
  const path = join(folder, 'config.json');
  return parseBertConfig(readJson(path, "a BERT checkpoint's config.json"), path);
}

export function parseBertConfig(value: unknown, path: string): BertShape {
  const parsed = published.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') ?? '';
    const found =
      typeof value === 'object' && value !== null ? JSON.stringify(Reflect.get(value, field)) : String(value);
    throw fail('E_FIELD', {
      expected: `a BERT configuration (${issue?.message})`,
      found,
      where: `${path}: ${field}`,
    });
  }
  const config = parsed.data;
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw fail('E_FIELD', {
      expected: 'hidden_size to be a multiple of num_attention_heads',
      found: `${config.hidden_size} and ${config.num_attention_heads}`,
      where: path,
    });
  }
  return {
    vocabularySize: config.vocab_size,
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediateWidth: config.intermediate_size,
    positions: config.max_position_embeddings,
    segments: config.type_vocab_size,
    layerNormEpsilon: config.layer_norm_eps,
    initialDeviation: config.initializer_range,
  };
}

/** The published form of a shape, so that other software loads a saved model as BERT. */
export function bertConfigOf(shape: BertShape): Record<string, unknown> {
  return {
    architectures: ['BertModel'],
    model_type: 'bert',
    hidden_act: 'gelu',
    vocab_size: shape.vocabularySize,
    hidden_size: shape.width,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    intermediate_size: shape.intermediateWidth,
    max_position_embeddings: shape.positions,
    type_vocab_size: shape.segments,
    layer_norm_eps: shape.layerNormEpsilon,
    initializer_range: shape.initialDeviation,
    pad_token_id: 0,
  };
}
