import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';

import { createVocabulary, type Vocabulary } from '../../src/text/vocabulary.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { cacheText, type CachedText } from '../../src/training/piece-cache.ts';
import type { TextEvent } from '../../src/training/read-texts.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-pieces-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
const fresh = (): string => join(folder, `run-${made++}`, 'text');
/** Puts a text into a file of its own. */
function file(content: string | Uint8Array): string {
  const path = join(folder, `text-${made++}`);
  writeFileSync(path, content);
  return path;
}

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
const vocabulary = createVocabulary([...SPECIAL, 'the', 'cat', 's', '##at', 'é', ',', '東'], {
  lowercase: true,
  stripAccents: false,
});
const { sep } = vocabulary.special;
/** The same ids, and enough pieces that they need four bytes. */
const large = createVocabulary(
  [...vocabulary.pieces, ...Array.from({ length: 2 ** 16 }, (_, i) => `p${i}`)],
  { lowercase: true, stripAccents: false },
);

type Options = Omit<Parameters<typeof cacheText>[1], 'vocabulary' | 'folder'> & {
  readonly vocabulary?: Vocabulary;
};

async function cache(
  paths: readonly string[],
  to: string,
  options: Options = {},
): Promise<{ text: CachedText | undefined; events: TextEvent[] }> {
  const events: TextEvent[] = [];
  const generator = cacheText(paths, { vocabulary, ...options, folder: to });
  for (;;) {
    const next = await generator.next();
    if (next.done === true) return { text: next.value, events };
    events.push(next.value);
  }
}

/** All that a cache holds; closes it. */
function content(text: CachedText | undefined): {
  train: number[];
  heldOut: number[];
  documents: number;
  words: number;
} {
  if (text === undefined) throw new Error('stopped');
  const { documents, words, train, heldOut } = text;
  const all = {
    train: [...train.read(0, train.length)],
    heldOut: [...heldOut.read(0, heldOut.length)],
    documents,
    words,
  };
  text.close();
  return all;
}

const repeated = (words: string, times: number): string =>
  Array.from({ length: times }, () => words).join(' ');
/** Ten documents, of which the last is held out; of 600 pieces each. */
const enough = Array.from(
  { length: 10 },
  (_, i) => `${repeated('the cat', 150)}\n${repeated(i === 9 ? 'é' : 'Sat', i === 9 ? 300 : 150)}\n\n`,
).join('');

describe('what is cached', () => {
  test('is what a plain tokenisation gives, of any texts and however they are packed', async () => {
    const arbWord = fc.constantFrom('the', 'Cat,', 'sat', 'É', 'unknown', '\u0007', '東東');
    const arbLine = fc.array(arbWord, { minLength: 1, maxLength: 8 });
    const arbDocument = fc.array(arbLine, { minLength: 1, maxLength: 4 });
    const arbText = fc.array(arbDocument, { minLength: 1, maxLength: 12 });
    const tokenizer = new WordPiece(vocabulary);
    await fc.assert(
      fc.asyncProperty(arbText, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (drawn, end, packed) => {
        const ten = enough.split(/\n\n/).slice(0, 10);
        const documents = [...ten.map((doc) => doc.split('\n').map((line) => line.split(' '))), ...drawn];
        const text = documents.map((doc) => doc.map((line) => line.join(' ') + end).join('')).join(end);
        const path = file(packed ? gzipSync(text) : text);
        const found = content((await cache([path], fresh())).text);

        const expected = documents
          .map((doc) => doc.flat().map((word) => [...tokenizer.pieces(word)]))
          .filter((doc) => doc.flat().length > 0);
        const join = (of: typeof expected): number[] =>
          of.flatMap((doc, i) => [...(i > 0 ? [sep] : []), ...doc.flat()]);
        expect(found).toEqual({
          train: join(expected.filter((_, i) => i !== 9)),
          heldOut: join(expected.slice(9, 10)),
          documents: expected.length,
          words: expected.flat().filter((word) => word.length > 0).length,
        });
      }),
      { numRuns: 30 },
    );
  });

  test('takes two bytes a piece, or four for a large vocabulary', async () => {
    const path = file(enough);
    const [two, four] = [fresh(), fresh()];
    const small = content((await cache([path], two)).text);
    expect(content((await cache([path], four, { vocabulary: large })).text)).toEqual(small);
    const length = 9 * 600 + 8;
    expect([small.train.length, small.heldOut.length]).toEqual([length, 600]);
    expect(statSync(join(two, 'pieces.bin')).size).toBe(2 * length);
    expect(statSync(join(four, 'pieces.bin')).size).toBe(4 * length);
    expect(readFileSync(join(two, 'pieces.bin')).subarray(0, 4)).toEqual(Buffer.of(5, 0, 6, 0));
    const last = large.pieces.length - 1;
    const end = file(`${enough}${repeated(`p${2 ** 16 - 1}`, 3)}`);
    expect(content((await cache([end], fresh(), { vocabulary: large })).text).train.slice(-4)).toEqual([
      sep,
      last,
      last,
      last,
    ]);
  });

  test('a file ends its document, and the order of files is kept', async () => {
    const [a, b] = [file(`${enough}the`), file(`cat\n${enough}`)];
    const found = content((await cache([a, b], fresh())).text);
    expect(found.documents).toBe(21);
    const at = 9 * 601;
    expect(found.train.slice(at, at + 4)).toEqual([5, sep, 6, 5]);
  });
});

describe('reading by position', () => {
  test('gives the same as all of it, and refuses what is outside', async () => {
    const { text } = await cache([file(enough)], fresh());
    if (text === undefined) throw new Error('stopped');
    const { train } = text;
    const all = train.read(0, train.length);
    fc.assert(
      fc.property(fc.nat({ max: train.length }), fc.nat({ max: 700 }), (from, count) => {
        fc.pre(from + count <= train.length);
        expect(train.read(from, count)).toEqual(all.slice(from, from + count));
      }),
    );
    for (const [from, count] of [
      [-1, 1],
      [0, -1],
      [train.length, 1],
      [0, train.length + 1],
      [0.5, 1],
      [0, 1.5],
      [Number.NaN, 1],
    ] as const)
      expect(() => train.read(from, count)).toThrow(RangeError);
    text.close();
    text.close();
  });
});

describe('a cache that is there', () => {
  test('is used again, also when its texts were moved', async () => {
    const [to, path] = [fresh(), file(enough)];
    const first = content((await cache([path], to)).text);
    const before = statSync(join(to, 'pieces.bin')).mtimeMs;
    const moved = `${path}-moved`;
    renameSync(path, moved);
    const again = await cache([moved], to);
    expect(again.events).toEqual([]);
    expect(content(again.text)).toEqual(first);
    expect(statSync(join(to, 'pieces.bin')).mtimeMs).toBe(before);
  });

  test('is refused for other texts or another vocabulary', async () => {
    const [to, path] = [fresh(), file(enough)];
    content((await cache([path], to)).text);
    const refused = async (paths: readonly string[], options: Options = {}): Promise<unknown> =>
      cache(paths, to, options).catch((error: unknown) => error);
    const other = file(`${enough}the`);
    expect(await refused([other])).toMatchObject({
      code: 'E_DATA_CHANGED',
      message: expect.stringContaining(other) as unknown,
    });
    expect(await refused([path, other])).toMatchObject({ code: 'E_DATA_CHANGED' });
    expect(await refused([path], { vocabulary: large })).toMatchObject({
      code: 'E_DATA_CHANGED',
      message: expect.stringContaining('vocabulary') as unknown,
    });
    expect(await refused([path], { vocabulary: { ...vocabulary, stripAccents: true } })).toMatchObject({
      code: 'E_DATA_CHANGED',
    });
    writeFileSync(
      join(to, 'text.json'),
      readFileSync(join(to, 'text.json'), 'utf8').replace('"format": 1', '"format": 99'),
    );
    expect(await refused([path])).toMatchObject({ code: 'E_RUN_DAMAGED' });
  });

  test('is cut again where it was cut off, and leftovers go', async () => {
    const path = file(enough);
    const whole = content((await cache([path], fresh())).text);
    const to = fresh();
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, '.pieces.bin.12345.tmp'), 'left by a killed process');
    writeFileSync(join(to, 'pieces.bin'), 'placed before text.json was');
    const first = await cache([path], to);
    expect(first.events.length).toBeGreaterThan(0);
    expect(content(first.text)).toEqual(whole);
    expect(readdirSync(to).sort()).toEqual(['held-out.bin', 'pieces.bin', 'text.json']);

    truncateSync(join(to, 'pieces.bin'), 100);
    expect(content((await cache([path], to)).text)).toEqual(whole);
    rmSync(join(to, 'held-out.bin'));
    expect(content((await cache([path], to)).text)).toEqual(whole);
  });
});

describe('what may go wrong', () => {
  test('too little text is refused with what was found, and nothing stays', async () => {
    const to = fresh();
    const nine = file(enough.split('\n\n').slice(0, 9).join('\n\n'));
    await expect(cache([nine], to)).rejects.toMatchObject({
      code: 'E_TEXT_SHORT',
      message: expect.stringContaining('got 9 of 4050 words: 5408 pieces to train on, 0 held out') as unknown,
    });
    const short = file(repeated('the\n\n', 9) + repeated('cat', 200));
    await expect(cache([short], to)).rejects.toMatchObject({ code: 'E_TEXT_SHORT' });
    expect(readdirSync(to)).toEqual([]);
  });

  test('an absent or damaged text is named, and nothing stays', async () => {
    const to = fresh();
    const damaged = file(gzipSync(enough).subarray(0, -4));
    await expect(cache([file(enough), damaged], to)).rejects.toMatchObject({
      code: 'E_TEXT_FILE',
      message: expect.stringContaining(damaged) as unknown,
    });
    await expect(cache([join(folder, 'absent')], to)).rejects.toMatchObject({ code: 'E_FILE_MISSING' });
    expect(readdirSync(to)).toEqual([]);
  });

  test('a signal ends it without a trace', async () => {
    const controller = new AbortController();
    const [to, path] = [fresh(), file(enough)];
    const options = { vocabulary, folder: to, signal: controller.signal, now: () => (made += 1000) };
    const generator = cacheText([path, path], options);
    expect((await generator.next()).done).toBe(false);
    controller.abort();
    expect(await generator.next()).toEqual({ done: true, value: undefined });
    expect(readdirSync(to)).toEqual([]);
    expect(existsSync(join(to, 'text.json'))).toBe(false);
  });

  test('tells how far it is, seldom', async () => {
    const path = file(enough);
    const { size } = statSync(path);
    const last = {
      kind: 'text',
      doing: 'cutting into pieces',
      bytes: 2 * size,
      totalBytes: 2 * size,
      words: 2 * 4650,
    };
    const still = await cache([path, path], fresh(), { now: () => 0 });
    expect(still.events).toEqual([last]);
    content(still.text);
    let time = 0;
    const moving = await cache([path, path], fresh(), { now: () => (time += 1000) });
    expect(moving.events).toEqual([{ ...last, bytes: size, words: 4650 }, { ...last }, last]);
    content(moving.text);
  });
});
