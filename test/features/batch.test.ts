import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Batch, buildBatch, type BatchForm, type Item, wholeOf } from '../../src/features/batch.ts';
import { distanceRows } from '../../src/features/distance.ts';
import type { Mode } from '../../src/features/encode.ts';
import { documentFeatures, type EncodeOptions } from '../../src/features/features.ts';
import { allPairs } from '../../src/features/task.ts';
import { RESERVED_WORDS, wordVocabulary } from '../../src/text/words.ts';
import { arbDocument, documentOf, encodeWith, relations } from './documents.ts';

const arbItems = (mode: Mode): fc.Arbitrary<Item[]> => arbItemsOf(encodeWith({ mode, positions: 24 }));

const arbItemsOf = (options: EncodeOptions): fc.Arbitrary<Item[]> =>
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
        const features = documentFeatures(doc, relations, options);
        return { features, pairs: allPairs(features).filter((_, i) => keep[i]) };
      }),
    );

const pieces = (groups = 1): BatchForm => ({ reads: 'pieces', groups, context: false });

/** The least that groups of neighbours cost, by trying every cut. */
function leastCost(lengths: readonly number[], groups: number): number {
  const whole = lengths.length * Math.max(...lengths) ** 2;
  if (groups === 1) return whole;
  const firsts = Array.from({ length: lengths.length - groups + 1 }, (_, i) => i + 1);
  return Math.min(
    ...firsts.map((n) => leastCost(lengths.slice(0, n), 1) + leastCost(lengths.slice(n), groups - 1)),
  );
}

/** Entity by entity, the summed weight of every row of the states, the two of lost words (N, N + 1) included. */
function denseWeights({ sizes, floats, integers }: Batch): number[][] {
  const { E = 0, N = 0 } = sizes;
  const rows = Array.from({ length: E }, () => Array.from({ length: N + 2 }, () => 0));
  const read = (name: string): Int32Array => integers[name]?.data ?? new Int32Array(0);
  const [states, entities] = [read('mentionStates'), read('mentionEntities')];
  floats['mentionWeights']?.data.forEach((weight, w) => {
    const [row, state] = [rows[entities[w] ?? -1], states[w] ?? -1];
    if (row?.[state] === undefined) throw new RangeError(`weight ${w} is of no entity or state`);
    row[state] += weight;
  });
  return rows;
}

/** That the map leads from every row to a place of its own and back, and from all other places past the rows. */
function checkMap(integers: Batch['integers'], name: string, rows: number, places: number): void {
  const { toPadded, toRows } = {
    toPadded: integers[`${name}ToPadded`]?.data ?? [],
    toRows: integers[`${name}ToRows`]?.data ?? [],
  };
  expect([toRows.length, toPadded.length]).toEqual([rows, places]);
  expect([...toRows].map((place) => toPadded[place])).toEqual(Array.from({ length: rows }, (_, i) => i));
  expect([...toPadded].filter((row) => row === rows)).toHaveLength(places - rows);
}

function checkShapes({ floats, integers }: Pick<Batch, 'floats' | 'integers'>): void {
  for (const { shape, data } of [...Object.values(floats), ...Object.values(integers)]) {
    expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
  }
}

describe('buildBatch', () => {
  test('maps lead from rows to the padded block and back; padding points past the rows', () => {
    fc.assert(
      fc.property(arbItems('corrected'), (items) => {
        const { sizes, floats, integers } = buildBatch(items, pieces());
        const { N = -1, U = -1, T = -1, B = -1, E = -1, M = -1, P = -1 } = sizes;
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
        const maps = { pieces: [N, U * T], entities: [E, B * M] } as const;
        for (const [name, [rows, places]] of Object.entries(maps)) {
          checkMap(integers, name, rows, places);
        }

        // Pieces by place: piece n of sequence u at t, unmasked; all else is masked.
        let row = 0;
        const mask = floats['mask']?.data ?? [];
        sequences.forEach((ids, u) => {
          for (let t = 0; t < T; t++) {
            expect(mask[u * T + t]).toBe(t < ids.length ? 0 : -1e9);
            if (t >= ids.length) continue;
            expect([integers['pieces']?.data[row], integers['positions']?.data[row]]).toEqual([ids[t], t]);
            expect(integers['piecesToPadded']?.data[u * T + t]).toBe(row++);
          }
        });
        checkShapes({ floats, integers });
      }),
    );
  });

  test('groups hold all sequences in their order, with as little padding as can be', () => {
    fc.assert(
      fc.property(arbItems('corrected'), fc.integer({ min: 2, max: 4 }), (items, groups) => {
        const { sizes, integers, floats } = buildBatch(items, pieces(groups));
        const lengths = items.flatMap(({ features }) => features.sequences.map((ids) => ids.length));
        // A sequence of one piece that nobody asks for where there are too few.
        while (lengths.length < groups) lengths.push(1);
        const size = (name: string, g: number): number => sizes[`${name}${g}`] ?? -1;
        let [u, cost] = [0, 0];
        for (let g = 0; g < groups; g++) {
          const [N, U, T] = [size('N', g), size('U', g), size('T', g)];
          const own = lengths.slice(u, u + U);
          expect([N, T]).toEqual([own.reduce((a, b) => a + b), Math.max(...own)]);
          const { toPadded, toRows } = {
            toPadded: [...(integers[`piecesToPadded${g}`]?.data ?? [])],
            toRows: [...(integers[`piecesToRows${g}`]?.data ?? [])],
          };
          expect(toRows.map((place) => toPadded[place])).toEqual(Array.from({ length: N }, (_, n) => n));
          expect(toPadded.filter((row) => row === N)).toHaveLength(U * T - N);
          u += U;
          cost += U * T ** 2;
        }
        expect([u, sizes['N']]).toEqual([lengths.length, lengths.reduce((a, b) => a + b)]);
        expect(cost).toBe(leastCost(lengths, groups));
        checkShapes({ floats, integers });
      }),
    );
  });

  test('weights and pairs are those of the documents, at the offsets of the batch', () => {
    fc.assert(
      fc.property(arbItems('corrected'), (items) => {
        const batch = buildBatch(items, pieces());
        const { sizes, floats, integers } = batch;
        const { N = -1, M = -1, W = -1 } = sizes;
        const weights = denseWeights(batch);
        let [entity, piece, p] = [0, 0, 0];
        items.forEach(({ features, pairs }, b) => {
          features.entities.forEach((row, e) => {
            // The last two rows are those of lost words: none is lost.
            const expected = Array.from({ length: N + 2 }, () => 0);
            row.states.forEach((at, i) => (expected[piece + at] = row.weights[i] ?? 0));
            expect(weights[entity + e]).toEqual(expected);
          });
          for (const { head, tail } of pairs) {
            const read = (name: string): number => integers[name]?.data[p] ?? -1;
            const rows = distanceRows(features.firstWords[head] ?? 0, features.firstWords[tail] ?? 0);
            expect(read('pairsToRows')).toBe(b * M * M + head * M + tail);
            expect(read('entityDistance')).toBe((entity + head) * 20 + rows.tail);
            expect(read('distanceEntity')).toBe((entity + tail) * 20 + rows.head);
            expect(integers['pairsToPadded']?.data[b * M * M + head * M + tail]).toBe(p);
            p++;
          }
          entity += features.entities.length;
          piece += features.pieces;
        });
        const entries = items.flatMap(({ features }) =>
          features.entities.flatMap(({ states }) => [...states]),
        );
        expect(W).toBe(entries.length);
        expect(floats['mentionWeights']?.shape).toEqual([W, 1]);
        expect(weights).toHaveLength(entity);
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
    /** Of each entity: the weight of the row of -1, and of the row of 0. */
    const lost = (items: readonly Item[], whole = wholeOf(items)): number[][] =>
      denseWeights(buildBatch(items, pieces(1), whole)).map((row) => row.slice(-2));
    const ninth = Math.fround(1 / 9);
    // Words 4 to 11 of nine are lost. Alone they all read 0; beside ten states, words 4 to 9 read -1.
    expect(lost([long])[0]).toEqual([0, 0]);
    expect(lost([long])[1]?.[0]).toBe(0);
    expect(lost([long])[1]?.[1]).toBeCloseTo(8 * ninth, 6);
    const both = lost([short, long]);
    expect(both[0]).toEqual([0, 0]);
    expect(both[2]?.[0]).toBeCloseTo(6 * ninth, 6);
    expect(both[2]?.[1]).toBeCloseTo(2 * ninth, 6);
    // A part of a batch is read as the whole batch is.
    expect(lost([long], wholeOf([short, long]))).toEqual(both.slice(1));
  });
});

describe('buildBatch of words', () => {
  const words = (unit: 'document' | 'sentence'): EncodeOptions => ({
    reads: 'words',
    vocabulary: wordVocabulary([...RESERVED_WORDS, 'a', 'b', 'c', 'd', '.', 'ay']),
    types: ['T'],
    unit,
    mode: 'corrected',
  });
  const arbCase = fc.constantFrom('document', 'sentence').chain((unit) =>
    fc.record({
      items: arbItemsOf(words(unit)),
      directions: fc.constantFrom(1, 2),
      // Sentences are never filled up.
      blank: unit === 'document' ? fc.boolean() : fc.constant(false),
      /** Words by which the longest document of the whole batch is longer than that of the part. */
      longer: fc.nat(3),
    }),
  );

  test('steps, neighbours and ids are those of every word of every sequence, blanks included', () => {
    fc.assert(
      fc.property(arbCase, ({ items, directions: D, blank, longer }) => {
        const own = wholeOf(items);
        const whole = { ...own, longest: own.longest + longer };
        const form: BatchForm = { reads: 'words', directions: D, blank, context: false };
        const batch = buildBatch(items, form, whole);
        const { sizes, integers } = batch;
        const read = (name: string, at: number): number => integers[name]?.data[at] ?? -1;
        const filled = (ids: Int32Array): number => (blank ? whole.longest : ids.length);
        const sequences = items.flatMap(({ features }) => features.sequences);
        const lengths = sequences.map(filled);
        const { N = -1, U = -1, T = -1 } = sizes;
        expect([U, N, T]).toEqual([
          sequences.length,
          lengths.reduce((a, b) => a + b, 0),
          Math.max(...lengths),
        ]);
        checkMap(integers, 'steps', N * D, T * D * U);
        checkShapes(batch);

        const weights = denseWeights(batch);
        let [row, u, entity] = [0, 0, 0];
        for (const { features } of items) {
          const [first, tags] = [row, features.tags];
          let word = 0;
          for (const ids of features.sequences) {
            const length = filled(ids);
            for (let t = 0; t < length; t++, row++) {
              const real = t < ids.length;
              expect([read('words', row), read('coreference', row), read('types', row)]).toEqual(
                real ? [ids[t], tags?.coreference[word], tags?.types[word]] : [0, 0, 0],
              );
              if (real) word++;
              expect(read('sequenceOf', row)).toBe(u);
              expect([read('before', row), read('after', row)]).toEqual([
                t === 0 ? N : row - 1,
                t === length - 1 ? N : row + 1,
              ]);
              // The second direction reads from the last word on.
              const steps = [t, length - 1 - t].slice(0, D);
              expect(steps.map((step, d) => read('stepsToPadded', (step * D + d) * U + u))).toEqual(
                steps.map((_, d) => row * D + d),
              );
            }
            u++;
          }
          for (const { states, weights: shares } of features.entities) {
            const expected = Array.from({ length: N + 2 }, () => 0);
            states.forEach((at, i) => (expected[first + at] = shares[i] ?? 0));
            expect(weights[entity++]).toEqual(expected);
          }
        }
      }),
    );
  });

  test('context: all pairs of each document stand beside those that are asked about', () => {
    fc.assert(
      fc.property(arbItemsOf(words('document')), (items) => {
        const form: BatchForm = { reads: 'words', directions: 2, blank: false, context: true };
        const batch = buildBatch(items, form);
        const { sizes, floats, integers } = batch;
        const { B = -1, E = -1, M = -1, P = -1, C = -1, J = -1, Q = -1 } = sizes;
        const all = items.flatMap(({ features }, b) => allPairs(features).map((pair) => ({ b, ...pair })));
        const asked = items.flatMap(({ pairs }, b) => pairs.map((pair) => ({ b, ...pair })));
        const context = items.map(({ features }) => allPairs(features).length);
        expect([C, J, Q, P]).toEqual([
          all.length,
          Math.max(...context),
          Math.max(...items.map(({ pairs }) => pairs.length)),
          asked.length,
        ]);
        expect([...(integers['asked']?.data ?? [])].map((c) => all[c])).toEqual(asked);
        checkMap(integers, 'context', C, B * J);
        checkMap(integers, 'asked', P, B * Q);
        checkMap(integers, 'entities', E, B * M);
        checkShapes(batch);
        // Rows of a document stand in its line of the block, in order.
        for (const [name, rows, width] of [['context', all, J] as const, ['asked', asked, Q] as const]) {
          const places = [...(integers[`${name}ToRows`]?.data ?? [])];
          expect(places.map((place) => Math.floor(place / width))).toEqual(rows.map(({ b }) => b));
          expect(places).toEqual(places.toSorted((x, y) => x - y));
        }
        expect([...(floats['contextMask']?.data ?? [])]).toEqual(
          context.flatMap((count) => Array.from({ length: J }, (_, j) => (j < count ? 0 : -1e9))),
        );
        // The scorer scores the context, not what is asked.
        expect([...(integers['pairsToRows']?.data ?? [])]).toEqual(
          all.map(({ b, head, tail }) => b * M * M + head * M + tail),
        );
        // Without a context a batch has none of it.
        expect(buildBatch(items, { ...form, context: false }).integers).not.toHaveProperty('asked');
      }),
    );
  });
});
