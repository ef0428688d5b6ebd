/** Decoding against every row of tags of small sentences. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { beginTag, insideTag } from '../../src/features/bio.ts';
import { decodeTags } from '../../src/models/decode-tags.ts';

/** All rows of tags, each with its probability where words are independent; those that can not be are left out. */
function everyRow(logits: readonly (readonly number[])[]): { tags: number[]; weight: number }[] {
  let rows: { tags: number[]; weight: number }[] = [{ tags: [], weight: 1 }];
  for (const own of logits) {
    const total = own.reduce((sum, x) => sum + Math.exp(x), 0);
    rows = rows.flatMap(({ tags, weight }) =>
      own.flatMap((x, tag) => {
        const before = tags.at(-1) ?? 0;
        const goesOn = tag > 0 && tag % 2 === 0;
        if (goesOn && before !== tag && before !== tag - 1) return [];
        return [{ tags: [...tags, tag], weight: (weight * Math.exp(x)) / total }];
      }),
    );
  }
  return rows;
}

/** Mentions [start, end, type] of a row that can be. */
function spansOf(tags: readonly number[]): [number, number, number][] {
  const spans: [number, number, number][] = [];
  tags.forEach((tag, w) => {
    const last = spans.at(-1);
    if (tag % 2 === 1) spans.push([w, w + 1, (tag - 1) / 2]);
    else if (tag > 0 && last) last[1] = w + 1;
  });
  return spans;
}

const flat = (logits: readonly (readonly number[])[]): Float32Array => Float32Array.from(logits.flat());

/** Sentences of up to 5 words; numbers are those of float32. */
const arbLogits = (types: number, words: number) =>
  fc.array(
    fc.array(fc.float({ min: -4, max: 4, noNaN: true }), {
      minLength: 1 + 2 * types,
      maxLength: 1 + 2 * types,
    }),
    { maxLength: words },
  );

describe.each([
  [1, 6],
  [2, 5],
  [3, 4],
])('%i types, up to %i words', (types, words) => {
  test('the mentions are those of the best row of all', () => {
    fc.assert(
      fc.property(arbLogits(types, words), (logits) => {
        const rows = everyRow(logits);
        const best = Math.max(...rows.map(({ weight }) => weight));
        const found = decodeTags(flat(logits), types).map(({ start, end, type }) => [start, end, type]);
        const same = rows.filter(({ tags }) => JSON.stringify(spansOf(tags)) === JSON.stringify(found));
        expect(same).toHaveLength(1);
        expect(same[0]?.weight).toBeGreaterThanOrEqual(best * (1 - 1e-9));
      }),
    );
  });

  test('a probability is the share of the rows that have the mention', () => {
    fc.assert(
      fc.property(arbLogits(types, words), (logits) => {
        const rows = everyRow(logits);
        const all = rows.reduce((sum, { weight }) => sum + weight, 0);
        for (const { start, end, probabilities } of decodeTags(flat(logits), types)) {
          expect(probabilities).toHaveLength(types);
          for (const [type, probability] of probabilities.entries()) {
            const having = rows.filter(({ tags }) =>
              spansOf(tags).some(([s, e, t]) => s === start && e === end && t === type),
            );
            const expected = having.reduce((sum, { weight }) => sum + weight, 0) / all;
            expect(Math.abs(probability - expected)).toBeLessThan(1e-9);
          }
        }
      }),
    );
  });
});

test('a word that would go on with no mention does not', () => {
  // The second word is most likely inside of a PER; the first is outside or, less likely, the beginning of one.
  const row = (o: number, b: number, i: number): number[] => [o, b, i];
  expect(decodeTags(flat([row(2, 0, 5), row(0, 0, 9)]), 1)).toMatchObject([{ start: 0, end: 2, type: 0 }]);
  expect(decodeTags(flat([row(9, 0, 9), row(3, 0, 5)]), 1)).toEqual([]);
});

test('two mentions of one type side by side stay two', () => {
  const certain = (tag: number): number[] => [0, 0, 0, 0, 0].with(tag, 20);
  const tags = [beginTag(1), beginTag(1), insideTag(1), beginTag(0)];
  const found = decodeTags(flat(tags.map(certain)), 2);
  expect(found.map(({ start, end, type }) => [start, end, type])).toEqual([
    [0, 1, 1],
    [1, 3, 1],
    [3, 4, 0],
  ]);
  for (const { type, probabilities } of found) expect(probabilities[type]).toBeGreaterThan(0.999);
});

test('probabilities of a long sentence neither vanish nor leave 0 to 1, also where no row is likely', () => {
  const words = 5000;
  const unlikely = Float32Array.from({ length: words * 3 }, (_, i) => (i % 3 === 2 ? 200 : -200 + (i % 7)));
  for (const { probabilities } of decodeTags(unlikely, 1)) {
    expect(probabilities[0]).toBeGreaterThanOrEqual(0);
    expect(probabilities[0]).toBeLessThanOrEqual(1);
  }
  const sure = Float32Array.from({ length: words * 3 }, (_, i) => (i % 6 === 1 || i % 6 === 3 ? 3 : 0));
  const found = decodeTags(sure, 1);
  expect(found).toHaveLength(words / 2);
  expect(Math.min(...found.map(({ probabilities }) => probabilities[0] ?? 0))).toBeGreaterThan(0.5);
});

test('no words, no mentions', () => expect(decodeTags(new Float32Array(0), 3)).toEqual([]));
