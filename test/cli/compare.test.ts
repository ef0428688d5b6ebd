/** `relata compare` as a person meets it: help, wrong use, a run that is stopped, runs that `relata train` made. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from 'vitest';

import { compareCommand } from '../../src/cli/compare.ts';
import { trainForm } from '../../src/cli/request-forms.ts';
import { absolute, commandOf } from '../../src/cli/request-options.ts';
import { type Comparison, readComparison } from '../../src/report/comparison.ts';
import { requestSchema } from '../../src/training/request.ts';
import { writeCorpus } from '../training/fixtures.ts';
import { inProcess, type Result, start, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
// A shell must be told that these are one word.
const corpus = writeCorpus(join(folder, "it's a corpus"), 30);
const crash = `--import=${new URL('../training/crash.mjs', import.meta.url).href}`;
const program = fileURLToPath(new URL('../../bin/relata.js', import.meta.url));

const files = ['--train', corpus.train, '--dev', corpus.dev];
const quick = [
  ...files,
  '--epochs',
  '2',
  '--evaluate-every',
  '1',
  '--batch-documents',
  '4',
  '--threads',
  '1',
  // After every step, so that the number of changes to files does not depend on the clock.
  '--checkpoint-minutes',
  '1e-9',
  '--no-relation',
  'NA,none',
];
const systems = ['--systems', 'sentence,bilstm+two-step+seed=3'];

const compare = async (
  out: string,
  args: readonly string[] = systems,
  env: Readonly<Record<string, string>> = {},
): Promise<Result> =>
  start(['compare', '--out', out, ...quick, ...args], { NODE_OPTIONS: crash, CRASH_FOLDER: out, ...env })
    .done;

/** Every file of the runs, without what depends on the clock and on where they lie. */
function runsOf(out: string): Map<string, string> {
  const root = join(out, 'runs');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.\w+$/.test(name),
  );
  return new Map(
    names.sort().map((name) => {
      const text = readFileSync(join(root, name)).toString('latin1');
      return [name, text.replaceAll(/"(seconds|memory|waiting)":[\d.e+-]+/g, '"$1":0')];
    }),
  );
}

/** What a report says of the models. */
const numbersOf = (out: string): unknown => {
  const { runs, bootstraps, data }: Comparison = readComparison(join(out, 'report.json'));
  return {
    data,
    bootstraps,
    runs: runs.map(({ cost, folder: _folder, command: _command, history, ...run }) => ({
      ...run,
      stages: cost.stages,
      pieces: cost.pieces,
      history: history.map(({ seconds: _seconds, ...entry }) => entry),
    })),
  };
};

function expectSame(out: string, expected: string): void {
  const [found, whole] = [runsOf(out), runsOf(expected)];
  expect([...found.keys()]).toEqual([...whole.keys()]);
  for (const [name, text] of whole) expect(found.get(name) === text, `${name} is the same`).toBe(true);
  expect(numbersOf(out)).toEqual(numbersOf(expected));
}

describe('--help', () => {
  const help = compareCommand().configureHelp({ helpWidth: 1000 }).helpInformation();

  test('lists every option of training but --system, and the syntax of runs', () => {
    for (const key of Object.keys(requestSchema.shape)) {
      const flag = `--${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
      expect(new RegExp(`^  ${flag} `, 'm').test(help), flag).toBe(key !== 'system');
    }
    for (const text of [
      'bilstm+seed=2',
      'bilstm+two-step',
      '(default: "all")',
      '--test <file>',
      '--out <dir>',
    ])
      expect(help).toContain(text);
  });
});

describe('wrong use ends with 2 and leaves nothing', () => {
  const out = join(folder, 'refused');
  const run = async (...args: string[]): Promise<unknown> => inProcess(compareCommand(), ...args);

  test.each([
    [['--out', out], 'Expected --train, but it is missing'],
    [['--out', out, '--train', corpus.train], 'Expected --dev, but it is missing'],
    [files, 'Expected --out, but it is missing'],
    [['--out', out, ...files, '--systems', 'cnn,tree'], 'got "tree"'],
    [['--out', out, ...files, '--systems', ','], 'at least one system'],
    [
      ['--out', out, ...files, '--systems', 'cnn,cnn+seed=1'],
      'Expected runs that differ, got cnn and cnn+seed=1',
    ],
    [['--out', out, ...files, '--epochs', '0'], 'Expected --epochs to be above 0, got 0'],
    [['--out', out, ...files, '--epochs', 'ten'], 'Expected --epochs to be a number, got "ten"'],
    [
      ['--out', out, ...files, '--systems', 'cnn,lstm+dropout=2'],
      'Expected dropout of lstm+dropout=2 to be at most 0.9, got 2',
    ],
  ])('%j', async (args, message) => {
    const refused = run(...args);
    await expect(refused).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
    await expect(refused).rejects.toThrow(message);
    expect(existsSync(out)).toBe(false);
  });

  test('as a command', async () => {
    const { code, out: text, err } = await compare(out, ['--systems', 'cnn+speed=9']);
    expect([code, text]).toEqual([2, '']);
    expect(err).toBe(
      'E_USAGE: Expected an option of `relata train` in cnn+speed=9, got "speed"\nSee `relata compare --help` and `relata train --help`.\n',
    );
    expect(existsSync(out)).toBe(false);
  });
});

describe('a comparison', () => {
  const whole = join(folder, 'whole');
  let changes = 0;
  let ended: Result;

  beforeAll(async () => {
    const count = join(folder, 'count');
    ended = await compare(whole, systems, { CRASH_COUNT: count });
    changes = Number(readFileSync(count, 'utf8'));
  }, 120_000);

  test('shows each run, a table, and where the report is', () => {
    expect(ended.code).toBe(0);
    expect(ended.err).toContain('\nSentModel, run 1 of 2  sentence\n');
    expect(ended.err).toContain('\nBiLSTM, two steps, run 2 of 2  bilstm+two-step+seed=3\n');
    const [, head, , ...rows] = ended.out.split('\n');
    expect(head?.trim().split(/ {2,}/).slice(0, 5)).toEqual(['runs', 'dev F1', '+-', 'Ign F1', 'AUC']);
    const { runs } = readComparison(join(whole, 'report.json'));
    const best = [...runs].sort((a, b) => b.dev.f1 - a.dev.f1);
    expect(rows.slice(0, 2).map((row) => row.split(/ {2,}/).slice(0, 4))).toEqual(
      best.map(({ label, dev }) => [label, '1', (dev.f1 * 100).toFixed(2), '-']),
    );
    for (const name of ['report.json', 'report.html', 'picture-light.svg', 'picture-dark.svg'])
      expect(ended.out).toContain(`\n${join(whole, name)}\n`);
    expect(changes).toBeGreaterThan(100);
  });

  test('killed again and again, the same command ends with the same bits', async () => {
    const out = join(folder, 'killed');
    const at = [Math.floor(changes * 0.2), Math.floor(changes * 0.3), Math.floor(changes * 0.35)];
    for (const moment of at)
      expect((await compare(out, systems, { CRASH_AT: String(moment) })).code).toBeNull();
    expect(existsSync(join(out, 'report.json'))).toBe(false);
    expect((await compare(out)).code).toBe(0);
    expectSame(out, whole);
  });

  test.each(['SIGINT', 'SIGTERM'])(
    '%s saves and ends with 130, and the same command goes on',
    async (signal) => {
      const out = join(folder, signal);
      const stopped = await compare(out, systems, {
        CRASH_AT: String(Math.floor(changes / 2)),
        CRASH_SIGNAL: signal,
      });
      expect([stopped.code, stopped.out]).toEqual([130, '']);
      expect(stopped.err).toContain('\nStopped and saved. Go on with the same command.\n');
      expect(existsSync(join(out, 'report.json'))).toBe(false);
      const resumed = await compare(out);
      expect(resumed.code).toBe(0);
      expect(resumed.err).toMatch(/finished before|, from step \d+/);
      expectSame(out, whole);
    },
  );

  test('runs that `relata train` made with the printed commands are picked up, and are the same', async () => {
    const out = join(folder, 'trained');
    const { runs } = readComparison(join(whole, 'report.json'));
    expect(runs).toHaveLength(2);
    for (const { command } of runs) {
      expect(command).toMatch(/^relata train --system .* --no-relation NA,none /);
      const here = command.replaceAll(whole, out).replace(/^relata/, `"$NODE" "$PROGRAM"`);
      const { status, stderr } = spawnSync('sh', ['-c', here], {
        env: { ...process.env, NODE: process.execPath, PROGRAM: program },
        encoding: 'utf8',
      });
      expect(status, stderr).toBe(0);
    }
    const bytes = (): string[] =>
      [...runsOf(out).keys()].map((name) => readFileSync(join(out, 'runs', name)).toString('latin1'));
    const before = bytes();
    const { code, err } = await compare(out);
    expect(code).toBe(0);
    expect(err.match(/finished before/g)).toHaveLength(3);
    expect(err).not.toMatch(/parameters, at most/);
    expect(bytes().every((text, i) => text === before[i])).toBe(true);
    expectSame(out, whole);
  });

  test('--json prints the report and nothing else; it may be read by a report elsewhere', async () => {
    const out = join(folder, 'moved');
    renameSync(whole, out);
    try {
      const { code, out: text } = await compare(out, [...systems, '--json', '--test', corpus.gold]);
      expect(code).toBe(0);
      expect(JSON.parse(text)).toEqual(readComparison(join(out, 'report.json')));
      expect(readComparison(join(out, 'report.json')).runs.every((run) => run.test !== null)).toBe(true);
    } finally {
      renameSync(out, whole);
    }
  });

  test('other options in the same folder: what differs, and what to do', async () => {
    const { code, err, out } = await compare(whole, [...systems, '--epochs', '3']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('E_RUN_DIFFERS: ');
    expect(err).toContain('but epochs (2, now 3) differs\n');
    expect(err).toContain('begin in another folder (--out)');
  });
});

describe('commandOf', () => {
  test('paths are absolute, lists are lists, and defaults are left out', () => {
    const request = requestSchema.parse({
      ...absolute(trainForm, { train: ['a b.json', 'c.json'], dev: 'd.json', encoder: 'tiny' }),
      system: 'bert',
      without: ['distances'],
      cased: true,
      epsilon: 1e-8,
      beta2: 0.99,
      noRelation: ['NA', "o'no"],
    });
    const here = process.cwd();
    expect(commandOf(trainForm, request, '/out')).toBe(
      `relata train --system bert --encoder tiny --train '${here}/a b.json' ${here}/c.json --dev ${here}/d.json --cased --no-relation 'NA,o'\\''no' --without distances --beta2 0.99 --out /out`,
    );
  });
});
