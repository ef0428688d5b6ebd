import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { RelataError } from '../../src/core/errors.ts';
import { LineScanner, textLines } from '../../src/data/text-lines.ts';
import { hasShared, shared } from '../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = [
  'Grüße aus Łódź, 東京 und 🙂 Zürich.',
  'Zweite Zeile mit “Anführung”.',
  '',
  'Ein neues Dokument beginnt hier: naïve café, Σίσυφος, Дом.',
];
const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
/** `text` as `xz -9e --block-size=64` packs it, in three blocks: Node has no packer for xz. */
const xz = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQA/R3LDvMOfZSBhdXMgxYHDs2TFuiwg5p2x5LqsIHVuZCDwn5mCIFrDvHJpY2guClp3ZWl0ZSBaZWlsZSBtaXQg4gDSerr4wTrjPQIAIQEcAAAAEM9YzAEAP4CcQW5mw7xocnVuZ+KAnS4KCkVpbiBuZXVlcyBEb2t1bWVudCBiZWdpbm50IGhpZXI6IG5hw692ZSBjYWbDqSwAySZF5LXeZRUCACEBHAAAABDPWMwBABggzqPOr8+Dz4XPhs6/z4IsINCU0L7QvC4KAAAAALOhLYQVC5CDAANYQFhAMRnYEvEwscRn+wIAAAAABFla',
  'base64',
);

const path = join(folder, 'text');

/** The lines of a file of this content. */
async function read(content: string | Uint8Array): Promise<string[]> {
  writeFileSync(path, content);
  const result: string[] = [];
  for await (const batch of textLines(path)) result.push(...batch);
  return result;
}

/** What the error says with which it is refused. */
async function refusal(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    (value) => `not refused: ${JSON.stringify(value)}`,
    (reason: unknown) => reason,
  );
  return error instanceof RelataError ? `${error.code} ${error.message}` : String(error);
}

describe('textLines', () => {
  it('gives the same lines of plain, gzip and xz files, also of packed ones behind each other', async () => {
    expect(await read(text)).toEqual(lines);
    expect(await read(gzipSync(text))).toEqual(lines);
    expect(await read(xz)).toEqual(lines);
    const twice = [...lines, ...lines];
    expect(await read(Buffer.concat([gzipSync(text), gzipSync(text)]))).toEqual(twice);
    // Streams may be followed by zeros, four at a time.
    expect(await read(Buffer.concat([xz, Buffer.alloc(8), xz, Buffer.alloc(4)]))).toEqual(twice);
  });

  it('drops a byte order mark at the beginning only, and takes CR LF and a last line without an end', async () => {
    expect(await read('\uFEFFone\r\n\uFEFFtwo\r\n\r\nth\rree')).toEqual(['one', '\uFEFFtwo', '', 'th\rree']);
    expect(await read('\n')).toEqual(['']);
  });

  it('counts the bytes on disk', async () => {
    for (const content of [text, gzipSync(text), xz]) {
      writeFileSync(path, content);
      let bytes = 0;
      const onBytes = (more: number): void => void (bytes += more);
      for await (const batch of textLines(path, { onBytes })) expect(batch.length).toBeGreaterThan(0);
      expect(bytes).toBe(content.length);
    }
  });

  it('may be left early, and then reads another file', async () => {
    for (let i = 0; i < 3; i++) {
      writeFileSync(path, xz);
      for await (const [first] of textLines(path)) {
        expect(first).toBe(lines[0]);
        break;
      }
    }
    expect(await read(xz)).toEqual(lines);
  });

  it('refuses a packed file that is cut off anywhere', async () => {
    for (let end = 1; end < xz.length; end++) {
      expect(await refusal(read(xz.subarray(0, end)))).toMatch(/^E_TEXT_FILE .*(is cut off|is not UTF-8)/);
    }
    const gz = gzipSync(text);
    for (const end of [10, 40, gz.length - 8, gz.length - 1]) {
      expect(await refusal(read(gz.subarray(0, end)))).toMatch(/^E_TEXT_FILE .*gzip data is damaged/);
    }
  });

  it('refuses an xz file with a changed byte anywhere, or with something behind it', async () => {
    for (let at = 0; at < xz.length; at++) {
      const changed = Buffer.from(xz);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      expect(await refusal(read(changed)), `byte ${at}`).toMatch(/^E_TEXT_FILE .*/);
    }
    expect(await refusal(read(Buffer.concat([xz, text])))).toMatch(/xz data is damaged/);
  });

  it('refuses what is no file, is empty or no text, and says where', async () => {
    expect(await refusal(textLines(join(folder, 'absent')).next())).toMatch(/^E_FILE_MISSING/);
    expect(await refusal(textLines(folder).next())).toMatch(/^E_FILE_MISSING/);
    expect(await refusal(read(''))).toMatch(
      `E_TEXT_FILE Expected ${path} to be a text in UTF-8, but it is empty`,
    );
    expect(await refusal(read(gzipSync('')))).toMatch('it is empty');
    expect(await refusal(read(Buffer.from('Zoé\nZürich', 'latin1')))).toMatch(
      'byte 2 (counted unpacked from 0, in line 1) is not',
    );
    expect(await refusal(read(Buffer.from('\uFEFFtext', 'utf16le')))).toMatch('byte 0 ');
    expect(await refusal(read('a\nb\nc\0'))).toMatch('byte 5 (counted unpacked from 0, in line 3) is NUL');
  });
});

describe('LineScanner', () => {
  const arbText = fc.string({
    unit: fc.constantFrom('a', 'b ', 'é', '東', '🙂', '\n', '\r\n', '\uFEFF', '\uFFFD'),
  });
  const arbCuts = fc.array(fc.nat(), { maxLength: 8 });

  /** All lines of chunks that end at these places. */
  function scan(bytes: Uint8Array, cuts: readonly number[], longest?: number): string[] {
    const scanner = new LineScanner('text', longest === undefined ? {} : { longest });
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    const pushed = ends.flatMap((end, i) => scanner.push(bytes.slice(ends[i - 1] ?? 0, end)));
    return [...pushed, ...scanner.end()];
  }

  it('gives the same for any borders of chunks, inside of characters too', () => {
    fc.assert(
      fc.property(arbText, arbCuts, (content, cuts) => {
        fc.pre(content !== '');
        const expected = content.replace(/^\uFEFF/, '').split(/\r?\n/);
        if (expected.at(-1) === '') expected.pop();
        expect(scan(Buffer.from(content), cuts)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('parts long lines at spaces, else between characters, and loses nothing', () => {
    expect(scan(Buffer.from('aaa bbb ccc\nddddddddd'), [], 6)).toEqual([
      'aaa ',
      'bbb ',
      'ccc',
      'dddddd',
      'ddd',
    ]);
    expect(scan(Buffer.from('abc🙂🙂🙂'), [], 4)).toEqual(['abc', '🙂🙂', '🙂']);
    fc.assert(
      fc.property(arbText, arbCuts, fc.integer({ min: 2, max: 9 }), (content, cuts, longest) => {
        fc.pre(content !== '');
        const bytes = Buffer.from(content);
        const parts = scan(bytes, cuts, longest);
        expect(parts).toEqual(scan(bytes, [], longest));
        expect(Math.max(0, ...parts.map((part) => part.length))).toBeLessThanOrEqual(longest);
        expect(parts.some((part) => /\p{Cs}/u.test(part))).toBe(false);
        expect(parts.join('').replaceAll('\r', '')).toBe(
          content.replace(/^\uFEFF/, '').replace(/[\r\n]/g, ''),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('names the first byte that is not UTF-8, wherever chunks end', () => {
    const arbInvalid = fc.constantFrom(
      [0xff],
      [0x80],
      [0xe6, 0x9d],
      [0xf0, 0x9f, 0x99],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
    );
    fc.assert(
      fc.property(
        arbText,
        arbInvalid,
        fc.constantFrom('', 'x', '🙂'),
        arbCuts,
        (before, invalid, after, cuts) => {
          const head = Buffer.from(before);
          const bytes = Buffer.concat([head, Buffer.from(invalid), Buffer.from(after)]);
          const line = before.split('\n').length;
          expect(() => scan(bytes, cuts)).toThrow(
            `text to be a text in UTF-8, but byte ${head.length} (counted unpacked from 0, in line ${line}) is not UTF-8`,
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(!hasShared)('real text', () => {
  it('is read to its end', async () => {
    let [count, characters, documents] = [0, 0, 0];
    for await (const batch of textLines(shared('data/text/wikipedia-15.txt.xz'))) {
      count += batch.length;
      for (const line of batch) {
        characters += line.length;
        if (line === '') documents++;
      }
    }
    // 21,008 line ends by `xzcat | wc -l`, 3,208 empty lines by `grep -c '^$'`.
    expect([count, documents]).toEqual([21_008, 3208]);
    expect(characters).toBeGreaterThan(6_000_000);
  });
});
