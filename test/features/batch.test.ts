import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { buildBatch, type Item } from '../../src/features/batch.ts';
import { distanceRows } from '../../src/features/distance.ts';
import type { Mode } from '../../src/features/encode.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { allPairs } from '../../src/features/task.ts';
import { arbDocument, documentOf, encodeWith, relations } from './documents.ts';

const arbItems = (mode: Mode): fc.Arbitrary<Item[]> =>
  fc
    .array(
      fc.record({ doc: arbDocument(), keep: fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }) }),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((docs) =>
      docs.map(({ doc, keep }) => {
        const features = documentFeatures(doc, relations, encodeWith({ mode, positions: 24 }));
        return { features, pairs: allPairs(features).filter((_, i) => keep[i]) };
      }),
    );

describe('buildBatch', () => {
  test('maps lead from rows to the padded block and back; padding points past the rows', () => {
    fc.assert(
      fc.property(arbItems('corrected'), fc.integer({ min: 1, max: 3 }), (items, heads) => {
        const { sizes, floats, integers } = buildBatch(items, { heads, faithful: false });
        const { N, U, T, B, E, M, P } = sizes;
        const sequences = items.flatMap(({ features }) => features.sequences);
        expect([U, N, T]).toEqual([
          sequences.length,
          sequences.reduce((sum, ids) => sum + ids.length, 0),
          Math.max(...sequences.map((ids) => ids.length)),
        ]);
        expect([B, E, M, P]).toEqual([
          items.length,
          items.reduce((sum, { features }) => sum + features.entities.length, 0),
          Math.max(...items.map(({ features }) => features.entities.length)),
          items.reduce((sum, { pairs }) => sum + pairs.length, 0),
        ]);
        const maps = { heads: [N * heads, U * heads * T], entities: [E, B * M] } as const;
        for (const [name, [rows, places]] of Object.entries(maps)) {
          const { toPadded, toRows } = {
            toPadded: integers[`${name}ToPadded`]?.data ?? [],
            toRows: integers[`${name}ToRows`]?.data ?? [],
          };
          expect([toRows.length, toPadded.length]).toEqual([rows, places]);
          expect([...toRows].map((place) => toPadded[place])).toEqual(
            Array.from({ length: rows }, (_, i) => i),
          );
          expect([...toPadded].filter((row) => row === rows)).toHaveLength(places - rows);
        }

        // Pieces by place: row n H + h is head h of piece n of sequence u at t, unmasked; all else is masked.
        let row = 0;
        const mask = floats['mask']?.data ?? [];
        sequences.forEach((ids, u) => {
          for (let t = 0; t < T; t++) {
            expect(mask[u * T + t]).toBe(t < ids.length ? 0 : -1e9);
            if (t >= ids.length) continue;
            expect([integers['pieces']?.data[row], integers['positions']?.data[row]]).toEqual([ids[t], t]);
            for (let h = 0; h < heads; h++) {
              expect(integers['headsToPadded']?.data[(u * heads + h) * T + t]).toBe(row * heads + h);
            }
            row++;
          }
        });
        for (const { shape, data } of [...Object.values(floats), ...Object.values(integers)]) {
          expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
        }
      }),
    );
  });

  test('weights and pairs are those of the documents, at the offsets of the batch', () => {
    fc.assert(
      fc.property(arbItems('corrected'), (items) => {
        const { sizes, floats, integers } = buildBatch(items, { heads: 2, faithful: false });
        const { N, M } = sizes;
        const weights = floats['entityWeights']?.data ?? new Float32Array(0);
        let [entity, piece, p] = [0, 0, 0];
        items.forEach(({ features, pairs }, b) => {
          features.entities.forEach((row, e) => {
            const expected = new Float32Array(N);
            row.pieces.forEach((at, i) => (expected[piece + at] = row.weights[i] ?? 0));
            expect(weights.slice((entity + e) * N, (entity + e + 1) * N)).toEqual(expected);
          });
          for (const { head, tail } of pairs) {
            const read = (name: string): number => integers[name]?.data[p] ?? -1;
            const rows = distanceRows(features.firstWords[head] ?? 0, features.firstWords[tail] ?? 0);
            expect(read('entityEntity')).toBe(b * M * M + head * M + tail);
            expect(read('entityDistance')).toBe((entity + head) * 20 + rows.tail);
            expect(read('distanceEntity')).toBe((entity + tail) * 20 + rows.head);
            expect(read('distanceDistance')).toBe(rows.head * 20 + rows.tail);
            p++;
          }
          entity += features.entities.length;
          piece += features.pieces;
        });
        expect(floats['lostWeights']).toBeUndefined();
      }),
    );
  });

  test('faithful: lost words read -1 up to the most states of the batch, then 0', () => {
    const options = encodeWith({ mode: 'faithful', positions: 12 });
    const item = (words: readonly string[], ...entities: (readonly [number, number, number])[]): Item => {
      const doc = documentOf([words], ...entities.map((mention) => [mention]));
      return { features: documentFeatures(doc, relations, options), pairs: [] };
    };
    // Room for 10 pieces. States of the first: 1, 4, 7, and 10 for the fourth word and all that are cut.
    const long = item(
      Array.from({ length: 12 }, () => 'byz'),
      [0, 0, 1],
      [0, 3, 12],
    );
    const short = item(
      Array.from({ length: 10 }, () => 'a'),
      [0, 0, 10],
    );
    expect([long.features.states, short.features.states]).toEqual([4, 10]);
    const lost = (items: readonly Item[]): number[][] => {
      const data = [...(buildBatch(items, { heads: 1, faithful: true }).floats['lostWeights']?.data ?? [])];
      return Array.from({ length: data.length / 2 }, (_, e) => data.slice(2 * e, 2 * e + 2));
    };
    const ninth = Math.fround(1 / 9);
    // Words 4 to 11 of nine are lost. Alone they all read 0; beside ten states, words 4 to 9 read -1.
    expect(lost([long])[0]).toEqual([0, 0]);
    expect(lost([long])[1]?.[0]).toBe(0);
    expect(lost([long])[1]?.[1]).toBeCloseTo(8 * ninth, 6);
    const both = lost([short, long]);
    expect(both[0]).toEqual([0, 0]);
    expect(both[2]?.[0]).toBeCloseTo(6 * ninth, 6);
    expect(both[2]?.[1]).toBeCloseTo(2 * ninth, 6);
  });
});
