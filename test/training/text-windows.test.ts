import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createVocabulary } from '../../src/text/vocabulary.ts';
import type { PieceFile } from '../../src/training/piece-cache.ts';
import { FRAME, WindowedPass } from '../../src/training/text-windows.ts';

const { special } = createVocabulary(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);

/** A text whose pieces are their own places. */
const text = (length: number): PieceFile => ({
  length,
  read: (from, count) => {
    if (from < 0 || from + count > length) throw new RangeError(`${from} + ${count} of ${length}`);
    return Int32Array.from({ length: count }, (_, i) => from + i);
  },
});

interface Options {
  readonly window: number;
  readonly pass?: number;
  readonly seed?: number;
  readonly shuffled?: boolean;
}

const passOver = (length: number, { pass = 0, seed = 1, ...rest }: Options): WindowedPass =>
  new WindowedPass(text(length), { special, seed, pass, ...rest });

const windowsOf = (pass: WindowedPass): Int32Array[] =>
  Array.from({ length: pass.count }, (_, i) => pass.ids(i));
/** Where each window begins in the text. */
const startsOf = (length: number, options: Options): number[] =>
  windowsOf(passOver(length, options)).map((ids) => ids[1] ?? -1);

const arb = fc
  .record({ window: fc.integer({ min: FRAME + 1, max: 40 }), more: fc.nat(300), seed: fc.nat(1e6) })
  .map(({ window, more, seed }) => ({ window, seed, length: window - FRAME + more }));

describe('a pass', () => {
  test('has full windows that follow one another in the text, each once, and all of it but for less than two', () => {
    fc.assert(
      fc.property(arb, fc.nat(5), fc.boolean(), ({ length, ...options }, pass, shuffled) => {
        const inside = options.window - FRAME;
        const windows = windowsOf(passOver(length, { ...options, pass, shuffled }));
        for (const ids of windows) {
          expect(ids).toHaveLength(options.window);
          expect([ids[0], ids.at(-1)]).toEqual([special.cls, special.sep]);
          expect([...ids.subarray(1, -1)]).toEqual(
            Array.from({ length: inside }, (_, i) => (ids[1] ?? -1) + i),
          );
        }
        const starts = windows.map((ids) => ids[1] ?? -1).sort((a, b) => a - b);
        const [first = -1] = starts;
        expect(starts).toEqual(starts.map((_, i) => first + i * inside));
        const left = length - starts.length * inside;
        expect(first).toBeLessThan(inside);
        expect(left - first).toBeLessThan(inside);
      }),
      { numRuns: 300 },
    );
  });

  test('that is not shuffled begins at the first piece and goes on in order', () => {
    expect(startsOf(33, { window: 12, shuffled: false })).toEqual([0, 10, 20]);
  });
});

test('passes and seeds have orders and borders of their own, and the same ones every time', () => {
  const options = { window: 32 };
  const passes = [0, 1, 2, 3].map((pass) => startsOf(3000, { ...options, pass }));
  const others = [2, 3].map((seed) => startsOf(3000, { ...options, seed }));
  const all = [...passes, ...others];
  const borders = all.map((starts) => Math.min(...starts));
  expect(new Set(borders).size).toBeGreaterThan(3);
  expect(new Set(all.map((starts) => starts.map((at) => Math.floor(at / 30)).join())).size).toBe(all.length);
  expect(startsOf(3000, { ...options, pass: 2 })).toEqual(passes[2]);
  // Shuffled well: few windows follow the one that they follow in the text.
  const [first = []] = passes;
  expect(first.filter((at, i) => at === (first[i - 1] ?? 0) + 30).length).toBeLessThan(8);
});

test('borders lie everywhere', () => {
  const borders = new Set(
    Array.from({ length: 200 }, (_, pass) => Math.min(...startsOf(100, { window: 10, pass }))),
  );
  expect([...borders].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a text of one window, of one piece less, and of one more', () => {
  const counts = [10, 9, 11].map((length) => passOver(length, { window: 12 }).count);
  expect(counts).toEqual([1, 0, 1]);
  expect(startsOf(10, { window: 12 })).toEqual([0]);
  const either = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((pass) => startsOf(11, { window: 12, pass }));
  expect(new Set(either)).toEqual(new Set([0, 1]));
});
