/** Checkpoints of other publishers: spellings of names, types, what is extra, missing or of another shape. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { type SafeTensor, writeSafetensors } from '../../src/core/safetensors.ts';
import { Graph } from '../../src/graph/graph.ts';
import { bertInputs } from '../../src/models/inputs.ts';
import { canonicalName, readEncoderWeights } from '../../src/models/bert-checkpoint.ts';
import { bertEncoder } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { initialValues, Parameters } from '../../src/nn/parameters.ts';
import { shape } from './tiny.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const graph = new Graph();
const params = new Parameters(graph);
bertEncoder(params, { ...shape, positions: 20 }, bertInputs(graph), noDropout);
const { specs } = params;
// Whole sixteenths below 8, zero without a sign: exact in 16 bits of either kind.
const values = new Map(
  [...initialValues(specs, 1)].map(([name, value]) => [name, value.map((x) => Math.round(x * 16) / 16 + 0)]),
);
const tensors = (rename: (name: string) => string, convert = f32): [string, SafeTensor][] =>
  specs.map(({ name, shape: size }) => [
    rename(name),
    convert(size, values.get(name) ?? new Float32Array(0)),
  ]);

let count = 0;
function checkpoint(entries: readonly (readonly [string, SafeTensor])[]): string {
  const place = join(folder, `${count++}`);
  mkdirSync(place);
  writeSafetensors(join(place, 'model.safetensors'), entries);
  return place;
}

function f32(size: readonly number[], data: Float32Array): SafeTensor {
  return { dtype: 'F32', shape: size, data };
}
/** The upper half of a float32. */
function bf16(size: readonly number[], data: Float32Array): SafeTensor {
  const bits = new Uint32Array(data.slice().buffer);
  return { dtype: 'BF16', shape: size, data: Uint16Array.from(bits, (word) => word >>> 16) };
}
/** Sign, five bits of exponent, ten of mantissa; exact for the numbers used here. */
function f16(size: readonly number[], data: Float32Array): SafeTensor {
  const half = (x: number): number => {
    if (x === 0) return 0;
    const exponent = Math.floor(Math.log2(Math.abs(x)));
    const mantissa = Math.abs(x) / 2 ** exponent - 1;
    return (x < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | (mantissa * 1024);
  };
  return { dtype: 'F16', shape: size, data: Uint16Array.from(data, half) };
}

const withoutPrefix = (name: string): string => name.replace(/^bert\./, '');
const old = (name: string): string =>
  name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta');

describe('readEncoderWeights', () => {
  test.each([
    ['as published', (name: string) => name, f32],
    ['without the prefix', withoutPrefix, f32],
    ['with gamma and beta', old, f32],
    ['without the prefix, with gamma and beta, in F16', (name: string) => old(withoutPrefix(name)), f16],
    ['in BF16', (name: string) => name, bf16],
  ] as const)('reads names %s', (_, rename, convert) => {
    const read = readEncoderWeights(checkpoint(tensors(rename, convert)), specs);
    expect(read.ignored).toEqual([]);
    expect(read.values).toEqual(values);
  });

  test('leaves what is extra and says so, but for the head of a language model', () => {
    const extra = [
      'bert.pooler.dense.weight',
      'cls.seq_relationship.bias',
      'bert.embeddings.position_ids',
      'bert.encoder.layer.2.output.dense.bias',
    ];
    const one = f32([1], Float32Array.of(1));
    const head = ['cls.predictions.bias', 'cls.predictions.transform.LayerNorm.gamma'];
    const place = checkpoint([
      ...tensors((name) => name),
      ...[...extra, ...head].map((name) => [name, one] as const),
    ]);
    const read = readEncoderWeights(place, specs);
    expect(read.values).toEqual(values);
    expect(read.ignored.sort()).toEqual(extra.sort());
  });

  test('names a missing parameter', () => {
    const name = 'bert.encoder.layer.1.attention.self.query.bias';
    const place = checkpoint(tensors(withoutPrefix).filter(([own]) => own !== withoutPrefix(name)));
    expect(() => readEncoderWeights(place, specs)).toThrow(
      expect.objectContaining({
        code: 'E_PARAMETER',
        exit: 3,
        message: `Expected parameter ${name} of shape [32], got none (${join(place, 'model.safetensors')})`,
      }),
    );
  });

  test('names a parameter of another shape, transposed ones too', () => {
    const name = 'bert.encoder.layer.0.intermediate.dense.weight';
    const place = checkpoint(
      tensors((own) => own).map(([own, tensor]) =>
        own === name ? [own, { ...tensor, shape: tensor.shape.toReversed() }] : [own, tensor],
      ),
    );
    expect(() => readEncoderWeights(place, specs)).toThrow(
      `Expected parameter ${name} of shape [48, 32], got shape [32, 48]`,
    );
  });

  test('a folder without weights is an error', () => {
    expect(() => readEncoderWeights(join(folder, 'nowhere'), specs)).toThrow(
      expect.objectContaining({ code: 'E_FILE_MISSING' }),
    );
  });
});

test('canonicalName only touches what differs between publishers', () => {
  expect(canonicalName('bert.embeddings.LayerNorm.gamma')).toBe('embeddings.LayerNorm.weight');
  expect(canonicalName('embeddings.LayerNorm.beta')).toBe('embeddings.LayerNorm.bias');
  expect(canonicalName('roberta.embeddings.LayerNorm.bias')).toBe('roberta.embeddings.LayerNorm.bias');
  expect(canonicalName('bert.gamma_layer.weight')).toBe('gamma_layer.weight');
});
