/** Every operation: its value against a float64 loop, its gradient against central differences. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { addDims, multiplyDims } from '../../src/graph/dims.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import * as ops from '../../src/graph/ops/index.ts';
import { checkOperation, type Operand } from './check.ts';

const size = fc.integer({ min: 0, max: 4 });
const some = fc.integer({ min: 1, max: 4 });
const seed = fc.integer({ min: 0, max: 2 ** 31 });

/** A float operand whose dimensions are all named, so that nothing is decided before the graph runs. */
const free = (name: string, sizes: readonly number[], range?: readonly [number, number]): Operand => ({
  shape: sizes.map((_, i) => `${name}${i}`),
  size: sizes,
  ...(range ? { range } : {}),
});
const fixed = (sizes: readonly number[], range?: readonly [number, number]): Operand => ({
  shape: sizes,
  size: sizes,
  ...(range ? { range } : {}),
});

interface Case {
  readonly build: (inputs: Value[]) => Value | readonly Value[];
  readonly operands: readonly Operand[];
}

const unary = (f: (x: Value) => Value, range?: readonly [number, number]): fc.Arbitrary<Case> =>
  fc
    .array(size, { minLength: 0, maxLength: 3 })
    .map((sizes) => ({ build: ([x]) => f(x as Value), operands: [free('a', sizes, range)] }));

const binary = (f: (a: Value, b: Value) => Value, range?: readonly [number, number]): fc.Arbitrary<Case> =>
  fc
    .record({
      sizes: fc.array(size, { maxLength: 3 }),
      drop: fc.nat(3),
      ones: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    })
    .map(({ sizes, drop, ones }) => {
      const a = free('a', sizes, range);
      const keep = Math.max(0, sizes.length - drop);
      const b: Operand = {
        shape: a.shape.slice(sizes.length - keep).map((dim, i) => (ones[i] === true ? 1 : dim)),
        size: a.size.slice(sizes.length - keep).map((n, i) => (ones[i] === true ? 1 : n)),
        ...(range ? { range } : {}),
      };
      return { build: ([x, y]) => f(x as Value, y as Value), operands: [a, b] };
    });

const ragged = fc
  .record({ lengths: fc.array(size, { minLength: 1, maxLength: 3 }), width: some })
  .map(({ lengths, width }) => {
    const longest = Math.max(...lengths);
    const rows = lengths.reduce((a, b) => a + b, 0);
    const toPadded = new Float64Array(lengths.length * longest).fill(rows);
    const toRows = new Float64Array(rows);
    let row = 0;
    lengths.forEach((length, b) => {
      for (let t = 0; t < length; t++) {
        toPadded[b * longest + t] = row;
        toRows[row++] = b * longest + t;
      }
    });
    return {
      width,
      rows,
      maps: [
        { shape: ['B', 'T'], size: [lengths.length, longest], data: toPadded },
        { shape: ['M'], size: [rows], data: toRows },
      ] satisfies Operand[],
      block: [lengths.length, longest],
    };
  });

/** Sequences of 1 to 3 rows in heads, with a dropout mask or without. */
const heads = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    heads: fc.integer({ min: 1, max: 2 }),
    headWidth: some,
    dropout: fc.boolean(),
  })
  .map(({ lengths, heads: H, headWidth, dropout }) => {
    const [U, T] = [lengths.length, Math.max(...lengths)];
    const rows = lengths.reduce((a, b) => a + b, 0);
    const [toPadded, toRows] = [new Float64Array(U * T).fill(rows), new Float64Array(rows)];
    const factors = Float32Array.from({ length: U * H * T * T }, (_, i) => (i % 3 === 0 ? 0 : 1.5));
    const mask = new Float32Array(U * T).fill(-1e9);
    let row = 0;
    lengths.forEach((length, u) => {
      for (let t = 0; t < length; t++, row++) {
        mask[u * T + t] = 0;
        toPadded[u * T + t] = row;
        toRows[row] = u * T + t;
      }
    });
    return {
      rows,
      width: H * headWidth,
      places: {
        heads: H,
        mask,
        maskShape: [U, 1, 1, T],
        maps: [
          { shape: [U, T], size: [U, T], data: toPadded },
          { shape: ['N'], size: [rows], data: toRows },
        ] satisfies Operand[],
        dropout: dropout ? ([factors, [U, H, T, T]] as const) : undefined,
      },
    };
  });

const cases: Record<string, fc.Arbitrary<Case>> = {
  add: binary(ops.add),
  subtract: binary(ops.subtract),
  multiply: binary(ops.multiply),
  divide: binary(ops.divide, [0.5, 2]),
  exp: unary(ops.exp),
  after: fc.tuple(size, size).map(([n, m]) => ({
    // The signal has no part in the value.
    build: ([x, y]) => [ops.after(x as Value, y as Value), y as Value],
    operands: [free('a', [n]), free('b', [m])],
  })),
  sigmoid: unary(ops.sigmoid, [-4, 4]),
  softplus: unary(ops.softplus, [-6, 6]),
  gelu: unary(ops.gelu, [-4, 4]),
  softmax: fc
    .tuple(size, some)
    .map((sizes) => ({ build: ([x]) => ops.softmax(x as Value), operands: [free('a', sizes)] })),
  logSoftmax: fc
    .tuple(size, some)
    .map((sizes) => ({ build: ([x]) => ops.logSoftmax(x as Value), operands: [free('a', sizes)] })),
  logSumExp: fc
    .tuple(size, some)
    .map((sizes) => ({ build: ([x]) => ops.logSumExp(x as Value), operands: [free('a', sizes)] })),
  reduceSum: fc
    .record({
      sizes: fc.array(size, { minLength: 1, maxLength: 3 }),
      axes: fc.subarray([0, 1, 2]),
      keep: fc.boolean(),
    })
    .map(({ sizes, axes, keep }) => ({
      build: ([x]) =>
        ops.reduceSum(
          x as Value,
          axes.filter((axis) => axis < sizes.length),
          { keep },
        ),
      operands: [free('a', sizes)],
    })),
  broadcastTo: fc.tuple(size, some, size).map(([a, b, c]) => ({
    build: ([x, like]) => ops.multiply(ops.broadcastTo(x as Value, (like as Value).shape), like as Value),
    operands: [{ shape: [1, 'c1', 1], size: [1, b, 1] }, free('c', [a, b, c])],
  })),
  reshape: fc.tuple(size, size, some).map(([a, b, c]) => ({
    build: ([x]) => [
      ops.reshape(x as Value, ['a0', `${c}*a1`]),
      ops.reshape(x as Value, [`${c}*a0*a1`]),
      ops.reshape(x as Value, ['a1', c, 'a0']),
    ],
    operands: [{ shape: ['a0', 'a1', c], size: [a, b, c] }],
  })),
  transpose: fc
    .tuple(size, size, some, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }))
    .map(([a, b, c, order]) => ({
      build: ([x]) => ops.transpose(x as Value, order),
      operands: [free('a', [a, b, c])],
    })),
  concat: fc.tuple(size, size, some).map(([a, b, d]) => ({
    build: ([x, y]) => ops.concat([x as Value, y as Value, x as Value], 0),
    operands: [
      { shape: ['a', d], size: [a, d] },
      { shape: ['b', d], size: [b, d] },
    ],
  })),
  splitRows: fc.tuple(size, size, some).map(([a, b, d]) => ({
    build: ([x]) => ops.splitRows(x as Value, ['a', 'b']),
    operands: [
      { shape: [addDims('a', 'b'), d], size: [a + b, d] },
      // Tells how many rows each part has.
      { shape: ['a'], size: [a], below: 1 },
      { shape: ['b'], size: [b], below: 1 },
    ],
  })),
  'slice and pad': fc.tuple(size, some, some, some).map(([n, before, width, after]) => ({
    build: ([x]) => [ops.slice(x as Value, 1, before, width), ops.pad(x as Value, 0, before, after)],
    operands: [{ shape: ['n', before + width + after], size: [n, before + width + after] }],
  })),
  matmul: fc
    .record({
      lead: fc.array(some, { maxLength: 2 }),
      n: size,
      k: size,
      m: size,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
    })
    .map((sizes) => {
      const { lead, transposeA, transposeB } = sizes;
      // Forward and backward each sum over one of n, k and m: see the note at `matmul` on leading axes.
      const [n, k, m] = [sizes.n, sizes.k, sizes.m].map((x) => (lead.length > 0 ? Math.max(1, x) : x)) as [
        number,
        number,
        number,
      ];
      const names = lead.map((_, i) => `l${i}`);
      return {
        build: ([a, b]) => ops.matmul(a as Value, b as Value, { transposeA, transposeB, scale: 0.5 }),
        operands: [
          {
            shape: [...names, ...(transposeA ? ['k', 'n'] : ['n', 'k'])],
            size: [...lead, ...(transposeA ? [k, n] : [n, k])],
          },
          {
            shape: [...names, ...(transposeB ? ['m', 'k'] : ['k', 'm'])],
            size: [...lead, ...(transposeB ? [m, k] : [k, m])],
          },
        ],
      };
    }),
  linear: fc.tuple(size, some, some).map(([n, i, o]) => ({
    build: ([x, w, b]) => ops.linear(x as Value, w as Value, b as Value),
    operands: [{ shape: ['N', i], size: [n, i] }, fixed([o, i]), fixed([o])],
  })),
  attention: heads.map(({ rows, width, places }) => {
    const block = (x: Value[]): Parameters<typeof ops.attention> => [
      x[0] as Value,
      x[1] as Value,
      x[2] as Value,
      {
        mask: (x[0] as Value).graph.constant(places.mask, places.maskShape),
        heads: ops.headRows({ toPadded: x[3] as Value, toRows: x[4] as Value }, places.heads),
      },
      // A factor, not an operand: it has no gradient.
      places.dropout && (x[0] as Value).graph.constant(...places.dropout),
    ];
    return {
      build: (inputs) => ops.attention(...block(inputs)),
      operands: [...[0, 1, 2].map(() => ({ shape: ['N', width], size: [rows, width] })), ...places.maps],
    };
  }),
  headRows: heads.map(({ rows, width, places }) => ({
    // As rows are split and joined: the map has no numbers of its own.
    build: ([x, toPadded, toRows]) => {
      const own = ops.headRows({ toPadded: toPadded as Value, toRows: toRows as Value }, places.heads);
      const split = ops.reshape(x as Value, [multiplyDims('N', places.heads), width / places.heads]);
      const block = ops.padRows(split, own);
      return [block, ops.unpadRows(block, own)];
    },
    operands: [{ shape: ['N', width], size: [rows, width] }, ...places.maps],
  })),
  layerNorm: fc.tuple(size, fc.integer({ min: 2, max: 5 })).map(([n, d]) => ({
    build: ([x, w, b]) => ops.layerNorm(x as Value, w as Value, b as Value, 0.1),
    operands: [{ shape: ['N', d], size: [n, d] }, fixed([d]), fixed([d])],
  })),
  gather: fc.tuple(some, size, size).map(([v, n, d]) => ({
    build: ([table, index]) => ops.gather(table as Value, index as Value),
    operands: [
      { shape: ['V', d], size: [v, d] },
      { shape: ['N'], size: [n], below: v },
    ],
  })),
  scatterAdd: fc.tuple(some, size, size).map(([v, n, d]) => ({
    build: ([rows, index]) => ops.scatterAdd(rows as Value, index as Value, v),
    operands: [
      { shape: ['N', d], size: [n, d] },
      { shape: ['N'], size: [n], below: v },
    ],
  })),
  padRows: ragged.map(({ width, rows, maps }) => ({
    build: ([x, toPadded, toRows]) =>
      ops.padRows(x as Value, { toPadded: toPadded as Value, toRows: toRows as Value }),
    operands: [{ shape: ['M', width], size: [rows, width] }, ...maps],
  })),
  relu: unary(ops.relu),
  positive: fc.tuple(size, some).map((sizes) => ({
    // It has no slope of its own: as a factor it lets one through.
    build: ([x]) => ops.multiply(ops.positive(x as Value), x as Value),
    operands: [free('a', sizes)],
  })),
  maximum: binary(ops.maximum),
  shiftRows: fc
    .record({
      lengths: fc.array(size, { minLength: 1, maxLength: 3 }),
      width: some,
      filler: fc.constantFrom(0, -1e30),
    })
    .map(({ lengths, width, filler }) => {
      const rows = lengths.reduce((a, b) => a + b, 0);
      const [before, after] = [new Float64Array(rows).fill(rows), new Float64Array(rows).fill(rows)];
      let row = 0;
      for (const length of lengths) {
        for (let t = 0; t < length; t++, row++) {
          if (t > 0) before[row] = row - 1;
          if (t < length - 1) after[row] = row + 1;
        }
      }
      return {
        build: ([x, from, to]) => {
          const shifted = ops.shiftRows(x as Value, { from: from as Value, to: to as Value }, filler);
          // As max pooling uses it: what is filled in never wins.
          return filler === 0 ? shifted : ops.maximum(shifted, x as Value);
        },
        operands: [
          { shape: ['N', width], size: [rows, width] },
          { shape: ['N'], size: [rows], data: before },
          { shape: ['N'], size: [rows], data: after },
        ],
      };
    }),
  lstm: fc.tuple(some, fc.integer({ min: 1, max: 2 }), some, some).map(([t, d, u, h]) => ({
    build: ([x, weight, state, cell]) => ops.lstm(x as Value, weight as Value, state as Value, cell as Value),
    operands: [
      { shape: ['T', d, 'U', 4 * h], size: [t, d, u, 4 * h] },
      fixed([d, 4 * h, h], [-1, 1]),
      { shape: [d, 'U', h], size: [d, u, h] },
      { shape: [d, 'U', h], size: [d, u, h] },
    ],
  })),
  unpadRows: ragged.map(({ width, block, maps }) => ({
    build: ([x, toPadded, toRows]) =>
      ops.unpadRows(x as Value, { toPadded: toPadded as Value, toRows: toRows as Value }),
    operands: [{ shape: ['B', 'T', width], size: [...block, width] }, ...maps],
  })),
};

describe('operations', () => {
  for (const [name, arbitrary] of Object.entries(cases)) {
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- the checks are in `checkOperation`
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(arbitrary, seed, async ({ build, operands }, s) =>
          checkOperation(build, operands, Rng.fromSeed(s)),
        ),
        { numRuns: 25 },
      );
    });
  }

  test('every operation is checked', () => {
    const checked = new Set(Object.keys(cases).flatMap((name) => name.split(' and ')));
    const helpers = new Set(['scale', 'oneMinus', 'square']); // made of the others
    expect(Object.keys(ops).filter((name) => !checked.has(name) && !helpers.has(name))).toEqual([]);
  });
});

describe('shape errors', () => {
  const graph = new Graph();
  const a = graph.input('a', 'float32', ['N', 768]);
  const b = graph.input('b', 'float32', ['M', 512]);

  test('name the operation, the operands and the dimensions', () => {
    expect(() => ops.matmul(a, b, { transposeB: true })).toThrow(
      'matmul: expected equal inner dimensions, but they are 768 and 512:, got float32 [N, 768] and float32 [M, 512]',
    );
    expect(() => ops.add(a, b)).toThrow(
      'add: expected dimensions that are equal or 1, but axis 0 has N and M:, got float32 [N, 768] and float32 [M, 512]',
    );
    expect(() => ops.reshape(a, ['N', 767])).toThrow(
      'reshape: expected as many entries as [N, 767] has, got float32 [N, 768]',
    );
  });
});
