import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { chunks } from '../../web/model/chunks.ts';
import { pieces, type Place } from '../../web/model/pieces.ts';

/** Places in a text of 40 characters, in the order in which a text has them. */
const arbPlaces = fc
  .array(fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 12 })), { maxLength: 12 })
  .map((spans) =>
    spans
      .map(([start, length], entity): Place => ({
        entity,
        mention: 0,
        start,
        end: Math.min(40, start + length),
      }))
      .sort((a, b) => a.start - b.start || b.end - a.end),
  );

describe('pieces', () => {
  test('cover the range once, in order, and know every mention that covers them', () => {
    fc.assert(
      fc.property(arbPlaces, fc.nat(20), fc.integer({ min: 1, max: 20 }), (places, start, length) => {
        const end = start + length;
        const cut = pieces(places, start, end);
        expect(cut[0]?.start).toBe(start);
        expect(cut.at(-1)?.end).toBe(end);
        expect(cut.slice(1).map((piece) => piece.start)).toEqual(cut.slice(0, -1).map((piece) => piece.end));
        for (const piece of cut) {
          expect(piece.end).toBeGreaterThan(piece.start);
          for (let at = piece.start; at < piece.end; at++) {
            const covering = places.filter((place) => place.start <= at && at < place.end);
            expect(new Set(piece.places)).toEqual(new Set(covering));
          }
        }
      }),
    );
  });

  test('name the shortest mention first', () => {
    const outer = { entity: 0, mention: 0, start: 0, end: 20 };
    const inner = { entity: 1, mention: 0, start: 5, end: 9 };
    const shown = pieces([outer, inner], 0, 20).map(({ start, end, places }) => [
      start,
      end,
      places[0]?.entity,
    ]);
    expect(shown).toEqual([
      [0, 5, 0],
      [5, 9, 1],
      [9, 20, 0],
    ]);
  });
});

test('blocks of a text are all of it, and no block is endless', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(30), fc.boolean()), { maxLength: 400 }), (lengths) => {
      let text = '';
      const sentences = lengths.map(([length, line]): [number, number] => {
        text += line ? '\n' : ' ';
        const start = text.length;
        text += 'x'.repeat(length + 1);
        return [start, text.length];
      });
      const blocks = chunks(text, sentences);
      expect(blocks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
      expect(blocks.flatMap(({ first, last }) => sentences.slice(first, last))).toEqual(sentences);
      for (const { first, last, start, end } of blocks) {
        expect(last - first).toBeLessThanOrEqual(80);
        for (const [from, to] of sentences.slice(first, last)) {
          expect(from).toBeGreaterThanOrEqual(start);
          expect(to).toBeLessThanOrEqual(end);
        }
      }
    }),
  );
});
