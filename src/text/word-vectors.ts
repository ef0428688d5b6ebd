/**
 * Word vectors in GloVe's text form (Pennington et al. 2014): a word and its values on each line, plain or gzipped.
 *
 * The file is a stream; memory holds the vectors that are kept, once in blocks and once in the result.
 * The variants of the form that are in use are read too: word2vec's and fastText's first line `count dimension`, a
 * space at the end of lines, CRLF, a byte order mark, and words that hold spaces, as some of glove.840B do.
 */
import { fail } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import { unpacked, type Packing } from '../core/unpacked.ts';
import { parseDecimal } from './decimal.ts';
import { MAX_WORD_LENGTH, MAX_WORDS } from './words.ts';

/** What a file may have at most. */
export interface VectorLimits {
  /** Values of a vector. Default: 4,096. */
  readonly dimension: number;
  /** Bytes of a line. Default: a mebibyte. */
  readonly line: number;
  /** Words kept. Default: 5 million. */
  readonly words: number;
  /** Values kept, of all vectors. Default: 2^30 (4 GiB), as many as one array holds in every supported Node. */
  readonly values: number;
  /** Bytes of the (unpacked) file. Default: 8 * 10^9; glove.840B has 5.6 * 10^9. */
  readonly bytes: number;
}

const LIMITS: VectorLimits = {
  dimension: 4096,
  line: 1024 * 1024,
  words: MAX_WORDS,
  values: 2 ** 30,
  bytes: 8_000_000_000,
};

/** Vectors by word. */
export interface WordVectors {
  /** D, the values of each vector. */
  readonly dimension: number;
  /** In the order of the file, in its case, each once. Bytes that are not UTF-8 stand as U+FFFD. */
  readonly words: readonly string[];
  /** [words, D]; row i belongs to words[i]. All finite. */
  readonly vectors: Float32Array;
  /** Rows that were left out because their word had a vector already. Only wanted words are counted. */
  readonly duplicates: number;
}

/**
 * The vectors of a file. The dimension is that of its header, else of its first line, whose word has no space.
 *
 * The last D fields of a line are its values and what stands before them is its word. A word whose last part after a
 * space is a number with a point is refused: the line has a value too many. Lines with nothing in them are skipped.
 * The values of words that are not wanted are counted but not read. A file of fewer rows than its header says is cut off.
 *
 * @param options.only - which words to keep; default: all
 * @param options.limits - lower bounds than the usual ones
 * @throws RelataError `E_FILE_MISSING`, `E_WORD_VECTORS` with the line, what was expected and what was found
 */
export async function readWordVectors(
  path: string,
  options: { readonly only?: (word: string) => boolean; readonly limits?: Partial<VectorLimits> } = {},
): Promise<WordVectors> {
  if (!isFile(path)) throw fail('E_FILE_MISSING', { path, expected: 'a file of word vectors' });
  const limits = { ...LIMITS, ...options.limits };
  const rows = new Rows(path, options.only, limits);
  let held = Buffer.alloc(0);
  let total = 0;
  const damaged = (reason: string, cause: unknown, packing: Packing): Error =>
    rows.error(`whole ${packing} data`, reason, cause);
  for await (const bytes of unpacked(path, { damaged })) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    total += chunk.length;
    if (total > limits.bytes) throw rows.error(`at most ${limits.bytes} bytes in all`, 'more');
    let begin = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, begin)) {
      const rest = chunk.subarray(begin, end);
      rows.add(held.length === 0 ? rest : Buffer.concat([held, rest]));
      held = held.subarray(0, 0);
      begin = end + 1;
    }
    // Copied, because the chunk's memory may be used again.
    held = Buffer.concat([held, chunk.subarray(begin)]);
    rows.checkLength(held.length);
  }
  if (held.length > 0) rows.add(held);
  return rows.result();
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const POINT = 0x2e;
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
/** Float32 values of a block. */
const BLOCK = 2 ** 18;

/** Takes lines, keeps rows. */
class Rows {
  readonly #path: string;
  readonly #only: ((word: string) => boolean) | undefined;
  readonly #limits: VectorLimits;
  /** Lines begun. */
  #line = 0;
  #dimension = 0;
  /** Rows that the header promises; 0 without one. */
  #promised = 0;
  /** Rows of vectors seen, kept or not. */
  #seen = 0;
  readonly #words = new Set<string>();
  #duplicates = 0;
  /** Kept rows, a whole number of them in each block, so that growing never copies. */
  readonly #blocks: Float32Array[] = [];
  #perBlock = 1;

  constructor(path: string, only: ((word: string) => boolean) | undefined, limits: VectorLimits) {
    this.#path = path;
    this.#only = only;
    this.#limits = limits;
  }

  /** @param bytes - the next line, without its line feed */
  add(bytes: Buffer): void {
    this.checkLength(bytes.length);
    this.#line++;
    let line = bytes;
    if (this.#line === 1 && line.subarray(0, 3).equals(BYTE_ORDER_MARK)) line = line.subarray(3);
    let end = line.length;
    if (line[end - 1] === RETURN) end--;
    while (line[end - 1] === SPACE) end--;
    line = line.subarray(0, end);
    if (end === 0) return;
    if (this.#dimension === 0 && this.#begin(line)) return;
    this.#row(line);
  }

  /** @param length - bytes of the line after those that were added, as far as it is known */
  checkLength(length: number): void {
    const { line } = this.#limits;
    if (length <= line) return;
    this.#line++;
    throw this.error(`a line of at most ${line} bytes`, 'a longer one');
  }

  result(): WordVectors {
    if (this.#seen === 0) throw this.error('at least one word and its vector', 'none');
    if (this.#seen < this.#promised)
      throw this.error(`${this.#promised} words, as the first line says`, `${this.#seen}`);
    const vectors = new Float32Array(this.#words.size * this.#dimension);
    // The words go into the array before the blocks are joined, and each block goes when it was copied.
    const words = [...this.#words];
    const size = this.#perBlock * this.#dimension;
    for (let at = 0; at < vectors.length; at += size) {
      const block = this.#blocks.shift() as Float32Array;
      vectors.set(block.subarray(0, Math.min(size, vectors.length - at)), at);
    }
    return { dimension: this.#dimension, words, vectors, duplicates: this.#duplicates };
  }

  error(expected: string, found: string, cause?: unknown): Error {
    const detail = { path: this.#path, line: this.#line, expected, found };
    return fail('E_WORD_VECTORS', detail, { cause });
  }

  /** Takes the dimension from the first line; whether that line is a header. */
  #begin(line: Buffer): boolean {
    const header = line.length < 32 ? /^(\d+) (\d+)$/.exec(line.toString('latin1')) : null;
    const dimension = header === null ? countSpaces(line) : Number(header[2]);
    this.#promised = header === null ? 0 : Number(header[1]);
    const most = this.#limits.dimension;
    if (dimension < 1 || dimension > most) {
      throw this.error(`a word and 1 to ${most} values, separated by single spaces`, `${dimension} values`);
    }
    this.#dimension = dimension;
    this.#perBlock = Math.max(1, Math.floor(BLOCK / dimension));
    return header !== null;
  }

  #row(line: Buffer): void {
    const wordEnd = this.#wordEnd(line);
    this.#seen++;
    // Decoded on its own: a slice of the whole line's text would keep that text alive.
    const word = line.toString('utf8', 0, wordEnd);
    if (this.#only !== undefined && !this.#only(word)) return;
    if (this.#words.has(word)) {
      this.#duplicates++;
      return;
    }
    const row = this.#words.size;
    const { words, values } = this.#limits;
    if (row >= words) throw this.error(`at most ${words} words`, 'more');
    if ((row + 1) * this.#dimension > values) throw this.error(`at most ${values} values in all`, 'more');
    if (word.length > MAX_WORD_LENGTH) {
      throw this.error(`a word of at most ${MAX_WORD_LENGTH} characters`, `one of ${word.length}`);
    }
    if (row % this.#perBlock === 0) this.#blocks.push(new Float32Array(this.#perBlock * this.#dimension));
    const block = this.#blocks.at(-1) as Float32Array;
    const start = (row % this.#perBlock) * this.#dimension;
    this.#read(line, wordEnd + 1, block.subarray(start, start + this.#dimension));
    this.#words.add(word);
  }

  /** Where the word ends, exclusive: at the space before the last D fields. */
  #wordEnd(line: Buffer): number {
    const expected = `a word and ${this.#dimension} values, separated by single spaces`;
    let end = line.length;
    for (let left = this.#dimension; left > 0; left--) {
      end = spaceBefore(line, end);
      if (end < 0) throw this.error(expected, `${countSpaces(line)} values`);
    }
    const inner = spaceBefore(line, end);
    if (inner < 0 || !line.subarray(inner, end).includes(POINT)) return end;
    if (!Number.isNaN(parseDecimal(line, inner + 1, end))) {
      throw this.error(
        expected,
        `more: ${quoted(line.subarray(inner + 1, end))} stands before the last ones`,
      );
    }
    return end;
  }

  /** @param row - takes the values, which begin at `from` */
  #read(line: Buffer, from: number, row: Float32Array): void {
    let start = from;
    for (let i = 0; i < row.length; i++) {
      let end = start;
      while (end < line.length && line[end] !== SPACE) end++;
      row[i] = parseDecimal(line, start, end);
      // Also what is too large for a float32.
      if (!Number.isFinite(row[i])) {
        throw this.error(`value ${i + 1} to be a finite number`, quoted(line.subarray(start, end)));
      }
      start = end + 1;
    }
  }
}

/** Where the last space before `end` is; -1 where there is none. */
function spaceBefore(line: Buffer, end: number): number {
  let at = end - 1;
  while (at >= 0 && line[at] !== SPACE) at--;
  return at;
}

function countSpaces(line: Buffer): number {
  let count = 0;
  for (const byte of line) if (byte === SPACE) count++;
  return count;
}

function quoted(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('utf8', 0, 40));
}
