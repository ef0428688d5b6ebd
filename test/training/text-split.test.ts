import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TextSplit, type PieceSink } from '../../src/training/text-split.ts';

const SEPARATOR = 3;
const PART = 4096;

class Sink implements PieceSink {
  readonly ids: number[] = [];

  get length(): number {
    return this.ids.length;
  }

  add(id: number): void {
    this.ids.push(id);
  }
}

/** What becomes of documents, each the pieces of its words. */
function split(documents: readonly (readonly (readonly number[])[])[]): {
  train: readonly number[];
  heldOut: readonly number[];
  documents: number;
} {
  const [train, heldOut] = [new Sink(), new Sink()];
  const text = new TextSplit({ train, heldOut, separator: SEPARATOR });
  for (const words of documents) {
    for (const word of words) text.add(Int32Array.from(word));
    text.endDocument();
  }
  return { train: train.ids, heldOut: heldOut.ids, documents: text.documents };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const single = (from: number, to: number): number[][] => range(from, to).map((id) => [id]);

describe('TextSplit', () => {
  it('holds out the tenth of short documents, with a separator between documents that follow each other', () => {
    const documents = range(0, 12).map((i) => [[10 + i], range(0, 127).map(() => 50 + i)]);
    const found = split(documents);
    const train = documents.filter((_, i) => i !== 9).flatMap((doc) => [...doc.flat(), SEPARATOR]);
    expect(found).toEqual({ train: train.slice(0, -1), heldOut: documents[9]?.flat(), documents: 12 });
  });

  it('holds out those after it where it is very short', () => {
    const documents = range(0, 100).map((i) => [[10 + i, ...range(0, 29).map(() => 5)]]);
    const found = split(documents);
    // Five of 30 pieces and the separators between them are the first to have 128.
    const held = documents.slice(9, 14).flatMap((doc) => [...doc.flat(), SEPARATOR]);
    expect(found.heldOut).toEqual(held.slice(0, -1));
    expect(found.train).toHaveLength(95 * 31 - 1);
  });

  it('counts 4,096 pieces of a long document as one part, and parts what a held-out part parted', () => {
    const pieces = 12 * PART + 100;
    const found = split([single(10, 10 + pieces), [[5]]]);
    const [from, to] = [10 + 9 * PART, 10 + 10 * PART];
    expect(found.documents).toBe(2);
    expect(found.heldOut).toEqual(range(from, to));
    expect(found.train).toEqual([...range(10, from), SEPARATOR, ...range(to, 10 + pieces), SEPARATOR, 5]);
  });

  it('ends a part between words', () => {
    const word = [7, 8, 9];
    const found = split([...range(0, 9).map(() => [[1]]), Array.from({ length: 1400 }, () => word)]);
    // 1,365 words are 4,095 pieces: another one does not fit in.
    expect(found.heldOut).toHaveLength(1365 * 3);
    expect(found.train.slice(-4)).toEqual([9, 7, 8, 9]);
    expect(found.train).toHaveLength(9 + 8 + 1 + 35 * 3);
  });

  it('leaves out documents without pieces, and begins with no separator', () => {
    expect(split([[], [[]], [[6]], [], [[], [7]]])).toEqual({
      train: [6, SEPARATOR, 7],
      heldOut: [],
      documents: 2,
    });
  });

  it('holds out one part of 200 until 2^16 pieces are', () => {
    const documents = range(0, 40 * 200).map((i) => [range(0, i % 200 === 9 ? 4000 : 1).map(() => 10 + i)]);
    const { heldOut } = split(documents);
    const held = [...new Set(heldOut)].filter((id) => id !== SEPARATOR);
    // 17 parts of 4,000 pieces are the first to have 2^16.
    expect(held).toEqual(range(0, 17).map((i) => 10 + 9 + 200 * i));
    expect(heldOut).toHaveLength(17 * 4000 + 16);
  });

  it('loses no piece, makes none and keeps their order', () => {
    const arbWord = fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 3 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1000, max: 5000 }) },
    );
    const arbDocuments = fc.array(fc.array(arbWord, { maxLength: 12 }), { maxLength: 30 });
    fc.assert(
      fc.property(arbDocuments, (lengths) => {
        let next = SEPARATOR + 1;
        const documents = lengths.map((doc) => doc.map((length) => range(next, (next += length))));
        const { train, heldOut } = split(documents);
        const isAscending = (ids: readonly number[]): boolean =>
          ids.every((id, i) => i === 0 || (ids[i - 1] ?? 0) < id);
        const pieces = [train, heldOut].map((ids) => ids.filter((id) => id !== SEPARATOR));
        expect(pieces.map(isAscending)).toEqual([true, true]);
        expect(pieces.flat().sort((a, b) => a - b)).toEqual(documents.flat(2));
        for (const ids of [train, heldOut]) {
          // A separator stands exactly where pieces follow that did not follow each other, or another document begins.
          const begins = new Set(documents.flatMap((doc) => doc.flat()[0] ?? []));
          const expected = ids
            .filter((id) => id !== SEPARATOR)
            .flatMap((id, i, all) =>
              i > 0 && (begins.has(id) || all[i - 1] !== id - 1) ? [SEPARATOR, id] : [id],
            );
          expect(ids).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });
});
