import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { readJson } from '../../src/core/files.ts';
import {
  halfOfFloat32,
  readSafetensors,
  type SafeTensor,
  toFloat32,
  writeSafetensors,
} from '../../src/core/safetensors.ts';
import { Graph } from '../../src/graph/graph.ts';
import { readBertConfig } from '../../src/models/bert-config.ts';
import { encoderSource } from '../../src/models/encoder-source.ts';
import { readMaskedModel, saveMaskedModel, weightsToGoOnFrom } from '../../src/models/masked-lm-folder.ts';
import { maskedLanguageModel } from '../../src/models/masked-lm.ts';
import type { BertShape } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { initialValues } from '../../src/nn/parameters.ts';
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { createVocabulary } from '../../src/text/vocabulary.ts';
import { randomArray } from '../graph/numeric.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-masked-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const fresh = (): string => join(folder, `${made++}`);

const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'Sea', '##s', 'è'];
const vocabulary = createVocabulary(pieces, { lowercase: false, stripAccents: false });
const shape: BertShape = {
  vocabularySize: 9,
  width: 4,
  layers: 1,
  heads: 2,
  intermediateWidth: 6,
  positions: 5,
  segments: 2,
  layerNormEpsilon: 1e-7,
  initialDeviation: 0.3,
};
const { specs } = maskedLanguageModel(new Graph(), shape, noDropout).params;
const encoderSpecs = specs.filter(({ group }) => group === 'encoder');
const rng = Rng.fromSeed(2);
const values = new Map(
  specs.map(({ name, shape: size }) => [name, Float32Array.from(randomArray(size, rng, 0.5).data)]),
);
const parameter = (name: string): Float32Array => values.get(name) ?? new Float32Array(0);

function saved(options?: { readonly half: boolean }): string {
  const out = fresh();
  saveMaskedModel(out, { shape, vocabulary, specs, parameter }, options);
  return out;
}

/** The saved model with other tensors. */
function changed(
  change: (tensors: Map<string, SafeTensor>) => Iterable<readonly [string, SafeTensor]>,
): string {
  const out = saved();
  const path = join(out, 'model.safetensors');
  writeSafetensors(path, change(readSafetensors(path).tensors));
  return out;
}

const isHead = (name: string): boolean => name.startsWith('cls.');
const headless = (): string => changed((tensors) => [...tensors].filter(([name]) => !isHead(name)));
const one: SafeTensor = { dtype: 'F32', shape: [1], data: Float32Array.of(1) };

const [V, D, I] = [shape.vocabularySize, shape.width, shape.intermediateWidth];
const layer = 'bert.encoder.layer.0';
const dense = (name: string, rows: number, columns: number): [string, number[]][] => [
  [`${name}.weight`, [rows, columns]],
  [`${name}.bias`, [rows]],
];
const norm = (name: string): [string, number[]][] => [
  [`${name}.weight`, [D]],
  [`${name}.bias`, [D]],
];
/** What `BertForMaskedLM` saves, whose decoder shares the table of pieces and the bias. */
const published: readonly [string, number[]][] = [
  ['bert.embeddings.word_embeddings.weight', [V, D]],
  ['bert.embeddings.position_embeddings.weight', [shape.positions, D]],
  ['bert.embeddings.token_type_embeddings.weight', [2, D]],
  ...norm('bert.embeddings.LayerNorm'),
  ...['query', 'key', 'value'].flatMap((name) => dense(`${layer}.attention.self.${name}`, D, D)),
  ...dense(`${layer}.attention.output.dense`, D, D),
  ...norm(`${layer}.attention.output.LayerNorm`),
  ...dense(`${layer}.intermediate.dense`, I, D),
  ...dense(`${layer}.output.dense`, D, I),
  ...norm(`${layer}.output.LayerNorm`),
  ['cls.predictions.bias', [V]],
  ...dense('cls.predictions.transform.dense', D, D),
  ...norm('cls.predictions.transform.LayerNorm'),
];

describe('a folder in the published form', () => {
  test('has the weights of BertForMaskedLM, by name and shape', () => {
    const { tensors, metadata } = readSafetensors(join(saved(), 'model.safetensors'));
    const found = [...tensors].map(([name, tensor]): [string, readonly number[]] => [name, tensor.shape]);
    const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
      a[0] < b[0] ? -1 : 1;
    expect(found.sort(byName)).toEqual(published.toSorted(byName));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F32']));
    expect(metadata).toEqual({ format: 'pt' });
  });

  test('has the configurations of model and tokenizer', () => {
    const out = saved();
    const config = {
      architectures: ['BertForMaskedLM'],
      model_type: 'bert',
      hidden_act: 'gelu',
      vocab_size: 9,
      hidden_size: 4,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      intermediate_size: 6,
      max_position_embeddings: 5,
      type_vocab_size: 2,
      layer_norm_eps: 1e-7,
      initializer_range: 0.3,
      pad_token_id: 0,
    };
    expect(readJson(join(out, 'config.json'))).toEqual(config);
    expect(readJson(join(saved({ half: true }), 'config.json'))).toEqual({
      ...config,
      torch_dtype: 'float16',
    });
    expect(readJson(join(out, 'tokenizer_config.json'))).toEqual({
      tokenizer_class: 'BertTokenizer',
      do_lower_case: false,
      strip_accents: false,
      model_max_length: 5,
    });
    expect(loadVocabulary(out)).toEqual(vocabulary);
  });

  test('is read back', () => {
    const model = readMaskedModel(saved());
    expect(model.shape).toEqual(shape);
    expect(model.vocabulary).toEqual(vocabulary);
    expect(model.values(specs)).toEqual(values);
  });

  test('in 16 bits: half the bytes, the nearest numbers', () => {
    const out = saved({ half: true });
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    const rounded = (data: Float32Array): Float32Array =>
      toFloat32({ dtype: 'F16', shape: [data.length], data: halfOfFloat32(data) });
    const expected = new Map([...values].map(([name, data]) => [name, rounded(data)]));
    expect(readMaskedModel(out).values(specs)).toEqual(expected);
    expect(expected).not.toEqual(values);
  });
});

describe('a published checkpoint', () => {
  test.each([
    [
      'gamma and beta',
      (name: string) => name.replace('Norm.weight', 'Norm.gamma').replace('Norm.bias', 'Norm.beta'),
    ],
    ['no prefix', (name: string) => name.replace(/^bert\./, '')],
  ])('with %s', (_, rename) => {
    const place = changed((tensors) => [...tensors].map(([name, tensor]) => [rename(name), tensor]));
    expect(readMaskedModel(place).values(specs)).toEqual(values);
    expect(weightsToGoOnFrom(place, specs, 1)).toEqual({ values, ignored: [], hasHead: true });
  });

  test('with a decoder beside the table, a pooler and another head', () => {
    const extra = ['cls.predictions.decoder.weight', 'bert.pooler.dense.bias', 'cls.seq_relationship.bias'];
    const place = changed((tensors) => [...tensors, ...extra.map((name) => [name, one] as const)]);
    expect(readMaskedModel(place).values(specs)).toEqual(values);
    const { ignored, hasHead } = weightsToGoOnFrom(place, specs, 1);
    expect([ignored.sort(), hasHead]).toEqual([
      ['bert.pooler.dense.bias', 'cls.seq_relationship.bias'],
      true,
    ]);
  });

  test('without a head: refused where it is asked to guess, a random one where it is trained on', () => {
    const place = headless();
    const { values: read } = readMaskedModel(place);
    expect(() => read(specs)).toThrow(expect.objectContaining({ code: 'E_NO_HEAD', exit: 2 }));
    const weights = weightsToGoOnFrom(place, specs, 5);
    expect([weights.hasHead, weights.ignored]).toEqual([false, []]);
    const random = initialValues(specs, 5);
    expect(weights.values).toEqual(
      new Map(specs.map(({ name }) => [name, (isHead(name) ? random : values).get(name)])),
    );
  });

  test('with a part of a head, with numbers that are none, with too many pieces', () => {
    const bias = 'cls.predictions.bias';
    const partly = changed((tensors) => [...tensors].filter(([name]) => !isHead(name) || name === bias));
    const broken = changed((tensors) => {
      toFloat32(tensors.get(bias) ?? one)[0] = Number.NaN;
      return tensors;
    });
    for (const [place, code] of [
      [partly, 'E_PARAMETER'],
      [broken, 'E_PARAMETER_NUMBERS'],
    ] as const) {
      expect(() => readMaskedModel(place).values(specs)).toThrow(expect.objectContaining({ code }));
      expect(() => weightsToGoOnFrom(place, specs, 1)).toThrow(expect.objectContaining({ code }));
    }
    const out = fresh();
    const many = createVocabulary([...pieces, 'a', 'b']);
    saveMaskedModel(out, { shape, vocabulary: many, specs, parameter });
    expect(() => readMaskedModel(out)).toThrow('at most 9 pieces, as config.json says, got 10');
  });
});

describe('as an encoder', () => {
  test('it is one like any other: the head is left, and nothing is said of it', async () => {
    for (const place of [saved(), headless()]) {
      const source = await encoderSource(place, {
        vocabulary: () => Promise.reject(new Error('not asked for')),
      });
      expect([source.shape, source.pretrained]).toEqual([readBertConfig(place), true]);
      const { values: read, ignored } = source.initial(encoderSpecs, 1);
      expect(ignored).toEqual([]);
      expect(read).toEqual(new Map(encoderSpecs.map(({ name }) => [name, values.get(name)])));
    }
  });
});
