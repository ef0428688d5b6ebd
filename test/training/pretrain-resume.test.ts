/** A pretraining run that is stopped, in whatever way and at whatever moment, ends with the bytes of one that was not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { type Result, start, temporaryFolder } from '../cli/relata.ts';
import type { PretrainEvent } from '../../src/training/pretrain-events.ts';
import { type EventOf, filesOf, ofKind, QUICK, run, writeMaskedModel, writeText } from './pretraining.ts';

const folder = temporaryFolder();
const text = writeText(join(folder, 'text.txt'));
const encoder = writeMaskedModel(join(folder, 'checkpoint'));
/** The first pass ends at update 20, and the last two have long windows. */
const STEPS = 24;
const options = { text: [text], encoder, steps: STEPS };

function expectSame(out: string, expected: ReadonlyMap<string, string>): void {
  const found = filesOf(out);
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, bytes] of expected) expect(found.get(name) === bytes, `${name} is the same`).toBe(true);
}

const whole = join(folder, 'whole');
let expected: ReadonlyMap<string, string>;
let steps: EventOf<'step'>[];

beforeAll(async () => {
  steps = ofKind(await run(options, whole), 'step');
  expected = filesOf(whole);
});

describe('within a process', () => {
  test('a run leaves a model and its record, and nothing that only a run in progress needs', () => {
    expect([...expected.keys()]).toEqual([
      'config.json',
      'finished.json',
      'metrics.jsonl',
      'model.safetensors',
      'pretrain.json',
      'text/held-out.bin',
      'text/pieces.bin',
      'text/text.json',
      'tokenizer_config.json',
      'vocab.txt',
    ]);
    // What the moments below are chosen for: the last update of a pass is smaller, and windows become long.
    expect(steps.filter(({ pieces }) => pieces < 128).map(({ step }) => step)).toEqual([20]);
    expect(steps.map(({ window }) => window)).toEqual([
      ...Array.from({ length: 22 }, () => 16),
      ...Array.from({ length: 2 }, () => 32),
    ]);
    const kinds = (expected.get('metrics.jsonl') ?? '')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; step: number })
      .map(({ kind, step }) => `${kind} ${step}`);
    expect(kinds).toEqual([
      'evaluation 0',
      'evaluation 8',
      'step 10',
      'evaluation 16',
      'step 20',
      'evaluation 24',
    ]);
  });

  test('the same request gives the same bytes', async () => {
    const out = join(folder, 'again');
    expect((await run(options, out)).at(-1)?.kind).toBe('result');
    expectSame(out, expected);
  });

  test('stopped after a step, at the end of a pass, where windows become long, after the last', async () => {
    const out = join(folder, 'stopped');
    for (const at of [1, 2, 9, 19, 20, 21, 22, 23, 24]) {
      const events = await run(options, out, { stop: (event) => event.kind === 'step' && event.step === at });
      expect(events.at(-1)).toMatchObject({ kind: 'interrupted', step: at });
      expect(existsSync(join(out, 'model.safetensors'))).toBe(false);
    }
    const events = await run(options, out);
    expect(ofKind(events, 'start')).toMatchObject([{ step: 24, share: 1 }]);
    expect(events.at(-1)?.kind).toBe('result');
    expectSame(out, expected);
  });

  test('asked to stop while the text is read', async () => {
    const out = join(folder, 'reading');
    const events = await run(options, out, { stop: () => true });
    expect(events.map(({ kind }) => kind)).toEqual([
      'text',
      'prepared',
      'start',
      'evaluation',
      'step',
      'interrupted',
    ]);
    await run(options, out);
    expectSame(out, expected);
  });

  test('with a budget of time, of which that between processes is no part', async () => {
    const [timed, stopped] = [join(folder, 'timed'), join(folder, 'timed-stopped')];
    /** Every update takes a second. */
    const runFrom = async (began: number, out: string, stopAfter = Infinity): Promise<number> => {
      let [time, steps] = [began, 0];
      const stop = ({ kind }: PretrainEvent): boolean => {
        if (kind !== 'step') return false;
        time++;
        return ++steps === stopAfter;
      };
      await run({ ...options, steps: undefined, hours: 0.01 }, out, { now: () => time, stop });
      return steps;
    };
    expect(await runFrom(0, timed)).toBe(36);
    const steps: number[] = [];
    for (const began of [500, 9000, 100]) steps.push(await runFrom(began, stopped, 15));
    expect(steps).toEqual([15, 15, 6]);
    expectSame(stopped, filesOf(timed));
  });
});

describe('in processes that are killed', () => {
  const crash = `--import=${new URL('crash.mjs', import.meta.url).href}`;
  const flags = Object.entries({ ...QUICK, ...options, checkpointMinutes: 1e-6 }).flatMap(([key, value]) => [
    `--${key.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`,
    String(value),
  ]);
  const go = async (out: string, env: Readonly<Record<string, string>> = {}): Promise<Result> => {
    const resumes = existsSync(join(out, 'pretrain.json'));
    const args = resumes ? ['--resume', out] : [...flags, '--out', out];
    return start(['pretrain', ...args], { NODE_OPTIONS: crash, CRASH_FOLDER: out, ...env }).done;
  };

  // Moments of all kinds: within a write (half of it is done), before a flush, a rename, a removal.
  test('in the middle of writing, again and again', async () => {
    const [unhurt, out] = [join(folder, 'unhurt'), join(folder, 'killed')];
    const count = join(folder, 'count');
    expect((await go(unhurt, { CRASH_COUNT: count })).code).toBe(0);
    const changes = Number(readFileSync(count, 'utf8'));
    expect(changes).toBeGreaterThan(500);
    const rng = Rng.fromSeed(1);
    const moments: number[] = [];
    let left = changes;
    // While request, vocabulary and pieces are written, and while it trains.
    for (const [from, to] of [
      [1, 6],
      [2, 14],
      [0.2 * left, 0.4 * left],
      [0.2 * left, 0.4 * left],
    ] as const) {
      const at = Math.floor(from + (to - from) * rng.uniform());
      moments.push(at);
      expect(
        (await go(out, { CRASH_AT: String(at) })).code,
        `killed at change ${moments.join(', ')}`,
      ).toBeNull();
      left -= at;
    }
    const last = await go(out);
    expect(last.code, last.err).toBe(0);
    expectSame(out, filesOf(unhurt));
    // Neither do checkpoints that nobody needed matter.
    expectSame(out, new Map([...expected, ['pretrain.json', filesOf(out).get('pretrain.json') ?? '']]));
  });
});
