/**
 * Texts as piece ids on disk: cut once, then read by position, so that a run needs no memory for its text.
 *
 * ```
 * pieces.bin, held-out.bin   ids, little-endian, of 2 bytes each (4 where the vocabulary has more than 65,536 pieces)
 * text.json                  counts, and hashes of the files and the vocabulary; written last
 * ```
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { AtomicFile, readJson, removeHalfWritten, writeJson } from '../core/files.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { wordsOf } from '../text/word-counter.ts';
import { WordPiece } from '../text/wordpiece.ts';
import { readTexts, type TextEvent } from './read-texts.ts';
import { hashFiles } from './request.ts';
import { LEAST_HELD_OUT, TextSplit, type PieceSink } from './text-split.ts';

/** Ids of pieces on disk. */
export interface PieceFile {
  /** Pieces. */
  readonly length: number;
  /** The ids at [from, from + count). @throws RangeError where there are none */
  read(from: number, count: number): Int32Array;
}

export interface CachedText {
  /** Stretches of text between empty lines, or the ends of files, that hold any word. */
  readonly documents: number;
  /** What stands between white space and has any piece. */
  readonly words: number;
  readonly train: PieceFile;
  readonly heldOut: PieceFile;
  close(): void;
}

/** Rises when the same text and vocabulary would give other bytes. */
const FORMAT = 1;

/** A run needs this many pieces to train on. */
const LEAST_TRAINING = 2048;

const textSchema = z.object({
  format: z.literal(FORMAT),
  bytesPerId: z.literal([2, 4]),
  documents: z.int().positive(),
  words: z.int().positive(),
  /** Pieces to train on, [SEP] included, and those held out. */
  pieces: z.int().min(LEAST_TRAINING),
  heldOut: z.int().min(LEAST_HELD_OUT),
  /** In the order in which they were read. */
  texts: z.array(z.object({ path: z.string(), sha256: z.string() })),
  vocabulary: z.string().describe('SHA-256'),
});
type SavedText = z.infer<typeof textSchema>;

/**
 * The pieces of `paths`, cut unless `folder` holds them already.
 *
 * A document is what stands between empty lines; [SEP] stands between two. A cut that was cut off starts over. Texts with
 * which a cache was made may since have moved, but not changed.
 *
 * @param options.folder - of the cache, inside that of the run; no other process may write there
 * @param options.now - milliseconds; only events depend on it
 * @returns the pieces, for the caller to close; undefined when `signal` ended it
 * @throws RelataError `E_FILE_MISSING`, `E_TEXT_FILE`; `E_TEXT_SHORT` when there is too little text to train on and hold out;
 *   `E_DATA_CHANGED` when the cache was made of other texts or with another vocabulary; `E_RUN_DAMAGED`
 */
export async function* cacheText(
  paths: readonly string[],
  options: {
    readonly vocabulary: Vocabulary;
    readonly folder: string;
    readonly signal?: AbortSignal | undefined;
    readonly now?: () => number;
  },
): AsyncGenerator<TextEvent, CachedText | undefined> {
  const { vocabulary, folder } = options;
  removeHalfWritten(folder);
  const hashes = await hashFiles(paths);
  const source = {
    texts: paths.map((path) => ({ path, sha256: hashes[path] ?? '' })),
    vocabulary: hashOf(vocabulary),
  };
  const saved = readSaved(folder);
  if (saved !== undefined) {
    mustMatch(saved, source, folder);
    if (isWhole(saved, folder)) return open(saved, folder);
  }
  const counts = yield* cut(paths, { ...options, bytesPerId: bytesPerIdOf(vocabulary) });
  if (counts === undefined) return undefined;
  const text: SavedText = { format: FORMAT, ...counts, ...source };
  writeJson(join(folder, 'text.json'), text);
  return open(text, folder);
}

type Counts = Pick<SavedText, 'bytesPerId' | 'documents' | 'words' | 'pieces' | 'heldOut'>;

/** Writes both files of ids; undefined when `signal` ended it, and then they are as they were. */
async function* cut(
  paths: readonly string[],
  options: {
    readonly vocabulary: Vocabulary;
    readonly folder: string;
    readonly bytesPerId: 2 | 4;
    readonly signal?: AbortSignal | undefined;
    readonly now?: () => number;
  },
): AsyncGenerator<TextEvent, Counts | undefined> {
  const { vocabulary, folder, bytesPerId, signal, now } = options;
  const tokenizer = new WordPiece(vocabulary);
  const train = new PieceWriter(join(folder, PIECES), bytesPerId);
  const heldOut = new PieceWriter(join(folder, HELD_OUT), bytesPerId);
  try {
    const split = new TextSplit({ train, heldOut, separator: vocabulary.special.sep });
    let words = 0;
    const take = (lines: readonly string[]): number => {
      const before = words;
      for (const line of lines) {
        const found = wordsOf(line);
        if (found.length === 0) split.endDocument();
        for (const word of found) {
          const pieces = tokenizer.pieces(word);
          if (pieces.length === 0) continue;
          split.add(pieces);
          words++;
        }
      }
      return words - before;
    };
    if (!(yield* readTexts(paths, { doing: 'cutting into pieces', take, signal, now }))) return undefined;
    const { documents } = split;
    const counts = { bytesPerId, documents, words, pieces: train.length, heldOut: heldOut.length };
    mustSuffice(counts);
    train.commit();
    heldOut.commit();
    return counts;
  } finally {
    train.discard();
    heldOut.discard();
  }
}

function mustSuffice({ documents, words, pieces, heldOut }: Counts): void {
  if (pieces >= LEAST_TRAINING && heldOut >= LEAST_HELD_OUT) return;
  throw fail('E_TEXT_SHORT', {
    found: `${documents} of ${words} words: ${pieces} pieces to train on, ${heldOut} held out`,
    needed: `10 documents with an empty line between two, ${LEAST_TRAINING} pieces to train on and ${LEAST_HELD_OUT} to be held out`,
  });
}

const PIECES = 'pieces.bin';
const HELD_OUT = 'held-out.bin';

function bytesPerIdOf(vocabulary: Vocabulary): 2 | 4 {
  return vocabulary.pieces.length <= 2 ** 16 ? 2 : 4;
}

/** Of all that decides how a word is cut. */
function hashOf({ pieces, special, continuation, lowercase, stripAccents }: Vocabulary): string {
  const content = JSON.stringify([pieces, special, continuation, lowercase, stripAccents]);
  return createHash('sha256').update(content).digest('hex');
}

function readSaved(folder: string): SavedText | undefined {
  const path = join(folder, 'text.json');
  if (!existsSync(path)) return undefined;
  const { success, data, error } = textSchema.safeParse(readJson(path));
  if (success) return data;
  const { path: key, message } = error.issues[0] ?? { path: [], message: '' };
  throw fail('E_RUN_DAMAGED', { path, reason: `${key.join('.')}: ${message}` }, { cause: error });
}

function mustMatch(
  saved: Pick<SavedText, 'texts' | 'vocabulary'>,
  now: Pick<SavedText, 'texts' | 'vocabulary'>,
  folder: string,
): void {
  const out = dirname(folder);
  for (let i = 0; i < Math.max(saved.texts.length, now.texts.length); i++) {
    const [then, given] = [saved.texts[i], now.texts[i]];
    if (then?.sha256 !== given?.sha256)
      throw fail('E_DATA_CHANGED', { path: (given ?? then)?.path ?? '', out });
  }
  if (saved.vocabulary !== now.vocabulary) throw fail('E_DATA_CHANGED', { path: 'the vocabulary', out });
}

/** Whether both files of ids are there with all of their bytes. */
function isWhole({ bytesPerId, pieces, heldOut }: Counts, folder: string): boolean {
  const has = (name: string, length: number): boolean =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.size === length * bytesPerId;
  return has(PIECES, pieces) && has(HELD_OUT, heldOut);
}

function open({ documents, words, bytesPerId }: Counts, folder: string): CachedText {
  const train = new PieceReader(join(folder, PIECES), bytesPerId);
  const heldOut = new PieceReader(join(folder, HELD_OUT), bytesPerId);
  return {
    documents,
    words,
    train,
    heldOut,
    close: () => {
      train.close();
      heldOut.close();
    },
  };
}

class PieceReader implements PieceFile {
  readonly length: number;
  readonly #path: string;
  readonly #handle: number;
  readonly #bytesPerId: 2 | 4;
  #open = true;

  constructor(path: string, bytesPerId: 2 | 4) {
    this.#path = path;
    this.#bytesPerId = bytesPerId;
    this.#handle = openSync(path, 'r');
    this.length = fstatSync(this.#handle).size / bytesPerId;
  }

  read(from: number, count: number): Int32Array {
    const isInside = from >= 0 && count >= 0 && from + count <= this.length;
    if (!isInside || !Number.isInteger(from) || !Number.isInteger(count))
      throw new RangeError(`${this.#path} has ${this.length} pieces, none at [${from}, ${from + count})`);
    const bytes = Buffer.alloc(count * this.#bytesPerId);
    for (let at = 0; at < bytes.length;) {
      const more = readSync(this.#handle, bytes, at, bytes.length - at, from * this.#bytesPerId + at);
      if (more === 0) throw fail('E_RUN_DAMAGED', { path: this.#path, reason: 'it became shorter' });
      at += more;
    }
    const ids = new Int32Array(count);
    for (let i = 0; i < count; i++)
      ids[i] = this.#bytesPerId === 2 ? bytes.readUInt16LE(i * 2) : bytes.readUInt32LE(i * 4);
    return ids;
  }

  close(): void {
    if (this.#open) closeSync(this.#handle);
    this.#open = false;
  }
}

/** Ids that are written at once. */
const BUFFERED = 2 ** 16;

class PieceWriter implements PieceSink {
  readonly #file: AtomicFile;
  readonly #bytesPerId: 2 | 4;
  readonly #buffer: Buffer;
  #used = 0;
  #length = 0;

  constructor(path: string, bytesPerId: 2 | 4) {
    this.#file = new AtomicFile(path);
    this.#bytesPerId = bytesPerId;
    this.#buffer = Buffer.alloc(BUFFERED * bytesPerId);
  }

  get length(): number {
    return this.#length;
  }

  add(id: number): void {
    if (this.#used === this.#buffer.length) this.#flush();
    this.#used =
      this.#bytesPerId === 2
        ? this.#buffer.writeUInt16LE(id, this.#used)
        : this.#buffer.writeUInt32LE(id, this.#used);
    this.#length++;
  }

  commit(): void {
    this.#flush();
    this.#file.commit();
  }

  discard(): void {
    this.#file.discard();
  }

  #flush(): void {
    this.#file.write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
