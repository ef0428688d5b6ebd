import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { AtomicFile, readBytes, readJson, writeAtomic, writeJson } from '../../src/core/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('reading', () => {
  test('a missing file is an error that says what was expected where', () => {
    const path = join(folder, 'absent.json');
    const missing = expect.objectContaining({
      code: 'E_FILE_MISSING',
      exit: 4,
      message: `Expected a relation file at ${path}, but there is none`,
    });
    expect(() => readBytes(path, 'a relation file')).toThrow(missing);
    expect(() => readJson(path, 'a relation file')).toThrow(missing);
  });

  test('JSON that is cut off is an error that names the file and keeps the cause', () => {
    const path = join(folder, 'cut.json');
    writeFileSync(path, '{"a": [1, 2');
    expect(() => readJson(path)).toThrow(
      expect.objectContaining({
        code: 'E_JSON',
        exit: 3,
        message: expect.stringContaining(path),
        cause: expect.any(SyntaxError),
      }),
    );
  });
});

describe('writing', () => {
  test('makes the folder, takes bytes and text, and leaves nothing else', () => {
    const path = join(folder, 'new', 'deep', 'a.txt');
    writeAtomic(path, [Uint8Array.of(65, 66), 'é\n', Buffer.from('z')]);
    expect(readFileSync(path, 'utf8')).toBe('ABé\nz');
    writeJson(path, { a: [1] });
    expect(readFileSync(path, 'utf8')).toBe('{\n  "a": [\n    1\n  ]\n}\n');
    expect(readJson(path)).toEqual({ a: [1] });
    expect(readdirSync(join(folder, 'new', 'deep'))).toEqual(['a.txt']);
  });

  test('writes views of larger buffers', () => {
    const path = join(folder, 'view');
    writeAtomic(path, [Uint8Array.of(1, 2, 3, 4).subarray(1, 3), new Uint8Array(0)]);
    expect([...readBytes(path)]).toEqual([2, 3]);
  });

  test('a link stays a link, and what it leads to gets the new content', () => {
    const place = join(folder, 'linked');
    writeAtomic(join(place, 'target'), ['old']);
    symlinkSync('target', join(place, 'link'));
    writeAtomic(join(place, 'link'), ['new']);
    expect(lstatSync(join(place, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(place, 'target'), 'utf8')).toBe('new');
    expect(readdirSync(place).toSorted()).toEqual(['link', 'target']);
  });

  test.skipIf(!existsSync('/dev/null'))('a device is written to, never replaced by a file', () => {
    // Through a link of our own, so that a fault replaces the link and not the machine's device.
    const device = join(folder, 'device');
    symlinkSync('/dev/null', device);
    writeAtomic(device, ['gone']);
    expect(lstatSync(device).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a folder in the place of a file is refused before anything is written', () => {
    const place = join(folder, 'a-folder');
    mkdirSync(place);
    expect(() => new AtomicFile(place)).toThrow('EISDIR');
  });

  test('a writer that fails keeps the old content and leaves no trace', () => {
    const place = join(folder, 'kept');
    const path = join(place, 'a.txt');
    writeAtomic(path, ['old']);
    function* failing(): Generator<string> {
      yield 'new';
      throw new RangeError('disk');
    }
    expect(() => writeAtomic(path, failing())).toThrow('disk');
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(place)).toEqual(['a.txt']);
  });

  test('a reader sees the old content until the file is whole', () => {
    const path = join(folder, 'slow.txt');
    writeAtomic(path, ['old']);
    const file = new AtomicFile(path);
    file.write('new');
    expect(readFileSync(path, 'utf8')).toBe('old');
    file.commit();
    expect(readFileSync(path, 'utf8')).toBe('new');
    file.discard(); // too late: the file is in place
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  test('a folder in the way is an error, and leaves no trace', () => {
    const place = join(folder, 'blocked');
    mkdirSync(join(place, 'a.txt', 'inside'), { recursive: true });
    expect(() => writeAtomic(join(place, 'a.txt'), ['x'])).toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(readdirSync(place)).toEqual(['a.txt']);
  });
});
