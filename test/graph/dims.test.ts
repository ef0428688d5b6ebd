import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  addDims,
  type Dim,
  evaluateDim,
  evaluateShape,
  foldDim,
  multiplyDims,
  sameShape,
  showShape,
} from '../../src/graph/dims.ts';

const names = ['B', 'E', 'N', 'T'];
const leaf: fc.Arbitrary<Dim> = fc.oneof(fc.nat(20), fc.constantFrom(...names));
const arbDim: fc.Arbitrary<Dim> = fc
  .array(fc.array(leaf, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  .map((terms) => addDims(...terms.map((factors) => multiplyDims(...factors))));
const arbBindings = fc.record(Object.fromEntries(names.map((name) => [name, fc.nat(30)])));

describe('dimensions', () => {
  test('are spelt one way', () => {
    expect(multiplyDims('N', 12)).toBe('12*N');
    expect(multiplyDims('M', 2, 'B', 3)).toBe('6*B*M');
    expect(addDims('N', 1, 'N')).toBe('2*N+1');
    expect(addDims(multiplyDims('M', 'B'), multiplyDims('B', 'M'))).toBe('2*B*M');
    expect(multiplyDims()).toBe(1);
    expect(addDims()).toBe(0);
    expect(multiplyDims('N', 0)).toBe(0);
    expect(addDims(2, 3)).toBe(5);
    expect(multiplyDims(addDims('N', 1), addDims('N', 1))).toBe('N*N+2*N+1');
  });

  test('adding and multiplying commute, associate and distribute', () => {
    fc.assert(
      fc.property(arbDim, arbDim, arbDim, (a, b, c) => {
        expect(addDims(a, b)).toBe(addDims(b, a));
        expect(multiplyDims(a, b)).toBe(multiplyDims(b, a));
        expect(addDims(addDims(a, b), c)).toBe(addDims(a, b, c));
        expect(multiplyDims(multiplyDims(a, b), c)).toBe(multiplyDims(a, b, c));
        expect(multiplyDims(a, addDims(b, c))).toBe(addDims(multiplyDims(a, b), multiplyDims(a, c)));
        expect([addDims(a, 0), multiplyDims(a, 1)]).toEqual([addDims(a), addDims(a)]);
      }),
    );
  });

  test('sizes are those of the parts', () => {
    fc.assert(
      fc.property(arbDim, arbDim, arbBindings, (a, b, bindings) => {
        const [x, y] = [evaluateDim(a, bindings), evaluateDim(b, bindings)];
        expect(evaluateDim(addDims(a, b), bindings)).toBe(x + y);
        expect(evaluateDim(multiplyDims(a, b), bindings)).toBe(x * y);
      }),
    );
  });

  test('equal spellings mean equal sizes everywhere, different ones do not', () => {
    fc.assert(
      fc.property(arbDim, arbDim, fc.array(arbBindings, { minLength: 20, maxLength: 20 }), (a, b, many) => {
        fc.pre(a !== b);
        // Two polynomials of degree 3 that agree at twenty random points are not likely to differ.
        expect(
          many.every(
            (bindings) => evaluateDim(a, bindings) === evaluateDim(b, bindings) && bindings['B'] !== 0,
          ),
        ).toBe(false);
      }),
    );
  });

  test('names that stand for nothing make the size NaN', () => {
    expect(evaluateDim('12*N+1', {})).toBeNaN();
    expect(evaluateShape(['N', 2, '2*N'], { N: 3 })).toEqual([3, 2, 6]);
  });

  test('folding spells a dimension back', () => {
    fc.assert(
      fc.property(arbDim, (dim) => {
        const spelt = foldDim<string>(dim, {
          name: (name) => name,
          number: String,
          add: (a, b) => `${a}+${b}`,
          multiply: (a, b) => `${a}*${b}`,
        });
        expect(addDims(spelt)).toBe(addDims(dim));
      }),
    );
  });

  test('shapes are compared and shown', () => {
    expect(sameShape(['N', 2], ['N', 2])).toBe(true);
    expect(sameShape(['N', 2], ['N'])).toBe(false);
    expect(sameShape(['N', 2], ['M', 2])).toBe(false);
    expect([showShape(['N', 768]), showShape([])]).toEqual(['[N, 768]', '[]']);
  });
});
