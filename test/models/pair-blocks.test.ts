/** Blocks of pairs, against all pairs. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { pairBlocks, pairsOf } from '../../src/models/pair-blocks.ts';

test('every ordered pair is in one block, with its relations, and no block has more than asked for', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 500 }), (entities, most) => {
      const related = { head: 2, tail: 1, relations: [7] };
      const labelled = new Map([[2 * entities + 1, related]]);
      const found = pairBlocks(entities, most).map((block) => pairsOf(block, entities, labelled));
      for (const pairs of found) expect(pairs.length).toBeLessThanOrEqual(most);
      const all = found.flat();
      const keys = new Set(all.map(({ head, tail }) => `${head} ${tail}`));
      expect([all.length, keys.size]).toEqual([entities * Math.max(0, entities - 1), all.length]);
      for (const { head, tail } of all)
        expect(head !== tail && head < entities && tail < entities).toBe(true);
      expect(all.filter(({ relations }) => relations.length > 0)).toEqual(entities > 2 ? [related] : []);
    }),
  );
});

test('a book: blocks of some size', () => {
  const blocks = pairBlocks(3000, 40_000);
  expect(blocks.length).toBeLessThan(1.2 * (9_000_000 / 40_000));
  expect(pairBlocks(0, 40_000)).toEqual([]);
  expect(pairBlocks(1, 40_000)).toEqual([{ heads: { from: 0, to: 1 }, tails: { from: 0, to: 1 } }]);
});
