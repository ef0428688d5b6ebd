/** The bytes of a file as they come, gunzipped where they need it: told by content, never by name. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { reasonOf } from './errors.ts';

/** Bytes read at once. */
const CHUNK = 1024 * 1024;

/**
 * Chunks of at most a mebibyte; a chunk's memory may be used again once the next one is asked for.
 *
 * @param options.damaged - the error for gzip data that is cut off or broken
 */
export async function* unpacked(
  path: string,
  options: { readonly damaged: (reason: string, cause: unknown) => Error },
): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK });
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    const first = await chunks.next();
    if (first.done === true) return;
    const source = startWith(first.value, chunks);
    if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
      yield* source;
      return;
    }
    const gunzip = createGunzip({ chunkSize: CHUNK });
    // Errors reach whoever iterates; the callback only keeps them from being thrown twice.
    pipeline(source, gunzip, () => {});
    try {
      for await (const chunk of gunzip) yield chunk as Buffer;
    } catch (error) {
      if (!isZlibError(error)) throw error;
      throw options.damaged(reasonOf(error), error);
    }
  } finally {
    file.destroy();
  }
}

async function* startWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
