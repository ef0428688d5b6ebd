import { describe, expect, test } from 'vitest';

import { bertConfigOf, isEncoderSize, parseBertConfig, shapeOf } from '../../src/models/bert-config.ts';

const published = {
  architectures: ['BertForMaskedLM'],
  attention_probs_dropout_prob: 0.1,
  hidden_act: 'gelu',
  hidden_size: 768,
  initializer_range: 0.02,
  intermediate_size: 3072,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 512,
  model_type: 'bert',
  num_attention_heads: 12,
  num_hidden_layers: 12,
  type_vocab_size: 2,
  vocab_size: 30522,
};

describe('parseBertConfig', () => {
  test('reads the published file of BERT-base as the size of that name', () => {
    expect(parseBertConfig(published, 'config.json')).toEqual(shapeOf('base', 30_522));
  });

  test('what is written is read back, for every size', () => {
    for (const size of ['tiny', 'mini', 'small', 'medium', 'base'] as const) {
      expect(isEncoderSize(size)).toBe(true);
      expect(parseBertConfig(bertConfigOf(shapeOf(size, 1234)), 'c')).toEqual(shapeOf(size, 1234));
    }
    expect(['large', 'toString'].some(isEncoderSize)).toBe(false);
  });

  test.each([
    ['hidden_size', 'wide'],
    ['num_hidden_layers', -1],
    ['hidden_size', undefined],
    ['vocab_size', 1.5],
  ])('refuses %s of %s and names it', (field, value) => {
    const changed = { ...published, [field]: value };
    expect(() => parseBertConfig(changed, 'config.json')).toThrow(
      expect.objectContaining({
        code: 'E_FIELD',
        exit: 3,
        message: expect.stringContaining(`config.json: ${field}`),
      }),
    );
  });

  test('refuses widths that heads do not divide, and what is no configuration', () => {
    expect(() => parseBertConfig({ ...published, num_attention_heads: 7 }, 'c')).toThrow('768 and 7');
    for (const value of [null, 'text', []]) {
      expect(() => parseBertConfig(value, 'c')).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
    }
  });

  test('refuses an activation that the encoder does not compute, and models that are no BERT', () => {
    expect(() => parseBertConfig({ ...published, hidden_act: 'relu' }, 'c')).toThrow('hidden_act');
    expect(() => parseBertConfig({ ...published, model_type: 'roberta' }, 'c')).toThrow('model_type');
  });
});
