/** Gradients of tables against arrays that are filled with zeros and added to value by value. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { zeros } from '../../src/nn/initialisers.ts';
import type { ParameterSpec } from '../../src/nn/parameters.ts';
import { TableGradients } from '../../src/training/table-gradients.ts';

const table = (name: string, shape: readonly [number, number]): ParameterSpec => ({
  name,
  shape,
  group: 'encoder',
  initial: zeros,
  decay: true,
  rows: true,
  frozen: false,
});
const V = 6;
const D = 3;
const specs = [table('words', [V, D]), table('positions', [V, D])];

/** Tables that start with something in them. */
const dirty = (): Map<string, Float32Array> =>
  new Map(specs.map(({ name }) => [name, new Float32Array(V * D).fill(7)]));

const arbIndexN = fc.array(fc.nat(V - 1), { maxLength: 8 });
const arbAddition = fc.record({ name: fc.constantFrom('words', 'positions'), indexN: arbIndexN });
/** Batches, each of parts that are added up. */
const arbBatches = fc.array(
  fc.record({ additions: fc.array(arbAddition, { maxLength: 4 }), elsewhere: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);

/** Rows [N, D] of numbers that a float32 does not hold, so that the order of additions matters. */
const rowsOf = (index: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: index.length * D }, (_, i) => Math.sin(seed + i * 1.7) * 10 ** (i % 5));

describe('TableGradients', () => {
  test('hold what dense gradients would, though buffers move between calls and batches', () => {
    fc.assert(
      fc.property(arbBatches, (batches) => {
        const ours = new TableGradients(specs);
        const lookups = [dirty(), dirty()].map((values) => ({
          values,
          find: (name: string) => values.get(name) ?? new Float32Array(0),
        }));
        for (const [b, { additions, elsewhere }] of batches.entries()) {
          const lookup = lookups[elsewhere ? 1 : 0];
          if (!lookup) throw new Error('two lookups');
          const expected = new Map(specs.map(({ name }) => [name, new Float32Array(V * D)]));
          ours.clear(lookup.find);
          for (const [k, { name, indexN }] of additions.entries()) {
            const rows = rowsOf(indexN, b * 31 + k);
            ours.add({ name, shape: [V, D] }, lookup.find, { index: indexN, rows });
            indexN.forEach((row, n) => {
              for (let d = 0; d < D; d++) {
                const to = expected.get(name);
                if (to) to[row * D + d] = (to[row * D + d] ?? 0) + (rows[n * D + d] ?? 0);
              }
            });
            moved(lookup.values);
          }
          expect(lookup.values).toEqual(expected);
          moved(lookup.values);
        }
      }),
    );
  });

  test('rows that nothing was added to are not written', () => {
    const values = dirty();
    const find = (name: string): Float32Array => values.get(name) ?? new Float32Array(0);
    const ours = new TableGradients(specs);
    ours.clear(find);
    ours.add({ name: 'words', shape: [V, D] }, find, { index: [2], rows: [1, 1, 1] });
    values.get('words')?.fill(5);
    ours.clear(find);
    expect([...(values.get('words') ?? [])]).toEqual([5, 5, 5, 5, 5, 5, 0, 0, 0, ...Array(9).fill(5)]);
  });

  test('what was added elsewhere is not forgotten', () => {
    const [here, there] = [dirty(), dirty()];
    const [findHere, findThere] = [here, there].map(
      (values) => (name: string) => values.get(name) ?? new Float32Array(0),
    );
    if (!findHere || !findThere) throw new Error('two lookups');
    const ours = new TableGradients(specs);
    ours.clear(findHere);
    ours.add({ name: 'words', shape: [V, D] }, findThere, { index: [0], rows: [1, 1, 1] });
    ours.clear(findThere);
    expect([...(there.get('words') ?? [])]).toEqual(Array(V * D).fill(0));
  });

  test('of a table that has a dense gradient too, rows are added to it and nothing is cleared', () => {
    const values = dirty();
    const find = (name: string): Float32Array => values.get(name) ?? new Float32Array(0);
    const ours = new TableGradients([]);
    ours.clear(find);
    const words = values.get('words') ?? new Float32Array(0);
    words.fill(5);
    ours.add({ name: 'words', shape: [V, D] }, find, { index: [2, 2], rows: [1, 1, 1, 2, 2, 2] });
    ours.clear(find);
    expect([...words]).toEqual([5, 5, 5, 5, 5, 5, 8, 8, 8, ...Array(words.length - 9).fill(5)]);
  });
});

/** Hands the buffers over, as to another thread and back: old views are empty. */
function moved(values: Map<string, Float32Array>): void {
  for (const [name, value] of values)
    values.set(name, structuredClone(value, { transfer: [value.buffer as ArrayBuffer] }));
}
