/** A run that is stopped, in whatever way and at whatever moment, ends with the bytes of one that was not. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { type Result, start, temporaryFolder } from '../cli/relata.ts';
import { writeCheckpoint, writeCorpus } from './fixtures.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(join(folder, 'corpus'), 30);
const crash = `--import=${new URL('crash.mjs', import.meta.url).href}`;

const checkpoint = join(folder, 'checkpoint');
writeCheckpoint(checkpoint, await loadDocuments(corpus.train));

/** One system from random weights, the other from a checkpoint. */
const encoders: Readonly<Record<string, readonly string[]>> = {
  bert: ['--encoder', 'tiny', '--vocabulary-size', '300'],
  'bert-two-step': ['--encoder', checkpoint, '--learning-rate', '1e-3', '--evaluate-every', '1'],
};

const begin = (system: string, out: string): string[] => [
  'train',
  '--system',
  system,
  ...(encoders[system] ?? []),
  '--train',
  corpus.train,
  '--dev',
  corpus.dev,
  '--train-facts',
  corpus.train,
  '--out',
  out,
  '--epochs',
  '3',
  '--batch-documents',
  '4',
  '--checkpoint-minutes',
  '0.000001',
];

/** Begins a run in `out`, or goes on with it. */
async function run(system: string, out: string, env: Readonly<Record<string, string>> = {}): Promise<Result> {
  const args = existsSync(join(out, 'train.json')) ? ['train', '--resume', out] : begin(system, out);
  return start(args, { NODE_OPTIONS: crash, CRASH_FOLDER: out, ...env }).done;
}

/** Every file of a finished run by name, without what depends on the clock. */
function filesOf(out: string): Map<string, string> {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  return new Map(
    names.sort().map((name) => {
      const bytes = readFileSync(join(out, name));
      if (!name.endsWith('metrics.jsonl')) return [name, bytes.toString('latin1')];
      const lines = bytes.toString('utf8').trimEnd().split('\n');
      return [
        name,
        lines
          .map((line) =>
            JSON.stringify({ ...(JSON.parse(line) as object), seconds: 0, memory: 0, waiting: 0 }),
          )
          .join('\n'),
      ];
    }),
  );
}

function expectSame(out: string, expected: ReadonlyMap<string, string>): void {
  const found = filesOf(out);
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, text] of expected) expect(found.get(name) === text, `${name} is the same`).toBe(true);
}

describe.each(['bert', 'bert-two-step'])('%s', (system) => {
  const whole = join(folder, system);
  let expected: ReadonlyMap<string, string>;
  let changes = 0;
  let ended: Result;

  beforeAll(async () => {
    const count = join(folder, `${system}.count`);
    ended = await run(system, whole, { CRASH_COUNT: count });
    expected = filesOf(whole);
    changes = Number(readFileSync(count, 'utf8'));
  }, 60_000);

  test('leaves a model and its record, and nothing that only a run in progress needs', () => {
    expect(ended.code).toBe(0);
    expect(ended.err).toMatch(/ best$/m);
    const one = [
      'best.json',
      'config.json',
      'finished.json',
      'metrics.jsonl',
      'model.safetensors',
      'tokenizer_config.json',
      'vocab.txt',
    ];
    const files =
      system === 'bert'
        ? [...one, 'train.json']
        : [
            'config.json',
            ...['step-1', 'step-2'].flatMap((step) => one.map((name) => join(step, name))),
            'train.json',
          ];
    expect([...expected.keys()]).toEqual(files.sort());
    expect(changes).toBeGreaterThan(100);
  });

  test('tells at each evaluation the share of time in which the engine waited for batches', () => {
    const evaluations = [...expected.keys()]
      .filter((name) => name.endsWith('metrics.jsonl'))
      .flatMap((name) => readFileSync(join(whole, name), 'utf8').trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as { kind: string; waiting: number })
      .filter(({ kind }) => kind === 'evaluation');
    expect(evaluations.length).toBeGreaterThan(1);
    for (const { waiting } of evaluations) {
      expect(waiting).toBeGreaterThan(0);
      expect(waiting).toBeLessThan(1);
    }
    expect(ended.err).toMatch(/ waited +time$/m);
  });

  // Moments of all kinds: within a write (half of it is done), before a flush, a rename, a removal.
  test('killed in the middle of writing, again and again', async () => {
    const out = join(folder, `${system}-killed`);
    const rng = Rng.fromSeed(1, system);
    const moments: number[] = [];
    const inSecondStep = new Set<boolean>();
    let left = changes;
    for (const share of [0.1, 0.4, 0.6]) {
      const at = Math.floor(left * (share + 0.3 * rng.uniform()));
      const { code } = await run(system, out, { CRASH_AT: String(at) });
      moments.push(at);
      expect(code, `killed at change ${moments.join(', ')}`).toBeNull();
      inSecondStep.add(existsSync(join(out, 'step-1', 'finished.json')));
      left -= at;
    }
    expect(inSecondStep.size).toBe(system === 'bert' ? 1 : 2);
    const { code, out: table } = await run(system, out);
    expect(code, `resumed after changes ${moments.join(', ')}`).toBe(0);
    expect(table).toContain('Saved in');
    expectSame(out, expected);
  });

  test('killed by the clock', async () => {
    const out = join(folder, `${system}-clock`);
    for (const wait of [1700, 2300]) {
      mkdirSync(out, { recursive: true });
      const args = existsSync(join(out, 'train.json')) ? ['train', '--resume', out] : begin(system, out);
      const { child, done } = start(args);
      await Promise.race([sleep(wait), done]);
      child.kill('SIGKILL');
      await done;
    }
    expect((await run(system, out)).code).toBe(0);
    expectSame(out, expected);
  });

  test('Ctrl-C finishes the step, saves, says how to go on, and exits with 130', async () => {
    const out = join(folder, `${system}-interrupted`);
    const stopped = await run(system, out, {
      CRASH_AT: String(Math.ceil(changes / 3)),
      CRASH_SIGNAL: 'SIGINT',
    });
    expect(stopped.code).toBe(130);
    expect(stopped.out).toBe('');
    expect(stopped.err).toContain('Finishing this step and saving (again to stop at once) ...\n');
    expect(stopped.err).toContain(`Stopped and saved. Go on with: relata train --resume ${out}\n`);
    const resumed = await run(system, out);
    expect(resumed.code).toBe(0);
    expect(resumed.err).toMatch(/, from step \d+/);
    expectSame(out, expected);
  });

  test('a finished run that is resumed prints its result again', async () => {
    const again = await run(system, whole);
    expect(again.code).toBe(0);
    expect(again.err).toContain('finished before');
    expect(again.out).toMatch(system === 'bert' ? /^one step +\d/m : /^combined +\d/m);
    expectSame(whole, expected);
  });
});
