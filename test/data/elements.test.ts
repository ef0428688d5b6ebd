import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ElementScanner, parseElement } from '../../src/data/elements.ts';

/** The elements of `text`, which arrives in chunks of the given sizes (bytes), the last one repeated. */
function elements(text: string, sizes: readonly number[] = [1 << 20]): unknown[] {
  const bytes = Buffer.from(text);
  const scanner = new ElementScanner('f');
  const values: unknown[] = [];
  const take = (found: Iterable<{ index: number; offset: number; text: string }>): void => {
    for (const element of found) {
      expect(element.index).toBe(values.length);
      expect(bytes.subarray(element.offset).toString().startsWith(element.text)).toBe(true);
      values.push(parseElement(element, 'f'));
    }
  };
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[Math.min(i, sizes.length - 1)] ?? 1;
    // The buffer is overwritten afterwards, as a stream may do.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    take(scanner.push(chunk));
    chunk.fill(0x7b);
    at += size;
  }
  take(scanner.end());
  return values;
}

describe('ElementScanner', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  const value = fc.jsonValue({ maxDepth: 4 });
  const indent = fc.constantFrom(undefined, 1, '\t');

  it('gives back any array, however it is cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(value), sizes, indent, (values, sizes, indent) => {
        const text = JSON.stringify(values, null, indent);
        expect(elements(text, sizes)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('gives back any lines after a first object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), fc.array(value), sizes, (first, values, sizes) => {
        const lines = [first, ...values].map((item) => JSON.stringify(item));
        expect(elements(lines.join('\n'), sizes)).toEqual(lines.map((line) => JSON.parse(line)));
        expect(elements(`${lines.join('\r\n')}\n`, sizes)).toHaveLength(lines.length);
      }),
      { numRuns: 500 },
    );
  });

  it('reads an empty array, a byte order mark and space around', () => {
    expect(elements(' [ ] \n')).toEqual([]);
    expect(elements('\ufeff[1 , "]" ]', [1])).toEqual([1, ']']);
    expect(elements('\ufeff{"a":1}', [2])).toEqual([{ a: 1 }]);
  });

  it('keeps escaped quotes and letters of several bytes apart from brackets', () => {
    const values = [{ 'a"]}': '\\"[{', b: 'Çà 東京 😀' }, ['\\', '\\\\"']];
    for (const size of [1, 2, 3, 5]) expect(elements(JSON.stringify(values), [size])).toEqual(values);
  });

  it.each([
    ['', 'the file is empty (byte 0'],
    ['   ', 'the file is empty (byte 3'],
    ['x', 'expected "["'],
    ['"a"', 'expected "["'],
    ['[', 'the file ends before its array does (byte 1'],
    ['[{"a":1}', 'the file ends before its array does (byte 8, document 1)'],
    ['[{"a":1},', 'the file ends before'],
    ['[{"a":1},{"b":[1', 'the file ends inside document 1, which begins at byte 9 (byte 16'],
    ['{"a":1}\n{"b":', 'the file ends inside document 1, which begins at byte 8'],
    ['[1,]', 'expected a document (byte 3'],
    ['[,1]', 'expected a document (byte 1'],
    ['[{} {}]', 'expected "," or "]" after a document (byte 4, document 1)'],
    ['[{}]{}', 'expected nothing after the end of the array (byte 4'],
    ['[{"a":"b\n"}]', 'a text is not closed on its line (byte 8, document 0)'],
    ['{"a":1}}', 'Unexpected token'],
    ['[{"a":]}]', 'a bracket is closed that was not opened (byte 6'],
    ['[{"a":tru}]', 'document 0, which begins at byte 1'],
  ])('%j is no JSON of documents: %s', (text, reason) => {
    for (const size of [1, 4, 1000]) {
      expect(() => elements(text, [size])).toThrow(
        expect.objectContaining({ code: 'E_JSON', message: expect.stringContaining(reason) }),
      );
    }
  });

  it('does not hold an element that has no end', () => {
    const scanner = new ElementScanner('f');
    const chunk = Buffer.alloc(1 << 20, '[');
    const feed = (): void => {
      for (let i = 0; i < 70; i++)
        for (const _ of scanner.push(chunk)) throw new Error('no element ends here');
    };
    expect(feed).toThrow(expect.objectContaining({ code: 'E_JSON' }));
  });
});
