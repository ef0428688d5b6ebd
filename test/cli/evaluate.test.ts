import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { evaluateCommand } from '../../src/cli/evaluate.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

const write = (name: string, value: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};

const mention = (name: string, at: number) => ({ name, sent_id: 0, pos: [at, at + 1], type: 'LOC' });
const gold = write('gold.json', [
  {
    title: 'A',
    sents: [['Paris', 'France', 'Seine']],
    vertexSet: [[mention('Paris', 0)], [mention('France', 1)], [mention('Seine', 2)]],
    labels: [
      { h: 0, t: 1, r: 'P17', evidence: [0] },
      { h: 2, t: 1, r: 'P17', evidence: [0] },
      { h: 0, t: 2, r: 'NR', evidence: [] },
    ],
  },
]);
const predictions = write('result.json', [
  { title: 'A', h_idx: 0, t_idx: 1, r: 'P17', evidence: [0] },
  { title: 'A', h_idx: 1, t_idx: 0, r: 'P17' },
  { title: 'Z', h_idx: 2, t_idx: 1, r: 'P17' },
]);
const facts = write('train.fact', [['Paris', 'France', 'P17']]);

/** What the command writes to stdout and stderr. */
async function run(...args: string[]): Promise<{ out: string; err: string }> {
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  await evaluateCommand().parseAsync(args, { from: 'user' });
  return { out, err };
}

describe('relata evaluate', () => {
  it('prints the scores as JSON only', async () => {
    const files = ['--gold', gold, '--predictions', predictions, '--train-facts', facts, gold];
    const { out, err } = await run(...files, '--no-relation', 'NR', '--json');
    // 1 of 3 is correct, 1 of 2 gold is found, and training states it.
    expect(JSON.parse(out)).toMatchObject({
      f1: 0.4,
      precision: 1 / 3,
      recall: 0.5,
      ignF1: 0,
      evidenceF1: 2 / 3,
      predicted: 3,
      correct: 1,
      gold: 2,
    });
    expect(err).toBe('');
  });

  it('prints a table, says what Ign F1 is, and warns of unknown titles', async () => {
    const { out, err } = await run('--gold', gold, '--predictions', predictions);
    expect(out).toMatch(/facts +33\.33 +33\.33 +33\.33/);
    expect(out).toMatch(/Ign +- +- +-/);
    expect(out).toMatch(/give that data as --train-facts/);
    expect(err).toMatch(/1 of 2 predicted titles are not in the gold file/);
  });

  it('--breakdown splits the facts', async () => {
    const relations = write('rel_info.json', { P17: 'country' });
    const args = ['--gold', gold, '--predictions', predictions, '--breakdown', '--relations', relations];
    const { out } = await run(...args, '--json');
    const { f1, breakdown } = JSON.parse(out) as { f1: number; breakdown: Record<string, unknown> };
    expect(breakdown).toMatchObject({
      all: { f1, predicted: 3, correct: 1, support: 3 },
      sentences: [{ name: 'intra', predicted: 2, support: 3 }, { support: 0 }, { name: 'elsewhere' }],
      relations: [{ relation: 'P17', name: 'country', support: 2 }, { relation: 'NR' }],
      training: null,
    });

    const { out: table } = await run(...args, '--train-facts', facts);
    expect(table).toMatch(/^all facts +33\.33 +33\.33 +33\.33 +3 +3 +1$/m);
    expect(table).toMatch(/^ {2}inter +- +- +- +0 +0 +0$/m);
    // Training states the one that is correct.
    expect(table).toMatch(/^ {2}seen +100\.00 +100\.00 +100\.00 +1 +1 +1$/m);
    expect(table).toMatch(/^P17 country +40\.00 +33\.33 +50\.00 +2 +3 +1$/m);
    expect(table).toMatch(/^Frequent relations: P17 NR$/m);
    const lines = table.split('\n').filter((line) => /^(all facts| {2}(intra|seen|elsewhere)) /.test(line));
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  it('--against compares with other predictions', async () => {
    const better = write('better.json', [
      { title: 'A', h_idx: 0, t_idx: 1, r: 'P17' },
      { title: 'A', h_idx: 2, t_idx: 1, r: 'P17' },
    ]);
    const args = ['--gold', gold, '--predictions', predictions, '--no-relation', 'NR', '--against', better];
    const { out } = await run(...args, '--train-facts', facts, '--json');
    expect(JSON.parse(out)).toMatchObject({
      f1: 0.4,
      comparison: {
        against: better,
        f1: { first: 0.4, second: 1, difference: -0.6 },
        ignF1: { first: 0, second: 1, difference: -1 },
        documents: 1,
        resamples: 10_000,
      },
    });
    const { out: table, err } = await run(...args);
    // One document: all draws are alike.
    expect(table).toMatch(/^F1 +40\.00 +100\.00 +-60\.00 +-60\.00 to -60\.00 +< 0\.001$/m);
    expect(table).not.toMatch(/^Ign F1 +\d/m);
    expect(err).toMatch(/1 of 2 predicted titles/);
    await expect(run(...args, '--against', join(folder, 'none'))).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
    });
  });

  it('asks for predictions', async () => {
    await expect(run('--gold', gold)).rejects.toMatchObject({ code: 'E_USAGE' });
  });
});
