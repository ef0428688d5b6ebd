/**
 * Cuts a stream of JSON bytes into its top-level elements: those of one array, or one value after another.
 *
 * Only strings and brackets are told apart here; `JSON.parse` reads each element on its own. So an array
 * of any size is read in memory for one element, at nearly the speed of `JSON.parse` alone.
 */
import { fail } from '../core/errors.ts';

/** No document comes near this; a file of another kind is noticed before it fills the memory. In bytes. */
const MAX_ELEMENT = 64 * 1024 * 1024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_SQUARE = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_SQUARE = 0x5d;
const OPEN_CURLY = 0x7b;
const CLOSE_CURLY = 0x7d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** One top-level value, as text. */
export interface Element {
  /** Its position among the elements, from 0. */
  readonly index: number;
  /** Where it begins, in bytes of the (unpacked) file. */
  readonly offset: number;
  readonly text: string;
}

type State = 'start' | 'first' | 'value' | 'comma' | 'lines' | 'element' | 'scalar' | 'end';

/** Takes chunks of bytes as they come, gives back the elements that they complete. */
export class ElementScanner {
  readonly #path: string;
  #state: State = 'start';
  #array = false;
  /** Open brackets of each kind inside the element. */
  #curly = 0;
  #square = 0;
  #inString = false;
  #escaped = false;
  /** Bytes before this chunk. */
  #before = 0;
  #index = 0;
  /** Where the element begins, and its bytes from earlier chunks. */
  #offset = 0;
  #pieces: Uint8Array[] = [];
  #held = 0;

  /** @param path - names the file in errors */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * The elements that end in `chunk`, a part of the file that follows the previous one.
   *
   * @throws RelataError `E_JSON` where the brackets, commas or strings of the file are not JSON's
   */
  *push(chunk: Uint8Array): Generator<Element> {
    let begin = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#state === 'element') {
        const end = this.#scan(chunk, i);
        if (end < 0) break;
        i = end - 1;
        yield this.#finish(chunk, begin, end);
      } else if (this.#state === 'scalar') {
        if (!endsScalar(byte)) continue;
        yield this.#finish(chunk, begin, i);
        i--;
      } else if (!isSpace(byte) && this.#between(byte, i)) {
        begin = i;
        this.#offset = this.#before + i;
        if (byte === QUOTE || byte === OPEN_CURLY || byte === OPEN_SQUARE) {
          this.#state = 'element';
          i--;
        } else {
          this.#state = 'scalar';
        }
      }
    }
    if (this.#state === 'element' || this.#state === 'scalar') this.#hold(chunk, begin);
    this.#before += chunk.length;
  }

  /**
   * The last element, if only the end of the file completes it.
   *
   * @throws RelataError `E_JSON` when the file ends too early
   */
  *end(): Generator<Element> {
    if (this.#state === 'scalar' && !this.#array) yield this.#finish(new Uint8Array(0), 0, 0);
    if (this.#state === 'end' || this.#state === 'lines') return;
    if (this.#state === 'start') throw this.#error('the file is empty', this.#before);
    const open = this.#state === 'element' || this.#state === 'scalar';
    const where = open ? ` inside document ${this.#index}, which begins at byte ${this.#offset}` : '';
    throw this.#error(`the file ends${where || ' before its array does'}`, this.#before);
  }

  /** Follows an element from `from`; where it ends (exclusive), or -1 when it goes on after this chunk. */
  #scan(chunk: Uint8Array, from: number): number {
    let curly = this.#curly;
    let square = this.#square;
    let inString = this.#inString;
    let i = from;
    if (this.#escaped) {
      this.#escaped = false;
      i++;
    }
    for (; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (inString) {
        if (byte === QUOTE) inString = false;
        else if (byte === BACKSLASH) {
          if (++i === chunk.length) this.#escaped = true;
          continue;
        } else if (byte < 0x20) throw this.#error('a text is not closed on its line', this.#before + i);
        else continue;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN_CURLY) curly++;
      else if (byte === OPEN_SQUARE) square++;
      else if (byte === CLOSE_CURLY) curly--;
      else if (byte === CLOSE_SQUARE) square--;
      else continue;
      if (curly < 0 || square < 0)
        throw this.#error('a bracket is closed that was not opened', this.#before + i);
      if (inString || curly + square > 0) continue;
      this.#curly = 0;
      this.#square = 0;
      this.#inString = false;
      return i + 1;
    }
    this.#curly = curly;
    this.#square = square;
    this.#inString = inString;
    return -1;
  }

  /** Whether an element begins with this byte, which stands between elements. */
  #between(byte: number, i: number): boolean {
    const at = this.#before + i;
    switch (this.#state) {
      case 'start':
        if (at < 3 && byte === BYTE_ORDER_MARK[at]) return false;
        if (byte === OPEN_SQUARE) {
          this.#array = true;
          this.#state = 'first';
          return false;
        }
        if (byte === OPEN_CURLY) return true;
        throw this.#error('expected "[" (an array of documents) or "{" (a document on each line)', at);
      case 'lines':
        return true;
      case 'first':
      case 'value':
        if (byte === CLOSE_SQUARE && this.#state === 'first') {
          this.#state = 'end';
          return false;
        }
        if (byte === COMMA || byte === CLOSE_SQUARE || byte === CLOSE_CURLY) {
          throw this.#error('expected a document', at);
        }
        return true;
      case 'comma':
        if (byte !== COMMA && byte !== CLOSE_SQUARE)
          throw this.#error('expected "," or "]" after a document', at);
        this.#state = byte === COMMA ? 'value' : 'end';
        return false;
      default:
        throw this.#error('expected nothing after the end of the array', at);
    }
  }

  #finish(chunk: Uint8Array, begin: number, end: number): Element {
    const last = chunk.subarray(begin, end);
    const bytes = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#held = 0;
    this.#state = this.#array ? 'comma' : 'lines';
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    return { index: this.#index++, offset: this.#offset, text };
  }

  /** Keeps a copy of what `chunk` holds of the open element: the chunk's memory may be used again. */
  #hold(chunk: Uint8Array, begin: number): void {
    this.#held += chunk.length - begin;
    if (this.#held > MAX_ELEMENT) {
      const reason = `document ${this.#index} is larger than ${MAX_ELEMENT} bytes (or does not end)`;
      throw this.#error(reason, this.#offset);
    }
    this.#pieces.push(Uint8Array.from(chunk.subarray(begin)));
  }

  #error(reason: string, at: number): Error {
    return fail('E_JSON', { path: this.#path, reason: `${reason} (byte ${at}, document ${this.#index})` });
  }
}

/**
 * The value of an element.
 *
 * @throws RelataError `E_JSON` with the document's place
 */
export function parseElement(element: Element, path: string): unknown {
  try {
    return JSON.parse(element.text);
  } catch (error) {
    const reason = `${(error as Error).message} (document ${element.index}, which begins at byte ${element.offset})`;
    throw fail('E_JSON', { path, reason }, { cause: error });
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function endsScalar(byte: number): boolean {
  return isSpace(byte) || byte === COMMA || byte === CLOSE_SQUARE || byte === CLOSE_CURLY;
}
