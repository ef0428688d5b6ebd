import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { checkCommand } from '../../src/cli/check.ts';
import { statsCommand } from '../../src/cli/stats.ts';
import { adaDocument } from '../data/documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** What a command prints, and the exit status that it asks for. */
async function run(command: 'check' | 'stats', args: readonly string[]) {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const before = process.exitCode;
  process.exitCode = 0;
  await (command === 'check' ? checkCommand() : statsCommand()).parseAsync(args, { from: 'user' });
  const status = process.exitCode;
  process.exitCode = before;
  return { out, status };
}

const sound = file('sound.json', [adaDocument]);
const odd = file('odd.json', [
  { ...adaDocument, title: 'B', labels: [...adaDocument.labels, { h: 0, t: 0, r: 'NR', evidence: [null] }] },
]);
const wrong = file('wrong.json', [
  { ...adaDocument, title: 'C', labels: [{ h: 9, t: 0, r: 'P17', evidence: [] }] },
]);
const relations = file('rel_info.json', { P19: 'place of birth', P17: 'country', P20: 'place of death' });

describe('relata check', () => {
  it('exits with 3 on errors, with 0 on warnings', async () => {
    expect(await run('check', [sound])).toMatchObject({ status: 0 });
    expect(await run('check', [odd])).toMatchObject({ status: 0 });
    expect(await run('check', [sound, wrong])).toMatchObject({ status: 3 });
  });

  it('shows files, kinds and places', async () => {
    const { out } = await run('check', [sound, odd, wrong]);
    expect(out).toMatch(/odd\.json +1 +0 +2\n/);
    expect(out).toMatch(/all files +3 +1 +2\n/);
    expect(out).toMatch(/error +label-entity +1 /);
    expect(out).toContain(
      'wrong.json: document 0 "C", $.labels[0].h: Expected h to be at least 0 and below 3',
    );
  });

  it('spells out three of a kind, or all', async () => {
    const labels = Array.from({ length: 5 }, (_, t) => ({ h: 7, t: t % 3, r: 'P17', evidence: [] }));
    const path = file('many.json', [{ ...adaDocument, labels }]);
    const { out } = await run('check', [path]);
    expect(out.match(/got 7/g)).toHaveLength(3);
    expect(out).toContain('and 2 more (--all)');
    expect((await run('check', [path, '--all'])).out.match(/got 7/g)).toHaveLength(5);
  });

  it('prints JSON only with --json', async () => {
    const { out } = await run('check', ['--json', odd, wrong]);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      errors: 1,
      warnings: 2,
      counts: { 'label-self': 1, 'evidence-null': 1, 'label-entity': 1 },
      files: [
        { file: odd, documents: 1, errors: 0, warnings: 2 },
        { file: wrong, documents: 1, errors: 1, warnings: 0 },
      ],
    });
    expect(report.problems).toHaveLength(3);
    expect(report.problems[2]).toMatchObject({
      severity: 'error',
      file: wrong,
      index: 0,
      title: 'C',
      path: '$.labels[0].h',
    });
    expect(JSON.parse((await run('check', ['--json', sound])).out)).toMatchObject({
      problems: [],
      errors: 0,
    });
  });

  it('knows --no-relation as an option with a value, before and after the files', async () => {
    for (const args of [
      ['--no-relation', 'NR', odd],
      [odd, '--no-relation', 'X,NR'],
      [odd, '--no-relation=X', '--no-relation=NR'],
    ]) {
      const { out } = await run('check', ['--json', ...args]);
      expect(JSON.parse(out)).toMatchObject({ warnings: 0, files: [{ file: odd }] });
    }
  });

  it('checks relations against a file', async () => {
    expect((await run('check', [sound, '--relations', relations])).status).toBe(0);
    const { out, status } = await run('check', [odd, '--relations', relations]);
    expect(status).toBe(3);
    expect(out).toContain('Expected r to be one of the 3 relations, got "NR"');
  });

  it('goes on after broken JSON, with the document and the file that follow', async () => {
    const lines = file(
      'lines.jsonl',
      `${JSON.stringify(adaDocument)}\n{"title":tru}\n${JSON.stringify(adaDocument)}\n`,
    );
    const cut = file('cut.json', JSON.stringify([adaDocument]).slice(0, -5));
    const report = JSON.parse((await run('check', ['--json', lines, cut, sound])).out);
    expect(report.counts).toEqual({ json: 2, 'title-repeated': 1, 'title-shared': 1 });
    expect(report.files.map((entry: { documents: number }) => entry.documents)).toEqual([3, 0, 1]);
    expect(report.problems[0]).toMatchObject({ code: 'json', index: 1 });
  });
});

describe('relata stats', () => {
  it('prints an array with an object for each file', async () => {
    const { out } = await run('stats', [
      '--json',
      sound,
      odd,
      '--relations',
      relations,
      '--no-relation',
      'NR',
    ]);
    const keys = {
      documents: 1,
      relations: 3,
      relationsObserved: 2,
      instances: 2,
      facts: 2,
      entities: 3,
      mentions: 4,
      pairs: 6,
      relatedPairs: 2,
    };
    expect(JSON.parse(out)).toMatchObject([
      { file: sound, ...keys },
      { file: odd, ...keys },
    ]);
  });

  it('counts h = t apart from the pairs', async () => {
    const [result] = JSON.parse((await run('stats', ['--json', odd])).out);
    expect(result).toMatchObject({ instances: 3, relations: 3, pairs: 6, relatedPairs: 2, selfLabels: 1 });
  });

  it('prints a table with names of relations', async () => {
    const { out } = await run('stats', [sound, '--relations', relations]);
    expect(out).toMatch(/#Inst +2\n/);
    expect(out).toMatch(/P19 +place of birth +1 +50\.0 %/);
  });

  it('refuses documents with errors', async () => {
    await expect(run('stats', [wrong])).rejects.toMatchObject({ code: 'E_DOCUMENT', exit: 3 });
  });
});
