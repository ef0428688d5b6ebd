/**
 * Files: read with a clear error, written atomically.
 *
 * A file is written under a temporary name in its own folder, flushed and renamed, so that a reader
 * (or a run that is killed) sees either the old content or the new one.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
  statSync,
} from 'node:fs';
import { dirname, join, basename } from 'node:path';

import { fail, reasonOf } from './errors.ts';

/** Whether there is something other than a folder at `path`, which may lead through files. */
export function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory();
}

/**
 * Makes a folder and those above it, where they are absent.
 *
 * Node's own recursive way never returns below a folder that refuses new ones with "not found", such as /proc.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error; // another program may have made it
  }
}

/** The bytes of `path`. @throws RelataError `E_FILE_MISSING` */
export function readBytes(path: string, expected = 'a file'): Buffer {
  if (!isFile(path)) throw fail('E_FILE_MISSING', { path, expected });
  return readFileSync(path);
}

/** The parsed JSON of `path`, unchecked. @throws RelataError `E_FILE_MISSING`, `E_JSON` */
export function readJson(path: string, expected = 'a JSON file'): unknown {
  const text = readBytes(path, expected).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail('E_JSON', { path, reason: reasonOf(error) }, { cause: error });
  }
}

/** A file that is written under a temporary name and takes its own when it is whole. */
export class AtomicFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: number;
  /** Devices and pipes, such as /dev/stdout, are written in place: a file must never take their place. */
  readonly #inPlace: boolean;
  #open = true;
  #placed = false;

  /** The folder is made when it is absent. A link stays, and what it leads to is replaced. */
  constructor(path: string) {
    makeFolder(dirname(path));
    this.#inPlace = existsSync(path) && !statSync(path).isFile();
    this.#path = existsSync(path) && !this.#inPlace ? realpathSync(path) : path;
    this.#temporary = join(dirname(this.#path), `.${basename(this.#path)}.${process.pid}.tmp`);
    this.#handle = openSync(this.#inPlace ? this.#path : this.#temporary, 'w');
  }

  write(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
    for (let at = 0; at < bytes.byteLength;) at += writeSync(this.#handle, bytes, at);
  }

  /** Puts the file in place. */
  commit(): void {
    if (!this.#inPlace) fsyncSync(this.#handle);
    this.#close();
    if (!this.#inPlace) renameSync(this.#temporary, this.#path);
    this.#placed = true;
  }

  /** Leaves no trace, unless the file is in place already. */
  discard(): void {
    if (this.#placed) return;
    this.#close();
    if (!this.#inPlace) rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#open) closeSync(this.#handle);
    this.#open = false;
  }
}

/** Writes `chunks` one after the other, atomically. The folder is made when it is absent. */
export function writeAtomic(path: string, chunks: Iterable<Uint8Array | string>): void {
  const file = new AtomicFile(path);
  try {
    for (const chunk of chunks) file.write(chunk);
    file.commit();
  } finally {
    file.discard();
  }
}

/** Has another program write a file under a temporary name in its folder, then gives it its own. The folder is made when absent. */
export async function writeThrough(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  makeFolder(dirname(path));
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await write(temporary);
    const handle = openSync(temporary, 'r+');
    fsyncSync(handle);
    closeSync(handle);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Removes what a killed process left half-written in `folder`.
 *
 * @param pid - of that process; without it that of any, so only for a folder in which no other process writes
 */
export function removeHalfWritten(folder: string, pid?: number): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const [, writer] = /^\..+\.(\d+)\.tmp$/.exec(name) ?? [];
    if (writer !== undefined && (pid === undefined || Number(writer) === pid))
      rmSync(join(folder, name), { force: true });
  }
}

/** Writes `value` as indented JSON, atomically. */
export function writeJson(path: string, value: unknown): void {
  writeAtomic(path, [`${JSON.stringify(value, null, 2)}\n`]);
}
