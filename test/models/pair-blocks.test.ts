/** Blocks of pairs, against all pairs. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { pairBlocks, pairsOf, tailsWithin } from '../../src/models/pair-blocks.ts';

test('every ordered pair is in one block, with its relations, and no block has more than asked for', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 500 }), (entities, most) => {
      const related = { head: 2, tail: 1, relations: [7] };
      const labelled = new Map([[2 * entities + 1, related]]);
      const found = pairBlocks(entities, most).map((block) => pairsOf(block, { entities, labelled }));
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
  expect(pairBlocks(1, 40_000)).toEqual([{ heads: Int32Array.of(0), tails: Int32Array.of(0) }]);
});

test('within reach: the pairs that are, and no others, each once', () => {
  const places = fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }), { maxLength: 25 });
  fc.assert(
    fc.property(places, fc.nat(8), fc.integer({ min: 1, max: 60 }), (all, reach, most) => {
      const sentences = all.map((own) => Int32Array.from(new Set(own)).sort());
      const tailsOf = tailsWithin(sentences, reach);
      const entities = all.length;
      const found = pairBlocks(entities, most, tailsOf).map((block) =>
        pairsOf(block, { entities, labelled: new Map(), tailsOf }),
      );
      for (const pairs of found) expect(pairs.length).toBeLessThanOrEqual(most);
      const keys = found.flat().map(({ head, tail }) => `${head} ${tail}`);
      const expected = all.flatMap((heads, h) =>
        all.flatMap((tails, t) =>
          h !== t && heads.some((a) => tails.some((b) => Math.abs(a - b) <= reach)) ? [`${h} ${t}`] : [],
        ),
      );
      expect(keys.toSorted()).toEqual(expected.toSorted());
    }),
  );
});

test('a book of which nobody is named for long: few pairs are looked at in vain', () => {
  const sentences = Array.from({ length: 3000 }, (_, entity) => Int32Array.of(entity));
  const tailsOf = tailsWithin(sentences, 25);
  const looked = pairBlocks(3000, 40_000, tailsOf).reduce(
    (sum, { heads, tails }) => sum + heads.length * tails.length,
    0,
  );
  expect(looked).toBeLessThan(1_000_000);
});
