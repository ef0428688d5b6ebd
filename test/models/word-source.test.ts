/** Where words come from: the training text, or a file of vectors. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { wordSource } from '../../src/models/word-source.ts';
import { zeros } from '../../src/nn/initialisers.ts';
import type { ParameterSpec } from '../../src/nn/parameters.ts';
import { temporaryFolder } from '../cli/relata.ts';

const file = join(temporaryFolder(), 'vectors.txt');
writeFileSync(file, 'rome 1 2 3\nThe 9 9 9\nthe 4 5 6\nrare 7 8 9\n');
const counts = new Map([
  ['The', 3],
  ['the', 1],
  ['Bath', 2],
  ['once', 1],
]);
const types = ['LOC'];
const spec = (name: string, shape: readonly number[]): ParameterSpec => ({
  name,
  shape,
  initial: (size, rng) => zeros(size, rng).fill(0.5),
  group: 'encoder',
  decay: true,
  rows: false,
  frozen: false,
});

describe('without a file', () => {
  test('the words of the training text, vectors of width 100 that are trained', async () => {
    const source = await wordSource({ counts, types, train: false, minimumCount: 2 });
    expect(source.vocabulary.words).toEqual(['[BLANK]', '[UNK]', 'the', 'bath']);
    expect(source.shape).toEqual({ vocabularySize: 4, width: 100, frozen: false, types });
    expect(source.coverage).toBeUndefined();
    const specs = [spec('other', [2]), spec('word_embedding.weight', [4, 100])];
    const values = source.initial(specs, 1);
    expect([...(values.get('other') ?? [])]).toEqual([0.5, 0.5]);
    const table = values.get('word_embedding.weight') ?? new Float32Array(0);
    expect(table).toHaveLength(400);
    expect(table.subarray(0, 100).every((x) => x === 0)).toBe(true);
    expect(table.subarray(100).every((x) => x !== 0)).toBe(true);
    expect(source.initial(specs, 1)).toEqual(values);
    expect(source.initial(specs, 2).get('word_embedding.weight')).not.toEqual(table);
  });
});

describe('with a file', () => {
  const options = { counts, types, vectors: file, minimumCount: 2 };
  const tableOf = (source: Awaited<ReturnType<typeof wordSource>>): Float32Array => {
    const { vocabularySize, width } = source.shape;
    const values = source.initial([spec('word_embedding.weight', [vocabularySize, width])], 1);
    return values.get('word_embedding.weight') ?? new Float32Array(0);
  };

  test('frozen: all words of the file that can be looked up, and no others', async () => {
    const source = await wordSource({ ...options, train: false });
    expect(source.vocabulary.words).toEqual(['[BLANK]', '[UNK]', 'rome', 'the', 'rare']);
    expect(source.shape).toEqual({ vocabularySize: 5, width: 3, frozen: true, types });
    // [UNK] is the mean of all vectors.
    expect([...tableOf(source)]).toEqual([0, 0, 0, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(source.coverage).toBeDefined();
  });

  test('trained: those of the training text besides, which are drawn', async () => {
    const source = await wordSource({ ...options, train: true });
    expect(source.vocabulary.words).toEqual(['[BLANK]', '[UNK]', 'rome', 'the', 'rare', 'bath']);
    expect(source.shape).toEqual({ vocabularySize: 6, width: 3, frozen: false, types });
    const table = [...tableOf(source)];
    expect(table.slice(0, 15)).toEqual([0, 0, 0, 4, 5, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(table.slice(15).every((x) => x !== 0)).toBe(true);
  });
});
