/**
 * The JSON header of a safetensors file: parsed, and checked so that everything it claims can be believed.
 *
 * It must describe every byte after it exactly once, as the reference reader (huggingface/safetensors) demands.
 */
import { reasonOf } from './errors.ts';

/** The array that holds each type. */
export interface SafetensorsArrays {
  F64: Float64Array;
  I64: BigInt64Array;
  F32: Float32Array;
  I32: Int32Array;
  /** Raw bits: `toFloat32` reads them. */
  F16: Uint16Array;
  /** Raw bits: `toFloat32` reads them. */
  BF16: Uint16Array;
  U8: Uint8Array;
  /** 0 or 1. */
  BOOL: Uint8Array;
}

export type SafetensorsDtype = keyof SafetensorsArrays;

/** Bytes per element of each type. */
export const SIZES = {
  F64: 8,
  I64: 8,
  F32: 4,
  I32: 4,
  F16: 2,
  BF16: 2,
  U8: 1,
  BOOL: 1,
} as const satisfies Record<SafetensorsDtype, number>;

/** Makes the error for a reason; the caller knows the path. */
export type Bad = (reason: string, cause?: unknown) => Error;

/** One tensor: what it is and where. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Bytes after the header. */
  readonly begin: number;
  readonly end: number;
}

/** The one key of a header that names no tensor. */
export const METADATA = '__metadata__';

/**
 * The metadata and the tensors that a header names, in its order.
 *
 * @param bytes - the header alone
 * @param total - bytes that follow it
 */
export function parseHeader(
  bytes: ArrayBuffer,
  total: number,
  bad: Bad,
): { metadata: Record<string, string>; entries: HeaderEntry[] } {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (error) {
    throw bad(`its header is not JSON (${reasonOf(error)})`, error);
  }
  if (!isObject(parsed)) throw bad('its header is not a JSON object');
  if (countColons(text) !== countKeys(parsed)) throw bad('its header repeats a name');

  const metadata: Record<string, string> = {};
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (!isObject(value)) throw bad(`"${name}" in its header is not an object`);
    if (name === METADATA) {
      for (const [key, item] of Object.entries(value)) {
        if (typeof item !== 'string') throw bad(`"${METADATA}.${key}" is not a string`);
        Object.defineProperty(metadata, key, {
          value: item,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      }
    } else {
      entries.push(parseEntry(name, value, bad));
    }
  }
  checkCover(entries, total, bad);
  return { metadata, entries };
}

function parseEntry(name: string, value: Record<string, unknown>, bad: Bad): HeaderEntry {
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !isDtype(dtype)) {
    throw bad(`"${name}" has type ${JSON.stringify(dtype)}, not one of ${Object.keys(SIZES).join(', ')}`);
  }
  if (!isNaturals(shape)) throw bad(`"${name}" has no shape of whole numbers`);
  if (!isNaturals(offsets) || offsets.length !== 2) throw bad(`"${name}" has no pair of data_offsets`);
  const [begin = 0, end = 0] = offsets;
  const expected = elements(shape) * SIZES[dtype];
  if (!Number.isSafeInteger(expected) || end - begin !== expected) {
    throw bad(
      `"${name}" is ${dtype} [${shape.join(', ')}], ${expected} bytes, but its data_offsets span ${end - begin}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The ranges, in order, must cover `total` bytes without overlap or hole. */
function checkCover(entries: readonly HeaderEntry[], total: number, bad: Bad): void {
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > total)
      throw bad(`"${name}" ends at byte ${end}, but only ${total} follow the header: it is cut off`);
    if (begin < at) throw bad(`"${name}" begins at byte ${begin} and overlaps the tensor that ends at ${at}`);
    if (begin > at) throw bad(`bytes ${at} to ${begin} belong to no tensor`);
    at = end;
  }
  if (at !== total) throw bad(`its tensors end at byte ${at}, but ${total} follow the header`);
}

/** The number of elements; NaN where it is too large to be a safe integer. */
export function elements(shape: readonly number[]): number {
  if (shape.includes(0)) return 0;
  let product = 1;
  for (const size of shape) product *= size;
  return Number.isSafeInteger(product) ? product : Number.NaN;
}

/** Colons outside strings, one per key that was written. `JSON.parse` drops repeated keys in silence. */
function countColons(text: string): number {
  let count = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString && code === 0x5c) i++;
    else if (code === 0x22) inString = !inString;
    else if (code === 0x3a && !inString) count++;
  }
  return count;
}

/** Keys of a parsed value and everything in it. */
function countKeys(root: unknown): number {
  let count = 0;
  const open = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) count += Object.keys(value).length;
    for (const item of Object.values(value)) open.push(item);
  }
  return count;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDtype(value: string): value is SafetensorsDtype {
  return Object.hasOwn(SIZES, value);
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
