/** The lines of a text of any size: plain, gzip or xz, told by content. */
import { isUtf8 } from 'node:buffer';

import { fail } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import { unpacked, type Packing } from '../core/unpacked.ts';

/** Characters (UTF-16 code units) of a line, at most: a megabyte of English. */
const LONGEST = 2 ** 20;

const BYTE_ORDER_MARK = '\uFEFF';
/** Bytes of a character in UTF-8, at most. */
const BYTES_PER_CHARACTER = 4;

/**
 * The lines of `path`, without their ends, in batches as they come: a call for each line would cost more than reading.
 *
 * Memory holds one batch, a mebibyte of text, and one line. A longer line than a million characters comes as several,
 * parted at spaces where there are any. A byte order mark at the beginning is dropped, and lines may end in CR LF.
 *
 * @param options.onBytes - called with the bytes of the file, as it lies on disk, when that many more were read
 * @throws RelataError `E_FILE_MISSING`; `E_TEXT_FILE` when the file is empty, cut off, damaged or no text in UTF-8
 */
export async function* textLines(
  path: string,
  options: { readonly onBytes?: (bytes: number) => void } = {},
): AsyncGenerator<readonly string[]> {
  if (!isFile(path)) throw fail('E_FILE_MISSING', { path, expected: 'a text' });
  const damaged = (reason: string, cause: unknown, packing: Packing): Error =>
    fail('E_TEXT_FILE', { path, reason: `its ${packing} data is damaged: ${reason}` }, { cause });
  const scanner = new LineScanner(path);
  for await (const chunk of unpacked(path, { damaged, onBytes: options.onBytes })) {
    const lines = scanner.push(chunk);
    if (lines.length > 0) yield lines;
  }
  const last = scanner.end();
  if (last.length > 0) yield last;
}

/** Bytes in, whole lines out. */
export class LineScanner {
  readonly #path: string;
  readonly #longest: number;
  /** The beginning of a character whose rest is to come. */
  #bytes: Uint8Array = new Uint8Array();
  /** The beginning of a line whose rest is to come. */
  #text = '';
  /** Bytes and line ends before those two. */
  #before = 0;
  #lines = 0;
  #begun = false;

  /**
   * @param path - for errors
   * @param options.longest - characters of a line, at most; default: a million
   */
  constructor(path: string, options: { readonly longest?: number } = {}) {
    this.#path = path;
    this.#longest = options.longest ?? LONGEST;
  }

  /** The lines that end in these bytes, which follow those before. @throws RelataError `E_TEXT_FILE` */
  push(chunk: Uint8Array): string[] {
    const bytes = Buffer.concat([this.#bytes, chunk]);
    const whole = wholeCharacters(bytes);
    this.#bytes = bytes.subarray(whole);
    return this.#take(bytes.subarray(0, whole));
  }

  /** The last line, if it has no end of its own. @throws RelataError `E_TEXT_FILE` */
  end(): string[] {
    const lines = this.#take(this.#bytes);
    if (this.#text !== '') lines.push(this.#text);
    if (this.#before === 0) throw this.#error('it is empty');
    return lines;
  }

  #take(bytes: Uint8Array): string[] {
    const decoded = this.#decode(bytes);
    this.#before += bytes.length;
    const lines = (this.#text + decoded).split('\n');
    this.#lines += lines.length - 1;
    const result: string[] = [];
    for (const [i, line] of lines.entries()) {
      let rest = line;
      while (rest.length > this.#longest) {
        const end = partEnd(rest, this.#longest);
        result.push(rest.slice(0, end));
        rest = rest.slice(end);
      }
      if (i === lines.length - 1) this.#text = rest;
      else result.push(rest.endsWith('\r') ? rest.slice(0, -1) : rest);
    }
    return result;
  }

  #decode(bytes: Uint8Array): string {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const text = buffer.toString('utf8');
    if (!isUtf8(bytes)) {
      const at = firstInvalid(buffer, text);
      throw this.#error(`${this.#place(buffer, at)} is not UTF-8`);
    }
    // Archives happen to be valid UTF-8 at times; no text has this character.
    const nul = buffer.indexOf(0);
    if (nul >= 0) throw this.#error(`${this.#place(buffer, nul)} is NUL, which no text holds`);
    if (this.#begun || text === '') return text;
    this.#begun = true;
    return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }

  /** Where byte `at` of `bytes` stands in the text. */
  #place(bytes: Buffer, at: number): string {
    let line = this.#lines + 1;
    for (let end = bytes.indexOf(NEWLINE); end >= 0 && end < at; end = bytes.indexOf(NEWLINE, end + 1))
      line++;
    return `byte ${this.#before + at} (counted unpacked from 0, in line ${line})`;
  }

  #error(reason: string): Error {
    return fail('E_TEXT_FILE', { path: this.#path, reason });
  }
}

const NEWLINE = 0x0a;

/** Where the last character that is whole ends; invalid bytes count as whole. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back < BYTES_PER_CHARACTER && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (needed > back) return bytes.length - back;
    // Only bytes inside a character lead back to one that began.
    if (byte < 0x80 || byte >= 0xc0) break;
  }
  return bytes.length;
}

/** Where the first byte is that `text`, decoded from `bytes`, holds a replacement character for. */
function firstInvalid(bytes: Buffer, text: string): number {
  const again = Buffer.from(text, 'utf8');
  let at = 0;
  while (again[at] === bytes[at]) at++;
  // Back to the beginning of the replacement, since its first bytes may be those of what it replaces.
  while (at > 0 && ((again[at] ?? 0) & 0xc0) === 0x80) at--;
  return at;
}

/** Where to part a line that is longer than `longest`: after its last space within, else between characters. */
function partEnd(line: string, longest: number): number {
  const space = line.lastIndexOf(' ', longest - 1);
  if (space >= 0) return space + 1;
  const splitsPair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(line.slice(longest - 1, longest + 1));
  return splitsPair && longest > 1 ? longest - 1 : longest;
}
