import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { RelataError } from '../../src/core/errors.ts';
import { readWordVectors } from '../../src/text/word-vectors.ts';
import { hasShared, shared } from '../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'vectors.txt');
type Options = Parameters<typeof readWordVectors>[1];

/** Reads a file of this content. */
const read = (content: string | Uint8Array, options?: Options): ReturnType<typeof readWordVectors> => {
  writeFileSync(path, content);
  return readWordVectors(path, options);
};
/** What the error says with which a file of this content is refused. */
const refusal = async (content: string | Uint8Array, options?: Options): Promise<string> => {
  const error: unknown = await read(content, options).then(
    () => 'none',
    (reason: unknown) => reason,
  );
  return error instanceof RelataError && error.code === 'E_WORD_VECTORS'
    ? error.message
    : `not refused: ${error}`;
};

describe.skipIf(!hasShared)('the real vectors', () => {
  const real = shared('data/vectors/glove.50d.5k.txt');

  it('are those that a plain split gives', async () => {
    const rows = readFileSync(real, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '));
    const found = await readWordVectors(real);
    expect([found.words.length, found.dimension, found.duplicates]).toEqual([5050, 50, 0]);
    expect(found.words).toEqual(rows.map(([word]) => word));
    expect(found.vectors).toEqual(Float32Array.from(rows.flatMap((row) => row.slice(1).map(Number))));
  });

  it('are the same gzipped, and in part where only some are wanted', async () => {
    const all = await readWordVectors(real);
    expect(await read(gzipSync(readFileSync(real)))).toEqual(all);
    const some = await readWordVectors(real, { only: (word) => word.length === 2 });
    const rows = all.words.flatMap((word, row) => (word.length === 2 ? [row] : []));
    expect(rows.length).toBeGreaterThan(30);
    expect(some.words).toEqual(rows.map((row) => all.words[row]));
    const parts = rows.flatMap((row) => [...all.vectors.subarray(row * 50, row * 50 + 50)]);
    expect(some.vectors).toEqual(Float32Array.from(parts));
  });
});

describe('readWordVectors', () => {
  it('gives back any words and vectors that were written, in any of the forms', async () => {
    const arbWord = fc
      .string({ unit: 'binary', maxLength: 8 })
      .map((word) => word.replace(/[\n\uFEFF]|\p{Cs}/gu, ''))
      .filter((word) => !/ [-+\d.]*$/.test(word));
    const arbRows = fc.integer({ min: 2, max: 5 }).chain((dimension) =>
      fc.uniqueArray(
        fc.tuple(
          fc.oneof(arbWord, fc.constantFrom('__proto__', 'constructor', '1', '0.5', ' a', 'a b', '. . .')),
          fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
            minLength: dimension,
            maxLength: dimension,
          }),
        ),
        { selector: ([word]) => word, minLength: 1, maxLength: 20 },
      ),
    );
    const arbForm = fc.record({
      header: fc.boolean(),
      gzip: fc.boolean(),
      mark: fc.boolean(),
      end: fc.constantFrom('\n', '\r\n', ' \n', ' \r\n'),
      last: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(arbRows, arbForm, async (rows, form) => {
        const dimension = rows[0]?.[1].length ?? 0;
        // Only a header tells the dimension when the first word holds a space.
        const header = form.header || rows[0]?.[0].includes(' ') === true;
        const lines = rows.map(([word, values]) => [word, ...values].join(' '));
        if (header) lines.unshift(`${rows.length} ${dimension}`);
        const text = `${form.mark ? '\uFEFF' : ''}${lines.join(form.end)}${form.last ? form.end : ''}`;
        const found = await read(form.gzip ? gzipSync(text) : text);
        expect(found).toEqual({
          dimension,
          words: rows.map(([word]) => word),
          // Of -0 the sign is lost in the text.
          vectors: Float32Array.from(
            rows.flatMap(([, values]) => values.map((value) => Number(String(value)))),
          ),
          duplicates: 0,
        });
      }),
      { numRuns: 150 },
    );
  });

  it('takes the last values of a line, so that words may hold spaces', async () => {
    const found = await read('the 1 2\n. . . 3 4\nat name@domain.com 5 6\n 7 8\n');
    expect(found.words).toEqual(['the', '. . .', 'at name@domain.com', '']);
    expect([...found.vectors]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('skips a header and empty lines', async () => {
    expect(await read('2 3\na 1 2 3\n\nb 4 5 6\n\n')).toMatchObject({ dimension: 3, words: ['a', 'b'] });
    expect(await read('2 3 4\na 1 2\n')).toMatchObject({ dimension: 2, words: ['2', 'a'] });
  });

  it('keeps the first of repeated words and counts the others', async () => {
    const text = 'a 1 2\nb 3 4\na 5 6\nc 7 8\na 9 9\nc 0 0\n';
    const found = await read(text);
    expect(found).toMatchObject({ words: ['a', 'b', 'c'], duplicates: 3 });
    expect([...found.vectors]).toEqual([1, 2, 3, 4, 7, 8]);
    expect(await read(text, { only: (word) => word === 'c' })).toMatchObject({ words: ['c'], duplicates: 1 });
  });

  it('keeps nothing of a sound file when nothing is wanted', async () => {
    const found = await read('a 1 2\n', { only: () => false });
    expect(found).toEqual({ dimension: 2, words: [], vectors: new Float32Array(0), duplicates: 0 });
  });

  it('gives bytes that are not UTF-8 the replacement character, and only line feeds end lines', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a\xFFb 1 2\n', 'latin1'),
      Buffer.from('x\u0085\u2028y\r 3 4\n'),
    ]);
    expect((await read(bytes)).words).toEqual(['a\uFFFDb', 'x\u0085\u2028y\r']);
  });

  it('reads lines that lie across chunks, and more rows than a block holds', async () => {
    const value = (row: number, i: number): number => ((row * 31 + i * 7) % 1000) / 8 - 60;
    const rows = 2000;
    const dimension = 300;
    const lines = Array.from({ length: rows }, (_, row) =>
      [`w${row}`, ...Array.from({ length: dimension }, (_, i) => value(row, i))].join(' '),
    );
    const text = lines.join('\n');
    expect(text.length).toBeGreaterThan(2 * 1024 * 1024);
    const expected = new Float32Array(rows * dimension);
    for (let at = 0; at < expected.length; at++)
      expected[at] = value(Math.floor(at / dimension), at % dimension);
    for (const content of [text, gzipSync(text)]) {
      const found = await read(content);
      expect(found.words).toEqual(Array.from({ length: rows }, (_, row) => `w${row}`));
      expect(Buffer.from(found.vectors.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  });
});

describe('a file that holds no word vectors is refused by line', () => {
  it('for the wrong number of values', async () => {
    expect(await refusal('a 1 2 3\nb 1 2\n')).toMatch(
      /a word and 3 values.*got 2 values \(line 2 of .*vectors\.txt\)/,
    );
    expect(await refusal('a 1 2\nb 0.5 2.5 3\n')).toMatch(/a word and 2 values.*got more: "0.5" .*line 2 /);
    expect(await refusal('a 1 2\nb\n')).toMatch(/got 0 values \(line 2 /);
    expect(await refusal('1 3\na 1 2\n')).toMatch(/a word and 3 values.*got 2 values \(line 2 /);
    expect(await refusal('word\n')).toMatch(/a word and 1 to 4096 values.*got 0 values \(line 1 /);
    expect(await refusal('a\t1\t2\n')).toMatch(/got 0 values \(line 1 /);
    // Also where the word is not wanted.
    expect(await refusal('a 1 2\nb 1\n', { only: (word) => word === 'a' })).toMatch(/line 2 /);
  });

  it('for values that are no finite numbers', async () => {
    expect(await refusal('a 1 2\n\nb 1 x\n')).toMatch(/value 2 to be a finite number, got "x" \(line 3 /);
    for (const value of ['nan', 'inf', '-Infinity', '1e39', '0x1', '1,5', '']) {
      expect(await refusal(`a 1 2 3\nb 1 ${value} 2\n`)).toMatch(
        /value 2 to be a finite number, got .* \(line 2 /,
      );
    }
  });

  it('when it is empty, cut off or too large', async () => {
    expect(await refusal('')).toMatch(/at least one word and its vector, got none \(line 0 /);
    expect(await refusal('\n\r\n')).toMatch(/got none \(line 2 /);
    expect(await refusal('5 3\n')).toMatch(/got none \(line 1 /);
    // Cut between lines: only the header tells.
    expect(await refusal('3 2\na 1 2\na 3 4\n')).toMatch(/3 words, as the first line says, got 2 \(line 3 /);
    const packed = gzipSync('a 1 2\n'.repeat(1000));
    expect(await refusal(packed.subarray(0, packed.length - 12))).toMatch(
      /whole gzip data, got .*unexpected end/,
    );
    expect(await refusal(`a${' 1'.repeat(4097)}\n`)).toMatch(/1 to 4096 values.*got 4097 values \(line 1 /);
    expect(await refusal('1 5000\n')).toMatch(/got 5000 values \(line 1 /);
    expect(await refusal('1 0\n')).toMatch(/got 0 values \(line 1 /);
    expect(await refusal(`a 1 2\n${'b'.repeat(1024 * 1024)} 1 2\nc 1 2\n`)).toMatch(
      /at most 1048576 bytes.*\(line 2 /,
    );
    expect(await refusal(gzipSync('x'.repeat(1e8)))).toMatch(/at most 1048576 bytes.*\(line 1 /);
    expect(await refusal(`a 1 2\n${'b'.repeat(1001)} 1 2\n`)).toMatch(
      /at most 1000 characters, got one of 1001 \(line 2 /,
    );
    const text = 'a 1 2\nb 3 4\nc 5 6\n';
    expect(await refusal(text, { limits: { words: 2 } })).toMatch(/at most 2 words.*\(line 3 /);
    expect(await refusal(text, { limits: { values: 5 } })).toMatch(/at most 5 values.*\(line 3 /);
    expect(await refusal(text, { limits: { bytes: 17 } })).toMatch(/at most 17 bytes in all/);
    expect(
      (await read(text, { limits: { words: 3, values: 6, bytes: 18, line: 5, dimension: 2 } })).words,
    ).toEqual(['a', 'b', 'c']);
    await expect(readWordVectors(join(folder, 'none'))).rejects.toMatchObject({ code: 'E_FILE_MISSING' });
    await expect(readWordVectors(folder)).rejects.toMatchObject({ code: 'E_FILE_MISSING' });
  });
});
