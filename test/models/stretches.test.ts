import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Item } from '../../src/features/batch.ts';
import { stretches } from '../../src/models/stretches.ts';

const pair = { head: 0, tail: 1, relations: [] };
const item = (pieces: number, pairs: number): Item => ({
  features: {
    title: '',
    pieces,
    sequences: [],
    entities: [],
    states: 0,
    firstWords: new Int32Array(0),
    related: [],
  },
  pairs: Array.from({ length: pairs }, () => pair),
});

/** Of a pair with so many classes. */
const sizeOf =
  (classes: number) =>
  ({ features: { pieces }, pairs }: Item) => ({ pieces, logits: classes * pairs.length });

const collect = async (stream: AsyncIterable<Item[]>): Promise<Item[][]> => {
  const all: Item[][] = [];
  for await (const stretch of stream) all.push(stretch);
  return all;
};

describe('stretches', () => {
  test('begin small and double up to the limit', async () => {
    const items = Array.from({ length: 23 }, () => item(1, 0));
    const limits = { firstPieces: 1, pieces: 8, logits: 1 };
    const found = await collect(stretches(items, sizeOf(1), limits));
    expect(found.map(({ length }) => length)).toEqual([1, 2, 4, 8, 8]);
    expect(found.flat()).toEqual(items);
  });

  test('hold few logits, whatever the pieces', async () => {
    const items = [item(1, 2), item(1, 1), item(1, 3), item(1, 9), item(1, 1)];
    const limits = { firstPieces: 99, pieces: 99, logits: 9 };
    expect((await collect(stretches(items, sizeOf(3), limits))).map(({ length }) => length)).toEqual([
      2, 1, 1, 1,
    ]);
  });

  test('have every item in its order, none empty, none that would do without its last item', async () => {
    const arbitrary = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 9 })));
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.integer({ min: 1, max: 200 }), async (sizes, pieces) => {
        const items = sizes.map(([length, pairs]) => item(length, pairs));
        const found = await collect(stretches(items, sizeOf(4), { firstPieces: 7, pieces, logits: 30 }));
        expect(found.flat()).toEqual(items);
        for (const stretch of found) {
          expect(stretch.length).toBeGreaterThan(0);
          const but = stretch.slice(0, -1);
          expect(but.reduce((sum, { features }) => sum + features.pieces, 0)).toBeLessThan(pieces);
          expect(but.reduce((sum, { pairs }) => sum + 4 * pairs.length, 0)).toBeLessThan(30);
        }
      }),
    );
  });

  test('an error comes after the items before it', async () => {
    const first = item(1, 0);
    const broken = function* (): Generator<Item> {
      yield first;
      throw new Error('unreadable');
    };
    const found = stretches(broken(), sizeOf(1), { firstPieces: 5, pieces: 5, logits: 5 });
    expect(await found.next()).toEqual({ done: false, value: [first] });
    await expect(found.next()).rejects.toThrow('unreadable');
  });
});
