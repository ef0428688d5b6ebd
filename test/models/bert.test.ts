import { expect, test } from 'vitest';

import { documentFeatures } from '../../src/features/features.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import { sizeOf } from '../../src/nn/initialisers.ts';
import { documentOf, encodeWith, relations, wordPiece } from '../features/documents.ts';
import { shape } from './tiny.ts';

test('faithful by hand: lost words are rows of -1 up to the longest document, then of 0, and are projected', async () => {
  const encoder = { ...shape, vocabularySize: wordPiece.vocabulary.pieces.length, positions: 12 };
  const config = {
    system: 'bert',
    encoder,
    mode: 'faithful',
    text: 'plain',
    task: 'relation',
    relations: 1,
    without: [],
  } as const;
  const model = await PairModel.open(config, { threads: 1 });
  // The first number of an entity is 1 + the sum of its state; the only score is the product of head's and tail's.
  const values = new Map(
    model.specs.map(({ name, shape: size }) => {
      const value = new Float32Array(sizeOf(size));
      if (name === 'projection.weight') value.fill(1, 0, encoder.width);
      if (name === 'projection.bias' || name === 'bilinear.weight') value[0] = 1;
      return [name, value];
    }),
  );
  const options = encodeWith({ mode: 'faithful', positions: encoder.positions });
  const item = (words: readonly string[], ...entities: (readonly [number, number, number])[]) => ({
    features: documentFeatures(
      documentOf([words], ...entities.map((mention) => [mention])),
      relations,
      options,
    ),
    pairs: [{ head: 0, tail: 1, relations: [] }],
  });
  // Four states for twelve words: words 4 and later are lost. The other document has ten states.
  const cut = item(
    Array.from({ length: 12 }, () => 'byz'),
    [0, 5, 6],
    [0, 11, 12],
  );
  const longer = {
    ...item(
      Array.from({ length: 10 }, () => 'a'),
      [0, 0, 1],
      [0, 1, 2],
    ),
    pairs: [],
  };
  expect([cut, longer].map(({ features }) => features.states)).toEqual([4, 10]);
  const parameter = (name: string): Float32Array => values.get(name) ?? new Float32Array(0);
  expect([...(await model.run([cut], parameter))]).toEqual([1, 0]);
  // Beside it word 5 reads -1 in all 32 numbers, word 11 still 0.
  expect([...(await model.run([cut, longer], parameter))]).toEqual([1 - 32, 0]);
  await model.dispose();
});
