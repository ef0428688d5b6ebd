import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { type EncodedDocument, encodePieces, type PieceOptions } from '../../src/features/encode.ts';
import { windows } from '../../src/features/windows.ts';
import {
  A,
  arbDocument,
  B,
  C,
  cls,
  D,
  documentOf,
  encodeWith,
  NOTHING,
  sep,
  STOP,
  unk,
  wordPiece,
  Y,
  Z,
} from './documents.ts';

const corrected = encodeWith({ mode: 'corrected' });
const faithful = encodeWith({ mode: 'faithful' });

const encode = (doc: Document, options: PieceOptions) => {
  const { sequences, entities, states } = encodePieces(doc, options);
  return { sequences: sequences.map((ids) => [...ids]), entities: entities.map(row), states };
};
/** Place to weight, rounded. */
const row = ({ states, weights, lost }: EncodedDocument['entities'][number]) => ({
  weights: Object.fromEntries([...states].map((at, i) => [at, Math.round((weights[i] ?? 0) * 1e6) / 1e6])),
  lost: lost.map(([word, weight]) => [word, Math.round(weight * 1e6) / 1e6]),
});
const weightsOf = (doc: Document, options: PieceOptions) =>
  encode(doc, options).entities.map((entity) => entity.weights);

describe('corrected', () => {
  test('by hand: the mean over mentions of the mean over words, each by its first piece', () => {
    const doc = documentOf(
      [
        ['a', 'byz', 'c'],
        ['quux', 'ay', '.'],
      ],
      [
        [0, 1, 3],
        [1, 1, 2],
      ],
      [[1, 0, 1]],
    );
    expect(encode(doc, corrected)).toEqual({
      sequences: [[cls, A, B, Y, Z, C, unk, A, Y, STOP, sep]],
      //            0   1  2  3  4  5   6    7  8   9    10
      entities: [
        { weights: { 2: 0.25, 5: 0.25, 7: 0.5 }, lost: [] },
        { weights: { 6: 1 }, lost: [] },
      ],
      states: 6,
    });
  });

  test('mentions that repeat or overlap add up', () => {
    const doc = documentOf(
      [['a', 'b', 'c']],
      [
        [0, 0, 1],
        [0, 0, 1],
      ],
      [
        [0, 0, 2],
        [0, 1, 2],
      ],
    );
    expect(weightsOf(doc, corrected)).toEqual([{ 1: 1 }, { 1: 0.25, 2: 0.75 }]);
  });

  test('a word without a piece takes the piece before it, the first word [CLS] or the first piece', () => {
    const doc = documentOf(
      [
        [NOTHING, 'ay'],
        [NOTHING, 'b'],
      ],
      [[0, 0, 1]],
      [[1, 0, 1]],
      [[1, 0, 2]],
    );
    // Places: [CLS] 0, a 1, ##y 2, b 3.
    expect(weightsOf(doc, corrected)).toEqual([{ 1: 1 }, { 2: 1 }, { 2: 0.5, 3: 0.5 }]);
    expect(weightsOf(documentOf([[NOTHING]], [[0, 0, 1]]), corrected)).toEqual([{ 0: 1 }]);
  });

  test('special tokens in the text are text', () => {
    const { sequences } = encode(documentOf([['[CLS]', '[SEP]', '[MASK]']]), corrected);
    expect(sequences[0]?.slice(1, -1).every((id) => id === unk)).toBe(true);
    expect(sequences[0]?.length).toBeGreaterThan(4);
  });

  test('a word in two windows takes the mean of its two states', () => {
    // 8 pieces, windows of 6: [0, 6) and [2, 8). Word 3 stands at 1 + 3 in the first, at 8 + 1 + 1 in the second.
    const doc = documentOf([['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']], [[0, 3, 4]], [[0, 7, 8]], [[0, 0, 4]]);
    const { sequences, entities } = encode(doc, encodeWith({ mode: 'corrected', positions: 8 }));
    expect(sequences).toEqual([
      [cls, A, B, C, D, A, B, sep],
      [cls, C, D, A, B, C, D, sep],
    ]);
    expect(entities.map((entity) => entity.weights)).toEqual([
      { 4: 0.5, 10: 0.5 },
      { 14: 1 },
      { 1: 0.25, 2: 0.25, 3: 0.125, 9: 0.125, 4: 0.125, 10: 0.125 },
    ]);
  });

  test('sequences keep to the limit; weights sum to 1 and lie where the words are', () => {
    const arbCase = fc.record({
      doc: arbDocument({ sentences: 6, words: 20 }),
      positions: fc.constantFrom(4, 7, 16, 64, 512),
    });
    fc.assert(
      fc.property(arbCase, ({ doc, positions }) => {
        expect(checkCorrected(doc, positions)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  test('so they do in documents of more than 512 pieces', () => {
    fc.assert(
      fc.property(arbDocument({ sentences: 60, words: 60 }), fc.nat(3), (doc, copies) => {
        const sents = Array.from({ length: 20 * (copies + 1) }, () => doc.sents.flat());
        const long = { ...doc, sents: [...doc.sents, ...sents].slice(0, 120) };
        const pieces = checkCorrected(long, 512);
        fc.pre(pieces > 512);
        expect(encodePieces(long, corrected).sequences.length).toBeGreaterThan(1);
      }),
      { numRuns: 15 },
    );
  });
});

/** @returns the number of pieces without [CLS] and [SEP] */
function checkCorrected(doc: Document, positions: number): number {
  const encoded = encodePieces(doc, encodeWith({ mode: 'corrected', positions }));
  const pieces = doc.sents.flat().map((text) => [...wordPiece.pieces(text)]);
  const count = pieces.flat().length;
  const spans = windows(count, positions - 2);
  expect(encoded.sequences.map((ids) => [...ids])).toEqual(
    spans.map(({ from, to }) => [cls, ...pieces.flat().slice(from, to), sep]),
  );
  expect(Math.max(...encoded.sequences.map((ids) => ids.length))).toBeLessThanOrEqual(positions);

  // Every piece's number in the document, at its place in the sequences one after the other.
  const placed = spans.flatMap(({ from, to }) => [
    -1,
    ...Array.from({ length: to - from }, (_, i) => from + i),
    -1,
  ]);
  const starts = sentenceOffsets(doc);
  doc.vertexSet.forEach((mentions, e) => {
    const { states: places, weights, lost } = encoded.entities[e] as EncodedDocument['entities'][number];
    expect(lost).toEqual([]);
    expect(Math.abs([...weights].reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-5);
    expect(new Set(places).size).toBe(places.length);
    // The entity's vector, where the state of piece p (in whichever window) is the number p.
    const own = [...places].reduce((sum, at, i) => sum + (weights[i] ?? 0) * (placed[at] ?? Number.NaN), 0);
    const words = mentions.map(({ sent_id, pos: [start, end] }) =>
      Array.from({ length: end - start }, (_, i) => (starts[sent_id] ?? 0) + start + i),
    );
    const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const before = (word: number): number => pieces.slice(0, word).flat().length;
    const stateOf = (word: number): number =>
      count === 0 ? -1 : pieces[word]?.length === 0 ? Math.max(0, before(word) - 1) : before(word);
    expect(own).toBeCloseTo(mean(words.map((mention) => mean(mention.map(stateOf)))), 2);
  });
  return count;
}

function sentenceOffsets(doc: Document): number[] {
  return doc.sents.map((_, i) => doc.sents.slice(0, i).flat().length);
}

describe('faithful', () => {
  test('agrees with corrected where nothing is odd', () => {
    const doc = documentOf(
      [['ay', 'b', 'cyyyz', 'd']],
      [[0, 1, 3]],
      [[0, 0, 1]],
      [
        [0, 0, 1],
        [0, 2, 4],
      ],
    );
    expect(encode(doc, faithful)).toEqual(encode(doc, corrected));
  });

  test('weights of mentions that repeat or overlap overwrite each other: they sum to less than 1', () => {
    const doc = documentOf(
      [['a', 'b', 'c']],
      [
        [0, 0, 1],
        [0, 0, 1],
      ],
      [
        [0, 0, 2],
        [0, 1, 2],
      ],
      [
        [0, 1, 2],
        [0, 0, 2],
      ],
    );
    expect(weightsOf(doc, faithful)).toEqual([{ 1: 0.5 }, { 1: 0.25, 2: 0.5 }, { 1: 0.25, 2: 0.25 }]);
  });

  test('words that share a start collapse, and all later words read the state of the next', () => {
    // Starts 1, 2, 2, 3: three states for four words.
    const doc = documentOf([['a', NOTHING, 'b', 'c']], [[0, 0, 1]], [[0, 1, 2]], [[0, 2, 3]], [[0, 3, 4]]);
    const { entities, states } = encode(doc, faithful);
    expect(states).toBe(3);
    expect(entities.map((entity) => entity.weights)).toEqual([{ 1: 1 }, { 2: 1 }, { 3: 1 }, {}]);
    expect(entities[3]?.lost).toEqual([[3, 1]]);
  });

  test('a document is cut at 509 pieces; words past the cut but the first are lost', () => {
    const words = ['a', ...Array.from({ length: 300 }, () => 'ay')];
    const doc = documentOf([words], [[0, 254, 255]], [[0, 255, 256]], [[0, 255, 259]]);
    const { sequences, entities, states } = encode(doc, faithful);
    expect(sequences).toHaveLength(1);
    expect(sequences[0]).toHaveLength(511);
    expect([sequences[0]?.[0], sequences[0]?.[509], sequences[0]?.[510]]).toEqual([cls, Y, sep]);
    // Word 254 starts at 508, its second piece at 509 is the last one: the first word past the cut reads that.
    expect(states).toBe(256);
    expect(entities).toEqual([
      { weights: { 508: 1 }, lost: [] },
      { weights: { 509: 1 }, lost: [] },
      {
        weights: { 509: 0.25 },
        lost: [
          [256, 0.25],
          [257, 0.25],
          [258, 0.25],
        ],
      },
    ]);
  });

  test('where the last piece begins a word, every word past the cut is lost', () => {
    const doc = documentOf([Array.from({ length: 600 }, () => 'a')], [[0, 508, 510]]);
    const { entities, states } = encode(doc, faithful);
    expect(states).toBe(509);
    expect(entities).toEqual([{ weights: { 509: 0.5 }, lost: [[509, 0.5]] }]);
  });

  test('an encoder that takes less than 511 pieces gets what it takes', () => {
    fc.assert(
      fc.property(arbDocument(), fc.integer({ min: 3, max: 40 }), (doc, positions) => {
        const { sequences, entities } = encodePieces(doc, encodeWith({ mode: 'faithful', positions }));
        expect(sequences).toHaveLength(1);
        expect(sequences[0]?.length).toBeLessThanOrEqual(positions);
        for (const { states } of entities) {
          for (const at of states) expect(at).toBeLessThan(sequences[0]?.length ?? 0);
        }
      }),
    );
  });

  test('weights, lost ones included, never sum to more than 1, and to 1 where no mention overlaps', () => {
    fc.assert(
      fc.property(arbDocument(), (doc) => {
        const starts = sentenceOffsets(doc);
        encodePieces(doc, faithful).entities.forEach(({ weights, lost }, e) => {
          const sum = [...weights, ...lost.map(([, weight]) => weight)].reduce((a, b) => a + b, 0);
          const words = (doc.vertexSet[e] ?? []).flatMap(({ sent_id, pos: [start, end] }) =>
            Array.from({ length: end - start }, (_, i) => (starts[sent_id] ?? 0) + start + i),
          );
          const overlaps = new Set(words).size < words.length;
          expect(sum).toBeLessThan(1 + 1e-6);
          expect(sum > 1 - 1e-6).toBe(!overlaps);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('sentence-cls', () => {
  test('replaces the last word of every sentence by [CLS], in both modes', () => {
    const doc = documentOf([['a', 'byz'], ['c'], ['d', '.']], [[0, 1, 2]], [[2, 0, 2]]);
    for (const mode of ['corrected', 'faithful'] as const) {
      const { sequences, entities } = encode(doc, encodeWith({ mode, text: 'sentence-cls' }));
      expect(sequences).toEqual([[cls, A, cls, cls, D, cls, sep]]);
      expect(entities.map((entity) => entity.weights)).toEqual([{ 2: 1 }, { 4: 0.5, 5: 0.5 }]);
    }
  });

  test('gives a piece to a last word that had none', () => {
    const doc = documentOf([['a', NOTHING], ['b']], [[0, 1, 2]]);
    expect(encode(doc, encodeWith({ mode: 'faithful', text: 'sentence-cls' }))).toEqual({
      sequences: [[cls, A, cls, cls, sep]],
      entities: [{ weights: { 2: 1 }, lost: [] }],
      states: 3,
    });
  });
});
