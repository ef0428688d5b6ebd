/** Sequences of a tagger: every word once, in order, within the limits. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type TagSequence, tagSequences } from '../../src/features/tag-sequences.ts';
import { AFFIXES, affixRows, wordShape } from '../../src/features/word-surface.ts';
import { wordVocabulary } from '../../src/text/words.ts';
import { A, arbDocument, B, C, cls, documentOf, NOTHING, sep, unk, wordPiece, Y, Z } from './documents.ts';

const pieces = (positions: number) => ({ reads: 'pieces', wordPiece, positions }) as const;
const words = { reads: 'words', vocabulary: wordVocabulary(['[BLANK]', '[UNK]', 'a', 'b']) } as const;
const idsOf = (sequences: readonly TagSequence[]): number[][] => sequences.map(({ ids }) => [...ids]);

describe('pieces', () => {
  test('are cut between sentences, and a sentence that is too long between words', () => {
    const doc = documentOf([['a', 'byz'], ['c'], ['ay', 'b', 'a', 'b']]);
    expect(idsOf([...tagSequences(doc, pieces(100))])).toEqual([[cls, A, B, Y, Z, C, A, Y, B, A, B, sep]]);
    const short = [...tagSequences(doc, pieces(7))];
    expect(idsOf(short)).toEqual([
      [cls, A, B, Y, Z, C, sep],
      [cls, A, Y, B, A, B, sep],
    ]);
    expect(short.map(({ first }) => first)).toEqual([0, 3]);
    expect(short.map(({ states }) => [...states])).toEqual([
      [1, 2, 5],
      [1, 3, 4, 5],
    ]);
    expect(idsOf([...tagSequences(doc, pieces(5))])).toEqual([
      [cls, A, sep],
      [cls, B, Y, Z, sep],
      [cls, C, sep],
      [cls, A, Y, B, sep],
      [cls, A, B, sep],
    ]);
  });

  test('of a word are cut where it alone is too long', () => {
    expect(idsOf([...tagSequences(documentOf([['byz']]), pieces(4))])).toEqual([[cls, B, Y, sep]]);
  });

  test('a word without one takes the state before it, or the first', () => {
    const [only] = [...tagSequences(documentOf([[NOTHING, 'ay', NOTHING, 'b']]), pieces(50))];
    expect([...(only?.states ?? [])]).toEqual([1, 1, 2, 3]);
    const [none] = [...tagSequences(documentOf([[NOTHING, NOTHING]]), pieces(50))];
    expect([...(none?.ids ?? [])]).toEqual([cls, sep]);
    expect([...(none?.states ?? [])]).toEqual([0, 0]);
  });
});

test('words are looked up, and each is its own state', () => {
  const [only] = [...tagSequences(documentOf([['a', 'zz'], ['B']]), words)];
  expect([...(only?.ids ?? [])]).toEqual([2, 1, 3]);
  expect([...(only?.states ?? [])]).toEqual([0, 1, 2]);
  expect(unk).toBe(1);
});

test('a document without sentence ends is cut too', () => {
  const doc = documentOf([Array.from({ length: 5000 }, () => 'a')]);
  const sequences = [...tagSequences(doc, words)];
  expect(sequences.map(({ ids }) => ids.length)).toEqual([1024, 1024, 1024, 1024, 904]);
});

test('every word is in one sequence, with its own writing, and no sequence is longer than the encoder takes', () => {
  fc.assert(
    fc.property(
      arbDocument({ sentences: 6, words: 20 }),
      fc.integer({ min: 6, max: 40 }),
      (doc, positions) => {
        const all = doc.sents.flat();
        for (const options of [pieces(positions), words]) {
          let next = 0;
          for (const { ids, states, shapes, affixes, first } of tagSequences(doc, options)) {
            expect(first).toBe(next);
            const own = all.slice(first, first + states.length);
            next += own.length;
            expect([...shapes]).toEqual(own.map(wordShape));
            expect([...affixes]).toEqual(own.flatMap(affixRows));
            expect(affixes.length).toBe(AFFIXES * own.length);
            expect(ids.length).toBeLessThanOrEqual(options.reads === 'pieces' ? positions : Infinity);
            for (const state of states) expect(state).toBeLessThan(ids.length);
            own.forEach((word, w) => {
              const expected =
                options.reads === 'pieces' ? wordPiece.pieces(word)[0] : words.vocabulary.id(word);
              const id = ids[states[w] ?? -1];
              expect(id).toBe(expected ?? id);
            });
          }
          expect(next).toBe(all.length);
        }
      },
    ),
  );
});
