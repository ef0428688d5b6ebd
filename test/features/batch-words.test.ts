/** Batches of word-level systems, by hand: steps of a recurrent layer, neighbours, padding, pairs as context. */
import { describe, expect, test } from 'vitest';

import { type Batch, type BatchForm, buildBatch, type Item, wholeOf } from '../../src/features/batch.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { wordVocabulary } from '../../src/text/words.ts';
import { documentOf, relations } from './documents.ts';

const vocabulary = wordVocabulary(['[BLANK]', '[UNK]', 'a', 'b', 'c']);
const pair = (head: number, tail: number) => ({ head, tail, relations: [] });

/** Documents of 2 and 3 words (sentences of 1 and 2), with 2 and 3 entities, and 1 and 2 pairs that are asked. */
const itemsOf = (unit: 'document' | 'sentence' = 'document'): Item[] =>
  [
    documentOf([['a', 'b']], [[0, 0, 2]], [[0, 1, 2]]),
    documentOf([['c'], ['a', 'x']], [[1, 0, 1]], [[0, 0, 1]], [[1, 1, 2]]),
  ].map((doc, i) => ({
    features: documentFeatures(doc, relations, {
      reads: 'words',
      vocabulary,
      types: ['T'],
      unit,
      mode: 'corrected',
    }),
    pairs: i === 0 ? [pair(1, 0)] : [pair(0, 2), pair(2, 1)],
  }));

const form: BatchForm = { reads: 'words', directions: 2, blank: false, context: false };
const read = ({ integers, floats }: Batch, name: string): number[] => [
  ...((integers[name] ?? floats[name])?.data ?? []),
];
const shapeOf = ({ integers, floats }: Batch, name: string): readonly number[] | undefined =>
  (integers[name] ?? floats[name])?.shape;

describe('the words of a batch', () => {
  const batch = buildBatch(itemsOf(), form);

  test('words and tags', () => {
    expect(batch.sizes).toEqual({ N: 5, U: 2, T: 3, B: 2, E: 5, M: 3, P: 3, W: 6 });
    expect(read(batch, 'words')).toEqual([2, 3, 4, 2, 1]);
    expect(read(batch, 'coreference')).toEqual([1, 2, 2, 1, 3]);
    expect(read(batch, 'types')).toEqual([1, 1, 1, 1, 1]);
    expect(read(batch, 'sequenceOf')).toEqual([0, 0, 1, 1, 1]);
  });

  test('steps: the second direction begins with the last word', () => {
    expect(shapeOf(batch, 'stepsToPadded')).toEqual([3, 2, 2]);
    // prettier-ignore
    expect(read(batch, 'stepsToPadded')).toEqual([
      0, 4, 3, 9, // step 0: words 0 and 2 forward, words 1 and 4 backward
      2, 6, 1, 7,
      10, 8, 10, 5,
    ]);
    expect(read(batch, 'stepsToRows')).toEqual([0, 6, 4, 2, 1, 11, 5, 7, 9, 3]);
    const one = buildBatch(itemsOf(), { ...form, directions: 1 });
    expect(read(one, 'stepsToPadded')).toEqual([0, 2, 1, 3, 5, 4]);
    expect(read(one, 'stepsToRows')).toEqual([0, 2, 1, 3, 5]);
  });

  test('neighbours end with their sequence', () => {
    expect(read(batch, 'before')).toEqual([5, 0, 5, 2, 3]);
    expect(read(batch, 'after')).toEqual([1, 5, 3, 4, 5]);
  });

  test('mentions', () => {
    expect(read(batch, 'mentionStates')).toEqual([0, 1, 1, 3, 2, 4]);
    expect(read(batch, 'mentionWeights')).toEqual([0.5, 0.5, 1, 1, 1, 1]);
    expect(read(batch, 'mentionEntities')).toEqual([0, 0, 1, 2, 3, 4]);
  });

  test('sentences are sequences where a system reads them so', () => {
    const apart = buildBatch(itemsOf('sentence'), form);
    expect(apart.sizes).toMatchObject({ N: 5, U: 3, T: 2 });
    expect(read(apart, 'sequenceOf')).toEqual([0, 0, 1, 2, 2]);
    expect(read(apart, 'before')).toEqual([5, 0, 5, 5, 3]);
    expect(read(apart, 'coreference')).toEqual([1, 2, 2, 1, 3]);
    expect(read(apart, 'mentionStates')).toEqual(read(batch, 'mentionStates'));
  });
});

describe('documents filled up to the longest', () => {
  const blank: BatchForm = { ...form, blank: true };

  test('with word 0, which has neighbours', () => {
    const batch = buildBatch(itemsOf(), blank);
    expect(batch.sizes).toMatchObject({ N: 6, U: 2, T: 3 });
    expect(read(batch, 'words')).toEqual([2, 3, 0, 4, 2, 1]);
    expect(read(batch, 'coreference')).toEqual([1, 2, 0, 2, 1, 3]);
    expect(read(batch, 'types')).toEqual([1, 1, 0, 1, 1, 1]);
    expect(read(batch, 'before')).toEqual([6, 0, 1, 6, 3, 4]);
    expect(read(batch, 'after')).toEqual([1, 2, 6, 4, 5, 6]);
    expect(read(batch, 'mentionStates')).toEqual([0, 1, 1, 4, 3, 5]);
  });

  test('of the whole batch, where it runs in parts', () => {
    const items = itemsOf();
    const whole = wholeOf(items);
    expect(whole.longest).toBe(3);
    const part = buildBatch(items.slice(0, 1), blank, whole);
    expect(read(part, 'words')).toEqual([2, 3, 0]);
    expect(read(buildBatch(items.slice(0, 1), blank), 'words')).toEqual([2, 3]);
    expect(read(buildBatch(items.slice(0, 1), form, whole), 'words')).toEqual([2, 3]);
  });
});

describe('pairs as context', () => {
  const batch = buildBatch(itemsOf(), { ...form, context: true });

  test('all pairs of a document are there, and the asked ones are found among them', () => {
    expect(batch.sizes).toMatchObject({ C: 8, J: 6, Q: 2, P: 3 });
    // 0-1, 1-0; 0-1, 0-2, 1-0, 1-2, 2-0, 2-1.
    expect(read(batch, 'asked')).toEqual([1, 3, 7]);
    expect(read(batch, 'askedToPadded')).toEqual([0, 3, 1, 2]);
    expect(read(batch, 'askedToRows')).toEqual([0, 2, 3]);
    expect(read(batch, 'contextToPadded')).toEqual([0, 1, 8, 8, 8, 8, 2, 3, 4, 5, 6, 7]);
    expect(read(batch, 'contextToRows')).toEqual([0, 1, 6, 7, 8, 9, 10, 11]);
    expect(shapeOf(batch, 'contextMask')).toEqual([2, 1, 6]);
    const masked = [
      ...Array<boolean>(2).fill(false),
      ...Array<boolean>(4).fill(true),
      ...Array<boolean>(6).fill(false),
    ];
    expect(read(batch, 'contextMask').map((x) => x < -1e8)).toEqual(masked);
    // Every context pair is scored: head and tail among 3 x 3 places of each document.
    expect(read(batch, 'pairsToRows')).toEqual([1, 3, 9 + 1, 9 + 2, 9 + 3, 9 + 5, 9 + 6, 9 + 7]);
  });

  test('the same pairs are scored in the same order where all are asked', () => {
    const some = itemsOf().map((item) => ({ ...item, pairs: [] }));
    const none = buildBatch(some, { ...form, context: true });
    expect(none.sizes).toMatchObject({ C: 8, J: 6, P: 0 });
    expect(read(none, 'entityDistance')).toEqual(read(batch, 'entityDistance'));
  });
});
