import { describe, expect, it } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { wordTable } from '../../src/text/word-table.ts';
import { wordVocabulary } from '../../src/text/words.ts';

const vocabulary = wordVocabulary(['[BLANK]', '[UNK]', 'b', 'rare', 'a', 'constructor']);
const vectorsOf = (rows: Record<string, number[]>) => ({
  dimension: 2,
  words: Object.keys(rows),
  vectors: Float32Array.from(Object.values(rows).flat()),
  duplicates: 0,
});
const rng = (): Rng => Rng.fromSeed(7);
const row = (table: Float32Array, id: number, dimension = 2): number[] => [
  ...table.subarray(id * dimension, (id + 1) * dimension),
];

describe('wordTable with vectors', () => {
  const vectors = vectorsOf({ a: [1, 2], B: [9, 9], b: [3, -4], other: [5, 5] });

  it('has the vector of each known word, zeros for [BLANK], the mean for [UNK]', () => {
    const { dimension, table } = wordTable(vocabulary, vectors, { rng: rng() });
    expect([dimension, table.length]).toEqual([2, 12]);
    expect([row(table, 0), row(table, 2), row(table, 4)]).toEqual([
      [0, 0],
      [3, -4],
      [1, 2],
    ]);
    expect(row(table, 1)).toEqual([(1 + 9 + 3 + 5) / 4, (2 + 9 - 4 + 5) / 4]);
  });

  it('prefers a row for unknown words, <unk> to unk', () => {
    const named = vectorsOf({ unk: [6, 7], a: [1, 2] });
    expect(row(wordTable(vocabulary, named, { rng: rng() }).table, 1)).toEqual([6, 7]);
    const both = vectorsOf({ unk: [6, 7], a: [1, 2], '<unk>': [8, 9] });
    expect(row(wordTable(vocabulary, both, { rng: rng() }).table, 1)).toEqual([8, 9]);
  });

  it('draws the words without a vector with the deviation of the vectors, by the seed', () => {
    const words = ['[BLANK]', '[UNK]', ...Array.from({ length: 20_000 }, (_, i) => `w${i}`)];
    const many = wordVocabulary(words);
    // Values 3, 9, 3, 9: deviation 3 about a mean of 6.
    const scaled = vectorsOf({ x: [3, 9], y: [3, 9] });
    const { table } = wordTable(many, scaled, { rng: rng() });
    const drawn = [...table.subarray(4)];
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length);
    // 40,000 draws: standard errors 0.015 and 0.011.
    expect(Math.abs(mean)).toBeLessThan(0.08);
    expect(Math.abs(deviation - 3)).toBeLessThan(0.06);
    expect(wordTable(many, scaled, { rng: rng() }).table).toEqual(table);
    expect(wordTable(many, scaled, { rng: Rng.fromSeed(8) }).table).not.toEqual(table);
  });

  it('draws all but [BLANK] when none of the words was kept', () => {
    const { dimension, table } = wordTable(vocabulary, { ...vectorsOf({}), dimension: 3 }, { rng: rng() });
    expect([dimension, row(table, 0, 3)]).toEqual([3, [0, 0, 0]]);
    expect([...table.subarray(3)].every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  });
});

describe('wordTable without vectors', () => {
  it('is standard normal of dimension 100, but for [BLANK]', () => {
    const { dimension, table } = wordTable(vocabulary, undefined, { rng: rng() });
    expect([dimension, table.length]).toEqual([100, 600]);
    expect(row(table, 0, 100)).toEqual(Array.from({ length: 100 }, () => 0));
    const reference = rng();
    expect(table.subarray(100)).toEqual(Float32Array.from({ length: 500 }, () => reference.normal()));
  });

  it('takes another dimension, and refuses what is none', () => {
    expect(wordTable(vocabulary, undefined, { rng: rng(), dimension: 7 }).table).toHaveLength(42);
    for (const dimension of [0, -1, 2.5, Number.NaN, 2 ** 30]) {
      expect(() => wordTable(vocabulary, undefined, { rng: rng(), dimension })).toThrow(
        expect.objectContaining({ code: 'E_FIELD' }),
      );
    }
  });
});
