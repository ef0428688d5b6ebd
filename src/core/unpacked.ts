/** The bytes of a file as they come, unpacked where they are gzip or xz data: told by content, never by name. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';

import xzDecompress from 'xz-decompress';

import { reasonOf } from './errors.ts';

/** Bytes read at once. */
const CHUNK = 1024 * 1024;

/** How a file is packed. */
export type Packing = 'gzip' | 'xz';

/** What packed data begins with. */
const MAGIC = [
  ['gzip', Buffer.of(0x1f, 0x8b)],
  ['xz', Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)],
] as const satisfies readonly (readonly [Packing, Buffer])[];

/**
 * Chunks of at most a mebibyte; a chunk's memory may be used again once the next one is asked for.
 *
 * Of xz files one is unpacked at a time: a second one waits until the first is read to its end, or left.
 *
 * @param options.damaged - the error for packed data that is cut off, broken or of a kind that is not read
 * @param options.onBytes - called with the bytes of the file as it lies on disk, when that many more were read
 */
export async function* unpacked(
  path: string,
  options: {
    readonly damaged: (reason: string, cause: unknown, packing: Packing) => Error;
    readonly onBytes?: ((bytes: number) => void) | undefined;
  },
): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    const first = await chunks.next();
    if (first.done === true) return;
    const source = startWith(first.value, chunks, options.onBytes);
    const packing = packingOf(first.value);
    if (packing === undefined) {
      yield* source;
      return;
    }
    try {
      yield* packing === 'gzip' ? gunzipped(source) : unxzipped(source);
    } catch (error) {
      const reason = packing === 'gzip' ? zlibReason(error) : xzReason(error);
      if (reason === undefined) throw error;
      throw options.damaged(reason, error, packing);
    }
  } finally {
    file.destroy();
  }
}

function packingOf(start: Buffer): Packing | undefined {
  return MAGIC.find(([, magic]) => start.subarray(0, magic.length).equals(magic))?.[0];
}

async function* startWith(
  first: Buffer,
  rest: AsyncIterator<Buffer>,
  onBytes: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  onBytes?.(first.length);
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    onBytes?.(next.value.length);
    yield next.value;
  }
}

async function* gunzipped(source: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  // Errors reach whoever iterates; the callback only keeps them from being thrown twice.
  pipeline(source, gunzip, () => {});
  for await (const chunk of gunzip) yield chunk as Buffer;
}

async function* unxzipped(source: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  yield* new xzDecompress.XzReadableStream(ReadableStream.from(source));
}

function zlibReason(error: unknown): string | undefined {
  const isZlib = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
  return isZlib ? reasonOf(error) : undefined;
}

/** What the numbers of the decoder's errors mean: `enum xz_ret` of XZ Embedded. */
const XZ_REASONS: Readonly<Record<string, string>> = {
  3: 'there is no memory for it',
  4: 'its dictionary is larger than 64 MiB', // what `xz -9` makes, the highest of its levels
  5: 'it is no xz data',
  6: 'it has options that are not read, such as a check by SHA-256 (xz --check=crc64 is read)',
  7: 'its bytes are broken',
  8: 'it is cut off or broken',
};

function xzReason(error: unknown): string | undefined {
  const [, code = ''] = /get_next_output failed with error code (\d+)/.exec(reasonOf(error)) ?? [];
  return XZ_REASONS[code];
}
