/** Reads a decimal number straight from bytes: a file of word vectors holds up to a billion of them. */

/** Powers of ten that a double holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** Numbers of at most so many significant digits are exact as a double without their point. */
const EXACT_DIGITS = 15;

const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/**
 * The number that `bytes[start, end)` spell, equal to JavaScript's `Number` of that text to the last bit; NaN for
 * anything but decimal digits with an optional sign, point and exponent.
 *
 * Up to 15 digits make an exact integer, and its quotient by an exact power of ten is rounded once (Clinger 1990).
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  const sign = bytes[start];
  let integer = 0;
  let significant = 0;
  let digits = 0;
  let point = -1;
  for (let i = sign === MINUS || sign === PLUS ? start + 1 : start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit >= 0 && digit <= 9) {
      integer = integer * 10 + digit;
      digits++;
      if (integer > 0) significant++;
    } else if (bytes[i] === POINT && point < 0) {
      point = digits;
    } else {
      return slowly(bytes, start, end);
    }
  }
  const power = point < 0 ? 0 : digits - point;
  if (digits === 0 || significant > EXACT_DIGITS || power >= POWERS.length) return slowly(bytes, start, end);
  const value = integer / (POWERS[power] as number);
  return sign === MINUS ? -value : value;
}

function slowly(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}
