/** `relata train` as a person meets it: flags, configuration files, messages, exit statuses. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { describe, expect, test } from 'vitest';

import { checkCommand } from '../../src/cli/check.ts';
import { trainCommand } from '../../src/cli/train.ts';
import { readJson } from '../../src/core/files.ts';
import { readSafetensors } from '../../src/core/safetensors.ts';
import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { requestSchema } from '../../src/training/request.ts';
import { writeCheckpoint, writeCorpus, writeDocuments } from '../training/fixtures.ts';
import { inProcess, relata, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(folder, 12);
const documents = await loadDocuments(corpus.train);
const encoder = join(folder, 'checkpoint');
writeCheckpoint(encoder, documents);

let outs = 0;
const freshOut = (): string => join(folder, `model-${outs++}`);
const train = async (...args: string[]): Promise<{ out: string; err: string }> =>
  inProcess(trainCommand(), ...args);
const files = ['--train', corpus.train, '--dev', corpus.dev];
const quick = [
  '--system',
  'bert',
  '--encoder',
  encoder,
  ...files,
  '--epochs',
  '1',
  '--evaluate-every',
  '1',
  '--threads',
  '1',
];
const configFile = (content: unknown): string => {
  const path = join(folder, 'config-file.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const flagOf = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

describe('--help', () => {
  const help = trainCommand().configureHelp({ helpWidth: 400 }).helpInformation();
  const lineOf = (key: string): string => {
    const line = help.split('\n').find((text) => text.trim().startsWith(`${flagOf(key)} `));
    return line ?? '';
  };

  test('lists every option, with its default', () => {
    const defaults = requestSchema.parse({ system: 'bert', encoder: 'tiny', train: ['a'], dev: 'b' });
    for (const key of Object.keys(requestSchema.shape)) {
      expect(lineOf(key), key).not.toBe('');
    }
    const shown = Object.entries(defaults).filter(
      ([key, value]) => !['system', 'encoder', 'train', 'dev'].includes(key) && !Array.isArray(value),
    );
    expect(shown.length).toBeGreaterThan(10);
    for (const [key, value] of shown) expect(lineOf(key), key).toContain(`(default: ${String(value)})`);
    expect(lineOf('batchPieces')).toContain('default 2048 pieces or 16384 words');
    expect(
      ['trainFacts', 'without', 'freeze', 'wordVectors', 'epochs'].map((key) => lineOf(key).split(/[<>]/)[1]),
    ).toEqual(['files...', 'names...', 'names...', 'file', 'value']);
  });

  test('says where the defaults of the paper are from', () => {
    for (const key of [
      'epochs',
      'evaluateEvery',
      'batchDocuments',
      'optimizer',
      'learningRate',
      'weightDecay',
      'clipNorm',
      'warmup',
      'decay',
      'headLearningRate',
      'negatives',
    ])
      expect(lineOf(key), key).toMatch(/default.*\((original|section|first BERT)/);
    expect(lineOf('learningRate')).toContain("default 1e-3 (original, Adam's), of bert 1e-5 (section 3.2)");
    expect(lineOf('learningRate')).toContain('of a small pretrained encoder 3e-4, from random weights 5e-4');
    expect(lineOf('dropout')).toContain('default 0.2, of cnn 0.5, of bert 0.1 (originals)');
  });
});

describe('wrong use', () => {
  test.each([
    [['--epochs', '0'], 'Expected --epochs to be above 0, got 0'],
    [['--epochs', 'ten'], 'Expected --epochs to be a number, got "ten"'],
    [['--epochs', '1.5'], 'Expected --epochs to be a whole number, got 1.5'],
    [['--negatives', 'some'], 'Expected --negatives to be all or a number, got "some"'],
    [['--negatives', '-1'], 'Expected --negatives to be at least 0, got -1'],
    [['--dropout', '0.95'], 'Expected --dropout to be at most 0.9, got 0.95'],
    [['--learning-rate', '0'], 'Expected --learning-rate to be above 0, got 0'],
    [['--batch-pieces', '8'], 'Expected --batch-pieces to be at least 512, got 8'],
    [['--seed', ''], 'Expected --seed to be a number, got ""'],
    [['--without', 'words'], 'Expected --without to be one of types, coreference, distances, got ["words"]'],
    [['--without', 'distances', 'types'], 'Expected --without to be distances alone'],
    [
      ['--freeze', 'decoder'],
      'Expected --freeze to be parts among embeddings, encoder (all layers), encoder.N',
    ],
    [['--freeze', 'embeddings,'], 'Expected --freeze to be parts among embeddings'],
    [['--freeze', 'encoder.-1'], 'Expected --freeze to be parts among embeddings'],
    [['--freeze', 'embeddings,encoder.5-3'], 'Expected --freeze to be layers from the lower to the higher'],
    [
      ['--freeze', 'embeddings,encoder.0-1'],
      'Expected --freeze to name layers below 1, as many as the encoder has, got encoder.0-1',
    ],
    [['--word-vectors', 'glove.txt'], 'Expected --word-vectors to be left out: bert reads word pieces'],
    [['--train-word-vectors'], 'Expected --train-word-vectors to be left out: bert reads word pieces'],
    [
      ['--system', 'cnn'],
      'Expected --encoder to be left out: cnn reads words and has no such encoder, got "',
    ],
  ])('%j', async (flags, message) => {
    const run = train(...quick, '--out', join(folder, 'none'), ...flags);
    await expect(run).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
    await expect(run).rejects.toThrow(message);
  });

  test('what is missing is named', async () => {
    const without = (flag: string): string[] => {
      const all = ['--system', 'bert', '--encoder', 'tiny', ...files, '--out', join(folder, 'none')];
      return all.toSpliced(all.indexOf(flag), 2);
    };
    for (const flag of ['--system', '--train', '--dev', '--out']) {
      const run = train(...without(flag));
      await expect(run).rejects.toMatchObject({
        code: 'E_USAGE',
        message: `Expected ${flag}, but it is missing`,
      });
    }
  });

  test.each([
    [['--vocabulary', 'vocab.txt'], '--vocabulary to be left out: sentence reads words', '"vocab.txt"'],
    [['--train-word-vectors'], '--train-word-vectors to be left out without --word-vectors', 'true'],
    [
      ['--freeze', 'embeddings'],
      '--freeze to be left out: sentence has no parts to freeze',
      '["embeddings"]',
    ],
  ])('of a word-level system: %j', async (flags, message, found) => {
    const run = train('--system', 'sentence', ...files, '--out', join(folder, 'none'), ...flags);
    await expect(run).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
    await expect(run).rejects.toThrow(`Expected ${message}`);
    await expect(run).rejects.toThrow(`, got ${found}`);
  });

  test('a misspelt flag, and a value that is not among the choices: exit 2', async () => {
    const [misspelt, choice] = await Promise.all([
      relata('train', ...quick, '--out', join(folder, 'none'), '--epcohs', '3'),
      relata('train', ...quick, '--out', join(folder, 'none'), '--mode', 'wild'),
    ]);
    expect(misspelt).toMatchObject({ code: 2, out: '' });
    expect(misspelt.err).toContain("unknown option '--epcohs'");
    expect(misspelt.err).toContain('(Did you mean --epochs?)');
    expect(choice).toMatchObject({ code: 2, out: '' });
    expect(choice.err).toContain("'wild' is invalid. Allowed choices are corrected, faithful.");
  });
});

describe('--config', () => {
  test('gives options; flags win; the effective configuration is saved', async () => {
    const out = freshOut();
    const config = configFile({
      system: 'bert',
      encoder,
      train: [corpus.train],
      dev: corpus.dev,
      epochs: 1,
      evaluateEvery: 1,
      seed: 9,
      threads: 1,
    });
    await train('--config', config, '--seed', '4', '--cased', '--out', out);
    expect(readJson(join(out, 'train.json'))).toMatchObject({
      request: { seed: 4, epochs: 1, cased: true, train: [corpus.train] },
      effective: { seed: 4, epochs: 1, learningRate: 3e-4, optimizer: 'adamw' },
    });
    expect(readJson(join(out, 'config.json'))).toMatchObject({
      relata: { training: { seed: 4, epochs: 1, learningRate: 3e-4, batchDocuments: 8 } },
    });
  });

  test.each([
    [{ lr: 1, epochs: 1 }, /^Expected only known keys in .*config-file\.json, got lr$/],
    [{ mode: 'wild' }, /config-file\.json: mode to be one of corrected, faithful, got "wild"/],
    [{ train: 'a.json' }, /config-file\.json: train to be a list, got "a\.json"/],
    [{ cased: 'yes' }, /config-file\.json: cased to be true or false, got "yes"/],
  ])('%j is refused', async (content, message) => {
    const flags = [
      '--system',
      'bert',
      '--encoder',
      'tiny',
      '--dev',
      corpus.dev,
      '--out',
      join(folder, 'none'),
    ];
    const more = 'train' in content ? [] : ['--train', corpus.train];
    const run = train('--config', configFile(content), ...flags, ...more);
    await expect(run).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
    await expect(run).rejects.toThrow(message);
  });

  test('that is no object, or not there', async () => {
    const run = (path: string): Promise<unknown> =>
      train('--config', path, ...quick, '--out', join(folder, 'none'));
    await expect(run(configFile([]))).rejects.toMatchObject({ code: 'E_FIELD' });
    await expect(run(join(folder, 'no.json'))).rejects.toMatchObject({ code: 'E_FILE_MISSING', exit: 4 });
  });
});

describe('a run', () => {
  test('--json prints JSON and nothing else; the folder is not used twice; --resume stands alone', async () => {
    const out = freshOut();
    const result = await relata('train', ...quick, '--out', out, '--json');
    expect(result.code).toBe(0);
    const { folder: saved, results } = JSON.parse(result.out) as { folder: string; results: unknown };
    expect(saved).toBe(out);
    expect(results).toMatchObject([{ stage: 'one step', scores: { ignF1: null } }]);
    expect(result.err).toContain('10 documents to train on, 1 to choose on, ');
    expect(result.err).toContain("ignored 2 weights of the checkpoint that are not the encoder's");
    expect(stripVTControlCharacters(result.err)).toBe(result.err);

    await expect(train(...quick, '--out', out)).rejects.toMatchObject({
      code: 'E_FILE_EXISTS',
      exit: 2,
      help: `Go on with that run by --resume ${out}, or choose another folder.`,
    });
    await expect(train('--resume', out, '--epochs', '3')).rejects.toThrow(
      'Expected --resume alone, got --epochs beside it',
    );
    await expect(train('--resume', out, '--out', out)).rejects.toThrow('got --out beside it');
    await expect(train('--resume', join(folder, 'no'))).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
      exit: 4,
    });
    const { out: again } = await train('--resume', out, '--json');
    expect(JSON.parse(again)).toEqual({ folder: out, results });
  });

  test('the table, the line that follows, and the evaluations', async () => {
    const out = freshOut();
    const { out: text, err } = await train(...quick, '--out', out);
    expect(text).toMatch(/^\ndev +F1 +precision +recall +AUC +theta\n-.*\none step +\d/);
    expect(text).toMatch(
      /\n\nSaved in .*\. Next: .*relata predict --model .* --input FILE --out result\.json/,
    );
    expect(err).toMatch(/one step: which relation, if any {2}[\d,]+ parameters, at most 1 epoch\n/);
    const [header, row] = err.trimEnd().split('\n').slice(-2);
    expect(header?.trim().split(/ {2,}/)).toEqual([
      'epoch',
      'step',
      'loss',
      'F1',
      'precision',
      'recall',
      'AUC',
      'waited',
      'time',
    ]);
    expect(row).toMatch(/best$/);
  });

  test('--freeze says how much is trained, and is saved with the run', async () => {
    const out = freshOut();
    const { err } = await train(...quick, '--freeze', 'embeddings,encoder.0', '--out', out);
    const number = (text: string | undefined): number => Number(text?.replaceAll(',', ''));
    const [, trained, frozen] =
      /  ([\d,]+) parameters trained, ([\d,]+) frozen, at most 1 epoch\n/.exec(err) ?? [];
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    const sizes = [...tensors].map(
      ([name, { shape }]) => [name.startsWith('bert.'), shape.reduce((a, b) => a * b, 1)] as const,
    );
    const sum = (isFrozen: boolean): number =>
      sizes.reduce((total, [bert, size]) => total + (bert === isFrozen ? size : 0), 0);
    expect([number(trained), number(frozen)]).toEqual([sum(false), sum(true)]);
    const saved = readJson(join(out, 'train.json'));
    expect(saved).toMatchObject({ request: { freeze: ['embeddings', 'encoder.0'] } });
  });

  test('paths of a request are absolute, so that it resumes from anywhere', async () => {
    const out = freshOut();
    await train(...quick, '--out', out, '--relations', corpus.relations, '--train-facts', corpus.train);
    const { request } = readJson(join(out, 'train.json')) as { request: Record<string, unknown> };
    for (const key of ['dev', 'relations', 'encoder']) expect(String(request[key]), key).toMatch(/^\//);
  });
});

describe('exit status', () => {
  test('3 and the words of relata check, 4, 5: nothing on stdout', async () => {
    const [doc] = documents;
    const [label] = doc?.labels ?? [];
    const bad = writeDocuments(join(folder, 'bad.json'), [
      { ...doc, labels: [{ ...label, t: -1 }] } as unknown as Document,
    ]);
    const wild = ['--learning-rate', '1e30', '--head-learning-rate', '1e30', '--batch-documents', '2'];
    const [broken, missing, notFinite, system] = await Promise.all([
      relata('train', ...quick, '--out', freshOut(), '--train', bad),
      relata('train', ...quick, '--out', freshOut(), '--dev', join(folder, 'no.json')),
      relata('train', ...quick, '--out', freshOut(), ...wild),
      relata('sample', '--out', join(bad, 'below-a-file'), '--documents', '3'),
    ]);
    const checked = await inProcess(checkCommand(), bad);
    process.exitCode = 0;
    const words = checked.out.split('\n').find((line) => line.includes('$.labels[0].t')) ?? 'not found';
    expect(broken).toMatchObject({ code: 3, out: '' });
    expect(broken.err).toContain(words);
    expect(missing).toMatchObject({ code: 4, out: '' });
    expect(missing.err).toContain(
      `E_FILE_MISSING: Expected a file of documents at ${join(folder, 'no.json')}`,
    );
    expect(notFinite).toMatchObject({ code: 5, out: '' });
    expect(notFinite.err).toMatch(
      /E_NOT_FINITE: Expected a finite \w+, got one that is not \(step \d+\)\nBegin a new run/,
    );
    expect(system).toMatchObject({ code: 4, out: '' });
    expect(system.err).toContain('E_FILE: ');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test('0 for help and version, 2 for an unknown command', async () => {
    const [help, version, unknown] = await Promise.all([
      relata('--help'),
      relata('--version'),
      relata('trian'),
    ]);
    expect(help.code).toBe(0);
    for (const command of ['train', 'predict', 'evaluate', 'check', 'stats', 'sample', 'encode', 'demo'])
      expect(help.out).toMatch(new RegExp(`^  ${command} `, 'm'));
    const { version: expected } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(version).toMatchObject({ code: 0, out: `${expected}\n` });
    expect(unknown).toMatchObject({ code: 2, out: '' });
    expect(unknown.err).toContain('(Did you mean train?)');
  });
});
