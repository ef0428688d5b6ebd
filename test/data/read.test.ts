import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

import type { RelataError } from '../../src/core/errors.ts';
import { checkDocument } from '../../src/data/check.ts';
import { describeProblem } from '../../src/data/problem.ts';
import { loadDocuments, readDocuments } from '../../src/data/read.ts';
import { hasShared, shared } from '../shared.ts';
import { adaDocument, changed } from './documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-read-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `f${files++}`);
  writeFileSync(path, content);
  return path;
}

async function errorOf(promise: Promise<unknown>): Promise<RelataError> {
  return promise.then(
    () => expect.fail('expected an error'),
    (error: unknown) => error as RelataError,
  );
}

const three = [adaDocument, { ...adaDocument, title: 'B' }, { ...adaDocument, title: 'C' }];
const array = JSON.stringify(three, null, 1);
const lines = three.map((doc) => JSON.stringify(doc)).join('\n');

describe('loadDocuments', () => {
  it('tells an array, lines and either of them gzipped apart by content', async () => {
    const twice = Buffer.concat([
      gzipSync(`${lines.split('\n')[0]}\n`),
      gzipSync(lines.split('\n').slice(1).join('\n')),
    ]);
    for (const content of [array, lines, gzipSync(array), gzipSync(lines), twice]) {
      expect(await loadDocuments(file(content))).toEqual(three);
    }
    expect(await loadDocuments(file('[]'))).toEqual([]);
    expect(await loadDocuments(file(gzipSync('[]')))).toEqual([]);
  });

  it('reads a file of many chunks', async () => {
    const many = Array.from({ length: 6000 }, (_, i) => ({ ...adaDocument, title: `Ada ${i}` }));
    const text = JSON.stringify(many);
    expect(text.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(await loadDocuments(file(text))).toEqual(many);
    expect(await loadDocuments(file(gzipSync(text)))).toEqual(many);
  });

  it('drops the labels of a relation that means none', async () => {
    const [doc] = await loadDocuments(file(JSON.stringify([adaDocument])), { noRelation: ['P17'] });
    expect(doc?.labels).toEqual(adaDocument.labels.slice(0, 1));
  });

  it('refuses documents with errors in the words of the check, and counts all of them', async () => {
    const broken = changed((doc) => {
      for (let i = 0; i < 6; i++) doc.labels.push({ h: 0, t: 50 + i, r: 'P17', evidence: [] });
    });
    const path = file(JSON.stringify([adaDocument, broken, adaDocument, broken]));
    const problems = checkDocument(broken, { file: path, index: 1 }).problems;
    expect(problems).toHaveLength(6);
    const error = await errorOf(loadDocuments(path));
    expect(error.code).toBe('E_DOCUMENT');
    expect(error.exit).toBe(3);
    expect(error.message).toContain('got 12 error(s)');
    const shown = error.message.split('\n  ').slice(1);
    expect(shown).toHaveLength(10);
    expect(shown.slice(0, 6)).toEqual(problems.map(describeProblem));
    expect(shown[0]).toContain('document 1 "Ada", $.labels[2].t: Expected t to be at least 0 and below 3');
  });

  it('warnings do not stop it', async () => {
    const odd = changed((doc) => doc.labels.push({ h: 0, t: 0, r: 'P17', evidence: [99] }));
    expect(await loadDocuments(file(JSON.stringify([odd, odd])))).toEqual([odd, odd]);
  });

  it('names a relation outside the schema', async () => {
    const path = file(JSON.stringify([adaDocument]));
    const error = await errorOf(loadDocuments(path, { relations: new Set(['P19']) }));
    expect(error.message).toContain('$.labels[1].r: Expected r to be one of the 1 relations, got "P17"');
  });

  it('says where JSON breaks off', async () => {
    const missing = await errorOf(loadDocuments(join(folder, 'absent.json')));
    expect([missing.code, missing.exit]).toEqual(['E_FILE_MISSING', 4]);
    expect((await errorOf(loadDocuments(folder))).code).toBe('E_FILE_MISSING');
    const cut = await errorOf(loadDocuments(file(array.slice(0, -40))));
    expect(cut.code).toBe('E_JSON');
    expect(cut.message).toMatch(/the file ends inside document 2, which begins at byte \d+/);
    const packed = await errorOf(loadDocuments(file(gzipSync(array).subarray(0, -20))));
    expect(packed.code).toBe('E_JSON');
    expect(packed.message).toContain('gzip data is damaged: unexpected end of file');
    const damaged = Buffer.from(gzipSync(array));
    damaged.fill(0xff, 20, 60);
    expect((await errorOf(loadDocuments(file(damaged)))).code).toBe('E_JSON');
    expect((await errorOf(loadDocuments(file('')))).code).toBe('E_JSON');
  });
});

describe('readDocuments', () => {
  it('gives documents before the file is read to its end, and may be left early', async () => {
    const titles: string[] = [];
    for (const content of [`${lines}\n{"broken"`, gzipSync(`${lines}\n{"broken"`)]) {
      for await (const doc of readDocuments(file(content))) {
        titles.push(doc.title);
        if (doc.title === 'B') break;
      }
    }
    expect(titles).toEqual(['Ada', 'B', 'Ada', 'B']);
  });
});

describe.skipIf(!hasShared)('real corpora', () => {
  it('loads the DocRED training documents in under a second', async () => {
    const begin = performance.now();
    const documents = await loadDocuments(shared('data/docred/train.json'));
    const seconds = (performance.now() - begin) / 1000;
    expect(documents).toHaveLength(847);
    expect(documents.reduce((sum, doc) => sum + (doc.labels?.length ?? 0), 0)).toBe(10_015);
    expect(seconds).toBeLessThan(1);
  });
});
