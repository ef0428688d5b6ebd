import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadDocuments } from '../../src/data/read.ts';
import { MAX_TEXT_CHARACTERS } from '../../src/text/limits.ts';
import { segmentText } from '../../src/text/segment.ts';
import { hasShared, shared } from '../shared.ts';
import { agreement, plainText } from './plain-docred.ts';
import { expectSound } from './sound.ts';
import { arbText } from './unicode.ts';

const sentences = (text: string): string[] =>
  segmentText({ text, title: 'T' }).doc.sents.map((words) => words.join(' '));
const words = (text: string): string => sentences(text).join(' ¦ ');

describe('any text', () => {
  it('has each of its characters in exactly one word, and each word whole characters', () => {
    fc.assert(
      fc.property(arbText, (text) => {
        const document = segmentText({ text, title: 'T' });
        const covered = expectSound(document);
        const graphemes = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)];
        const borders = new Set([...graphemes.map(({ index }) => index), text.length]);
        for (const [start, end] of document.words.flat()) {
          expect([borders.has(start), borders.has(end)]).toEqual([true, true]);
        }
        const white = /^[\p{White_Space}\ufeff]+$/u;
        const left = [...text.matchAll(/[^]/g)].filter(
          ({ 0: unit, index }) => !white.test(unit) && !covered.has(index),
        );
        expect(left).toEqual([]);
        // Whitespace is in a word only together with a mark that it carries.
        expect(graphemes.filter(({ segment, index }) => white.test(segment) && covered.has(index))).toEqual(
          [],
        );
      }),
      { numRuns: 800 },
    );
  });

  it('may be long, without a space or an end: words and sentences stay bounded', () => {
    for (const text of [
      'a'.repeat(30_000),
      '.'.repeat(30_000),
      'x '.repeat(9000),
      '👩‍👩‍👧'.repeat(3000),
      'A. '.repeat(9000),
    ]) {
      const document = segmentText({ text, title: 'T' });
      const covered = expectSound(document);
      expect(covered.size).toBe(text.replaceAll(' ', '').length);
      expect(Math.max(...document.doc.sents.flat().map(({ length }) => length))).toBeLessThanOrEqual(1000);
    }
    // One character may be longer than any bound.
    expect(segmentText({ text: `a${'\u0301'.repeat(9000)}b c`, title: 'T' }).doc.sents.flat()).toHaveLength(
      3,
    );
  });

  it('is refused where it is too long', () => {
    const text = ' '.repeat(MAX_TEXT_CHARACTERS + 1);
    expect(() => segmentText({ text, title: 'T' })).toThrow(expect.objectContaining({ code: 'E_TEXT' }));
  });

  it('may be empty', () => {
    expect(segmentText({ text: ' \r\n\ufeff', title: 'T' }).doc).toEqual({
      title: 'T',
      sents: [],
      vertexSet: [],
    });
  });
});

describe('sentences', () => {
  it.each([
    ['J. R. R. Tolkien met Dr. Smith. He left.', 2],
    ['The U.S. Army moved. It won.', 2],
    ['He lives in the U.S. The army moved.', 2],
    ['It peaked at No. 5 in the chart. She said no. He left.', 3],
    ['Acme Inc. Chairman Bell (c. 1900) v. St. Paul, e.g. Oxford.', 1],
    ['He died on Oct. 5, 1900. It rained.', 2],
    ['He wrote "Fire."[1][2] She did not.', 2],
    ['One line\nand the next one. Two.', 2],
    ['A title\n\nA text. With two.', 3],
    ['Things:\n- one\n- two\n1. three', 4],
    ['日本語です。東京です。', 2],
  ])('%j: %i', (text, count) => {
    expect(sentences(text)).toHaveLength(count);
  });

  it('end with the line where lines are paragraphs', () => {
    expect(sentences(`A heading\n${'word '.repeat(60)}\nAnother`)).toHaveLength(3);
  });
});

describe('words', () => {
  it.each([
    ["Curie's men didn't pay $1,234.5.", "Curie 's men did n't pay $ 1,234.5 ."],
    [
      'The Franco-Prussian War (1870-71), an 8-year plan',
      'The Franco - Prussian War ( 1870 - 71 ) , an 8-year plan',
    ],
    ['J. Smith of Acme Inc. in the U.S. plays R&B...', 'J. Smith of Acme Inc. in the U.S. plays R&B ...'],
    ['World War I.', 'World War I .'],
    ['It rained.Then it stopped', 'It rained . Then it stopped'],
    ['the players’ O’Hare', 'the players ’ O’Hare'],
  ])('%j', (text, expected) => {
    expect(words(text)).toBe(expected);
  });
});

describe.skipIf(!hasShared)('DocRED, put together to text', () => {
  it('comes out as nearly the same words, sentences and mentions', async () => {
    const docs = await loadDocuments(shared('data/docred/dev.json'));
    const { words, sentenceEnds, precision, mentions } = agreement(
      docs.map((doc) => {
        const gold = plainText(doc);
        return { gold, found: segmentText({ text: gold.text, title: doc.title }) };
      }),
    );
    expect(mentions).toBeGreaterThan(0.995);
    expect(words).toBeGreaterThan(0.995);
    expect(sentenceEnds).toBeGreaterThan(0.97);
    expect(precision).toBeGreaterThan(0.99);
  });
});
