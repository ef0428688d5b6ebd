import { describe, expect, test } from 'vitest';

import type { SafeTensor } from '../../src/core/safetensors.ts';
import { Graph } from '../../src/graph/graph.ts';
import { bert } from '../../src/models/bert.ts';
import { encoderSizes, shapeOf } from '../../src/models/bert-config.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { zeros } from '../../src/nn/initialisers.ts';
import { countParameters, finiteValues, Parameters, pickValues } from '../../src/nn/parameters.ts';

const specsOf = (classes: number) =>
  bert(new Graph(), { encoder: shapeOf('base', 30_522), mode: 'corrected', classes, without: [] }, noDropout)
    .params.specs;

describe('numbers of parameters', () => {
  test('the new parts of the paper: 98,432 + 2,124,785 + 400', () => {
    const head = specsOf(97).filter((spec) => spec.group === 'head');
    const count = (prefix: string): number =>
      countParameters(head.filter((spec) => spec.name.startsWith(prefix)));
    expect(count('projection.')).toBe(98_432);
    expect(count('bilinear.')).toBe(2_124_785);
    expect(count('distance_embedding.')).toBe(400);
    expect(countParameters(head)).toBe(98_432 + 2_124_785 + 400);
  });

  test('BERT-base has 109,482,240, of which 590,592 are the pooler, which is not used', () => {
    const encoder = specsOf(97).filter((spec) => spec.group === 'encoder');
    expect(countParameters(encoder)).toBe(109_482_240 - 590_592);
    expect(encoder).toHaveLength(5 + 12 * 16);
    expect(encoder.every((spec) => spec.name.startsWith('bert.'))).toBe(true);
  });

  test('sizes have heads of 64', () => {
    for (const size of Object.keys(encoderSizes) as (keyof typeof encoderSizes)[]) {
      const { width, heads, intermediateWidth } = shapeOf(size, 100);
      expect([width / heads, intermediateWidth / width]).toEqual([64, 4]);
    }
    expect(
      Object.entries(encoderSizes).map(([name, { layers, width }]) => `${name} ${layers}/${width}`),
    ).toEqual(['tiny 2/128', 'mini 4/256', 'small 4/512', 'medium 8/512', 'base 12/768']);
  });

  test('decay is for matrices and tables, row gradients for tables that are looked up', () => {
    const specs = specsOf(2);
    expect(specs.filter((spec) => spec.decay !== spec.shape.length > 1)).toEqual([]);
    expect(specs.filter((spec) => spec.rows).map((spec) => spec.name)).toEqual([
      'bert.embeddings.word_embeddings.weight',
      'bert.embeddings.position_embeddings.weight',
    ]);
    expect(specs.filter((spec) => spec.frozen)).toEqual([]);
  });
});

describe('values', () => {
  const params = new Parameters(new Graph());
  params.declare('a', [2], zeros, { group: 'head' });
  params.declare('b', [1, 2], zeros, { group: 'head' });
  const tensors = new Map<string, SafeTensor>([
    ['a', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }],
    ['b', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(3, 4) }],
    ['c', { dtype: 'F32', shape: [1], data: Float32Array.of(5) }],
  ]);

  test('is frozen only when it is said to be', () => {
    const own = new Parameters(new Graph());
    own.declare('kept', [2], zeros, { group: 'encoder', frozen: true });
    own.declare('trained', [2], zeros, { group: 'encoder' });
    expect(own.specs.map(({ name, frozen }) => [name, frozen])).toEqual([
      ['kept', true],
      ['trained', false],
    ]);
  });

  test('takes what is declared and leaves the rest', () => {
    const values = pickValues(params.specs, (name) => tensors.get(name), 'here');
    expect([...values]).toEqual([
      ['a', Float32Array.of(1, 2)],
      ['b', Float32Array.of(3, 4)],
    ]);
  });

  test('names what is missing and what has another shape', () => {
    expect(() =>
      pickValues(params.specs, (name) => (name === 'a' ? tensors.get('a') : undefined), 'here'),
    ).toThrow('Expected parameter b of shape [1, 2], got none (here)');
    expect(() => pickValues(params.specs, () => tensors.get('a'), 'here')).toThrow(
      'Expected parameter b of shape [1, 2], got shape [2] (here)',
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('names what holds %s', (number) => {
    const damaged = new Map([
      ['a', Float32Array.of(1, 2)],
      ['b', Float32Array.of(3, number)],
    ]);
    expect(() => finiteValues(damaged, 'here')).toThrow(
      'Expected parameter b to hold finite numbers, got NaN or an infinity (here)',
    );
  });

  test('a name that is declared twice is an error', () => {
    expect(() => params.declare('a', [2], zeros, { group: 'head' })).toThrow(
      expect.objectContaining({ code: 'E_SHAPE', message: expect.stringContaining('input a') }),
    );
  });
});
