/**
 * Safetensors: named arrays in one file. A length, a JSON header, the bytes.
 *
 * Files come from anywhere, so the header is checked in full before anything of its size is allocated: it
 * must describe every byte after it exactly once. Each tensor is read into a buffer of its own, so that a
 * file may be larger than any one buffer. Numbers are little-endian, as on every processor that Node's
 * releases run on.
 *
 * Source: the format's description and its reference reader (huggingface/safetensors), whose limits are kept.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';

import { fail, reasonOf } from './errors.ts';
import { writeAtomic } from './files.ts';
import { elements, METADATA, parseHeader, SIZES } from './safetensors-header.ts';
import type { Bad, SafetensorsArrays, SafetensorsDtype } from './safetensors-header.ts';

export type { SafetensorsDtype };

interface TensorOf<D extends SafetensorsDtype> {
  readonly dtype: D;
  /** Dimensions; [] is one number. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: SafetensorsArrays[D];
}

/** One array of a file. */
export type SafeTensor = { [D in SafetensorsDtype]: TensorOf<D> }[SafetensorsDtype];

/** What a file holds; the order of `tensors` is the header's. */
export interface Safetensors {
  readonly metadata: Record<string, string>;
  readonly tensors: Map<string, SafeTensor>;
}

/** The hub's own limit (bytes): some hundred thousand tensors. A larger header means a damaged length. */
const MAX_HEADER = 25_000_000;

/** Bytes per read or write: the system calls behind them take less than 2 GiB at once. */
const CHUNK = 64 * 1024 * 1024;

const PREFIX = 8;

/**
 * The tensors of a file, as their own type.
 *
 * @param options.only - names to read; the others are checked but skipped. Default: all
 * @throws RelataError `E_FILE_MISSING`; `E_SAFETENSORS` for anything that the format forbids: a header that
 * is too long, cut off or not JSON, repeated names, unknown types, byte ranges that overlap, leave holes, lie
 * outside the file or do not fit type and shape
 */
export function readSafetensors(
  path: string,
  options: { readonly only?: (name: string) => boolean } = {},
): Safetensors {
  if (!existsSync(path)) throw fail('E_FILE_MISSING', { path, expected: 'a safetensors file' });
  const bad = (reason: string, cause?: unknown) => fail('E_SAFETENSORS', { path, reason }, { cause });
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    throw bad(reasonOf(error), error);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw bad('it is not a regular file');
    if (stat.size < PREFIX) throw bad(`it has ${stat.size} bytes, fewer than the 8 of the header length`);
    const length = Number(new DataView(readRange(handle, 0, PREFIX, bad)).getBigUint64(0, true));
    if (length > MAX_HEADER) throw bad(`its header claims ${length} bytes, more than ${MAX_HEADER}`);
    if (PREFIX + length > stat.size)
      throw bad(`its header claims ${length} bytes, but only ${stat.size - PREFIX} follow`);

    const header = parseHeader(readRange(handle, PREFIX, length, bad), stat.size - PREFIX - length, bad);
    const tensors = new Map<string, SafeTensor>();
    for (const { name, dtype, shape, begin, end } of header.entries) {
      if (options.only?.(name) === false) continue;
      tensors.set(name, view(dtype, shape, readRange(handle, PREFIX + length + begin, end - begin, bad)));
    }
    return { metadata: header.metadata, tensors };
  } finally {
    closeSync(handle);
  }
}

/**
 * Writes tensors atomically, without a copy of their bytes. The header is padded with spaces to 8 bytes and
 * wider types come first, so that every array lies aligned to its type.
 *
 * @throws RelataError `E_SHAPE` when a shape does not fit its data, or a name is repeated or reserved
 */
export function writeSafetensors(
  path: string,
  tensors: Iterable<readonly [string, SafeTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const sorted = [...tensors].sort(([, a], [, b]) => SIZES[b.dtype] - SIZES[a.dtype]);
  const header = new Map<string, object>();
  if (Object.keys(metadata).length > 0) header.set(METADATA, metadata);
  let at = 0;
  for (const [name, { dtype, shape, data }] of sorted) {
    if (name === METADATA || header.has(name)) {
      throw fail('E_SHAPE', { operation: 'writeSafetensors', expected: 'names used once', found: name });
    }
    const size = elements(shape);
    if (size !== data.length || data.BYTES_PER_ELEMENT !== SIZES[dtype]) {
      throw fail('E_SHAPE', {
        operation: 'writeSafetensors',
        expected: `${dtype} of shape [${shape.join(', ')}]`,
        found: `${data.length} numbers of ${data.BYTES_PER_ELEMENT} bytes (${name})`,
      });
    }
    header.set(name, { dtype, shape, data_offsets: [at, at + data.byteLength] });
    at += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)), 'utf8');
  const length = Math.ceil(text.byteLength / 8) * 8;
  const head = Buffer.alloc(PREFIX + length, ' ');
  head.writeBigUInt64LE(BigInt(length), 0);
  text.copy(head, PREFIX);
  writeAtomic(path, chunksOf(head, sorted));
}

/**
 * A tensor's numbers as float32: its own array when it is F32, else a new one. F16 and BF16 are exact, F64
 * and integers are rounded to the nearest.
 */
export function toFloat32(tensor: SafeTensor): Float32Array {
  switch (tensor.dtype) {
    case 'F32':
      return tensor.data;
    case 'F16':
      return float32OfHalf(tensor.data);
    case 'BF16': {
      const result = new Float32Array(tensor.data.length);
      const bits = new Uint32Array(result.buffer);
      for (let i = 0; i < bits.length; i++) bits[i] = (tensor.data[i] as number) << 16;
      return result;
    }
    case 'I64':
      return Float32Array.from(tensor.data, Number);
    default:
      return new Float32Array(tensor.data);
  }
}

/** Numbers as IEEE 754 halves, rounded to the nearest, ties to even; what is too large becomes infinite. */
export function halfOfFloat32(floats: Float32Array): Uint16Array {
  const result = new Uint16Array(floats.length);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < result.length; i++) {
    const word = bits[i] as number;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    let half: number;
    if (magnitude >= 0x7f800000) half = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
    else if (magnitude < 0x38800000) half = roundToEven(Math.abs(floats[i] as number) * 2 ** 24); // subnormal
    else {
      const shifted = magnitude - 0x38000000; // the exponent's bias of 127 becomes 15
      const lost = shifted & 0x1fff;
      half = shifted >>> 13;
      if (lost > 0x1000 || (lost === 0x1000 && (half & 1) === 1)) half++;
      if (half > 0x7c00) half = 0x7c00;
    }
    result[i] = sign | half;
  }
  return result;
}

function readRange(handle: number, position: number, length: number, bad: Bad): ArrayBuffer {
  let buffer: ArrayBuffer;
  try {
    buffer = new ArrayBuffer(length);
  } catch (error) {
    throw bad(`a tensor of ${length} bytes does not fit into memory`, error);
  }
  const bytes = new Uint8Array(buffer);
  for (let at = 0; at < length;) {
    const count = readSync(handle, bytes, at, Math.min(CHUNK, length - at), position + at);
    if (count === 0) throw bad(`it ended ${length - at} bytes early while it was read`);
    at += count;
  }
  return buffer;
}

function view(dtype: SafetensorsDtype, shape: readonly number[], buffer: ArrayBuffer): SafeTensor {
  switch (dtype) {
    case 'F64':
      return { dtype, shape, data: new Float64Array(buffer) };
    case 'I64':
      return { dtype, shape, data: new BigInt64Array(buffer) };
    case 'F32':
      return { dtype, shape, data: new Float32Array(buffer) };
    case 'I32':
      return { dtype, shape, data: new Int32Array(buffer) };
    case 'F16':
    case 'BF16':
      return { dtype, shape, data: new Uint16Array(buffer) };
    case 'U8':
    case 'BOOL':
      return { dtype, shape, data: new Uint8Array(buffer) };
    default:
      return dtype satisfies never;
  }
}

function* chunksOf(
  head: Uint8Array,
  tensors: readonly (readonly [string, SafeTensor])[],
): Generator<Uint8Array> {
  yield head;
  for (const [, { data }] of tensors) {
    for (let at = 0; at < data.byteLength; at += CHUNK) {
      yield new Uint8Array(data.buffer, data.byteOffset + at, Math.min(CHUNK, data.byteLength - at));
    }
  }
}

function float32OfHalf(halves: Uint16Array): Float32Array {
  const result = new Float32Array(halves.length);
  const bits = new Uint32Array(result.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 31;
    const mantissa = half & 0x3ff;
    if (exponent === 0) {
      // Zero or subnormal: a multiple of 2^-24. The sign is set on the bits, so that -0 stays -0.
      result[i] = mantissa * 2 ** -24;
      bits[i] = (bits[i] as number) | sign;
    } else {
      bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
    }
  }
  return result;
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
