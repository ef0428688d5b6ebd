/** `relata export` as a person meets it: from a trained model to predictions. */
import { existsSync, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { exportCommand } from '../../src/cli/export.ts';
import { trainCommand } from '../../src/cli/train.ts';
import { readJson } from '../../src/core/files.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { saveWords } from '../models/saved.ts';
import { LEARNING, trainFully, writeCheckpoint, writeCorpus } from '../training/fixtures.ts';
import { inProcess, relata, start, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(folder, 12);
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  writeCheckpoint(at('checkpoint'), await loadDocuments(corpus.train));
  const request = {
    system: 'bert-two-step',
    encoder: at('checkpoint'),
    train: [corpus.train],
    dev: corpus.dev,
  };
  await trainFully({ ...request, ...LEARNING, epochs: 2 }, at('model'));
});

test('--help says what it writes and what int8 is', () => {
  const help = exportCommand().configureHelp({ helpWidth: 400 }).helpInformation();
  for (const text of [
    'Make a program for fast prediction of a trained model',
    '--model <dir>',
    '--out <dir>',
    '--precision <precision>',
    '(choices: "fp32", "int8", default: "fp32")',
    'in 8 bits',
  ])
    expect(help).toContain(text);
});

describe('a model of two steps', () => {
  test('is exported, and then predicts and is evaluated like any', async () => {
    const { code, out, err } = await relata('export', '--model', at('model'), '--out', at('fp32'));
    expect(code, err).toBe(0);
    const [head, , ...rows] = out.trimEnd().split('\n');
    expect(head?.trim().split(/ {2,}/)).toEqual(['program', 'weights', 'file', 'matrices of 8 bits']);
    const steps = rows.map((row) => row.trim().split(/ {2,}/));
    expect(steps.map(([name, , , rounded]) => [name, rounded])).toEqual([
      ['step-1', '0'],
      ['step-2', '0'],
    ]);
    for (const [, weights, file] of steps) {
      expect(weights).toMatch(/^[\d.,]+ .?B$/);
      expect(file).toMatch(/^[\d.,]+ .?B$/);
    }
    expect(err).toBe(`in ${at('fp32')}\n`);

    const predict = async (model: string): Promise<unknown> => {
      const file = at(`${model}.json`);
      const done = await relata(
        'predict',
        '--model',
        at(model),
        '--input',
        corpus.test,
        '--out',
        file,
        '--theta',
        '0.2',
      );
      expect(done.code, done.err).toBe(0);
      return readJson(file);
    };
    const facts = await predict('fp32');
    expect(facts).not.toEqual([]);
    expect(facts).toEqual(await predict('model'));
    const scores = async (model: string): Promise<unknown> => {
      const done = await relata('evaluate', '--model', at(model), '--gold', corpus.dev, '--json');
      expect(done.code, done.err).toBe(0);
      return (JSON.parse(done.out) as { f1: number }).f1;
    };
    expect(await scores('fp32')).toEqual(await scores('model'));
  });

  test('in 8 bits has smaller files, the six products of its layer rounded', async () => {
    const { out, err } = await inProcess(
      exportCommand(),
      '--model',
      at('model'),
      '--out',
      at('int8'),
      '--precision',
      'int8',
    );
    expect(err).toContain(`relata evaluate --model ${at('int8')}`);
    expect(out).toMatch(/step-1 .* 6\nstep-2 .* 6\n$/);
    await inProcess(exportCommand(), '--model', at('model'), '--out', at('whole'));
    for (const step of ['step-1', 'step-2']) {
      const size = (name: string): number => readFileSync(join(at(name), step, 'model.onnx')).length;
      expect(size('int8')).toBeLessThan(size('whole'));
    }
  });
});

test('Ctrl-C leaves nothing half-written, however far it has come', async () => {
  const step = join(at('interrupted'), 'step-1');
  mkdirSync(step, { recursive: true });
  const { child, done } = start(['export', '--model', at('model'), '--out', at('interrupted')]);
  const watcher = watch(step, () => child.kill('SIGINT'));
  await done;
  watcher.close();
  expect(readdirSync(step).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

describe('is refused', () => {
  test('in the folder of the model, however it is spelt', async () => {
    const before = readFileSync(join(at('model'), 'config.json'), 'utf8');
    const { code, out, err } = await relata(
      'export',
      '--model',
      at('model'),
      '--out',
      `${at('model')}/../model/`,
    );
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^E_USAGE: Expected --out to be another folder than --model/);
    expect(readFileSync(join(at('model'), 'config.json'), 'utf8')).toBe(before);
  });

  test('with --precision int8 where words are read, with another precision, and without a model', async () => {
    saveWords(at('bilstm'), { system: 'bilstm', mode: 'corrected' });
    const args = (model: string, precision: string): string[] => [
      'export',
      '--model',
      at(model),
      '--out',
      at('nothing'),
      '--precision',
      precision,
    ];
    const words = await relata(...args('bilstm', 'int8'));
    expect([words.code, words.out]).toEqual([2, '']);
    expect(words.err).toContain('Export it with --precision fp32');
    const other = await relata(...args('model', 'int4'));
    expect([other.code, other.out]).toEqual([2, '']);
    expect(other.err).toContain('Allowed choices are fp32, int8');
    mkdirSync(at('empty'));
    const missing = await relata(...args('empty', 'fp32'));
    expect([missing.code, missing.out]).toEqual([4, '']);
    expect(existsSync(at('nothing'))).toBe(false);
  });

  test('as an encoder to train', async () => {
    const from = at('encoder');
    await inProcess(exportCommand(), '--model', at('model'), '--out', from);
    const options = [
      '--system',
      'bert',
      '--train',
      corpus.train,
      '--dev',
      corpus.dev,
      '--out',
      at('trained'),
    ];
    await expect(
      inProcess(trainCommand(), ...options, '--encoder', join(from, 'step-2')),
    ).rejects.toMatchObject({
      code: 'E_EXPORTED',
      message: expect.stringContaining('to be trained further, got an exported one'),
    });
  });
});
