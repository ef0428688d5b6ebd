import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseDecimal } from '../../src/text/decimal.ts';

/** Reads `text` out of the middle of other digits, which must not count. */
const parse = (text: string): number => {
  const bytes = Buffer.from(`12${text}34`, 'latin1');
  return parseDecimal(bytes, 2, bytes.length - 2);
};

describe('parseDecimal', () => {
  it('equals Number to the last bit, however a number is written', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 30 });
    const written = fc.oneof(
      fc
        .tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('.', ''), digits)
        .map((t) => t.join('')),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.float({ noNaN: true, min: -5, max: 5 }), fc.nat(20)).map(([x, n]) => x.toFixed(n)),
      fc.tuple(fc.float({ noNaN: true, min: -5, max: 5 }), fc.nat(20)).map(([x, n]) => x.toExponential(n)),
    );
    fc.assert(
      fc.property(written, (text) => {
        const expected = /\d/.test(text) ? Number(text) : Number.NaN;
        expect(Object.is(parse(text), expected)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('equals it around the longest numbers that are read at once', () => {
    const texts = Array.from({ length: 30 }, (_, n) => [
      `.${'0'.repeat(n)}7`,
      `${'9'.repeat(n + 1)}.3`,
    ]).flat();
    expect(texts.map(parse)).toEqual(texts.map(Number));
  });

  it('refuses what is no decimal number', () => {
    const wrong = [
      '',
      '.',
      '-',
      '+.',
      '1.2.3',
      '1,5',
      '0x10',
      'Infinity',
      'nan',
      'inf',
      '1e',
      'e5',
      '--1',
      '1 ',
    ];
    expect(wrong.map(parse)).toEqual(wrong.map(() => Number.NaN));
  });
});
