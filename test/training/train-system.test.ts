import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { readJson } from '../../src/core/files.ts';
import { readSafetensors, toFloat32 } from '../../src/core/safetensors.ts';
import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { predict } from '../../src/prediction/predict.ts';
import { requestSchema } from '../../src/training/request.ts';
import { trainSystem } from '../../src/training/train-system.ts';
import { relativeError } from '../graph/check.ts';
import { temporaryFolder } from '../cli/relata.ts';
import {
  FOREIGN_WEIGHTS,
  LEARNING,
  trainFully,
  writeCheckpoint,
  writeCorpus,
  writeDocuments,
} from './fixtures.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(folder, 20);
const train = await loadDocuments(corpus.train);
const dev = await loadDocuments(corpus.dev);
const encoder = join(folder, 'checkpoint');
writeCheckpoint(encoder, train);

let runs = 0;
const freshFolder = (): string => join(folder, `run-${runs++}`);
const request = (options: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  system: 'bert',
  encoder,
  train: [corpus.train],
  dev: corpus.dev,
  ...LEARNING,
  epochs: 2,
  evaluateEvery: 1,
  ...options,
});
const weightsOf = (out: string): Buffer => readFileSync(join(out, 'model.safetensors'));

interface Config {
  readonly relata: {
    readonly system: string;
    readonly steps: number;
    readonly without?: readonly string[];
    readonly mode: string;
    readonly text: string;
    readonly theta: number | null;
    readonly relations: readonly { readonly id: string; readonly name: string }[];
    readonly training: Readonly<Record<string, unknown>>;
  };
}
const configOf = (out: string): Config['relata'] => (readJson(join(out, 'config.json')) as Config).relata;

describe('randomness', () => {
  test('the same seed gives the same bytes, another one others', async () => {
    const [a, b, c, d] = [freshFolder(), freshFolder(), freshFolder(), freshFolder()];
    await trainFully(request({ seed: 5, threads: 2 }), a);
    await trainFully(request({ seed: 5, threads: 2 }), b);
    await trainFully(request({ seed: 6, threads: 2 }), c);
    await trainFully(request({ seed: 5, threads: 2, dropout: 0 }), d);
    expect(weightsOf(a).equals(weightsOf(b))).toBe(true);
    expect(readFileSync(join(a, 'config.json'))).toEqual(readFileSync(join(b, 'config.json')));
    expect(weightsOf(a).equals(weightsOf(c))).toBe(false);
    expect(weightsOf(a).equals(weightsOf(d))).toBe(false);
  });
});

describe('what is written', () => {
  test('one JSON object a line in metrics.jsonl: every tenth step, every evaluation', async () => {
    const out = freshFolder();
    const { events } = await trainFully(request({ epochs: 5, batchDocuments: 5 }), out);
    const text = readFileSync(join(out, 'metrics.jsonl'), 'utf8');
    expect(text.endsWith('}\n')).toBe(true);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    // 16 documents, 4 steps an epoch.
    expect(lines.map(({ kind, step, epoch }) => [kind, step, epoch])).toEqual([
      ['evaluation', 4, 0],
      ['evaluation', 8, 1],
      ['step', 10, 2],
      ['evaluation', 12, 2],
      ['evaluation', 16, 3],
      ['step', 20, 4],
      ['evaluation', 20, 4],
    ]);
    expect(Object.keys(lines[2] ?? {})).toEqual(
      expect.arrayContaining(['loss', 'norm', 'learningRate', 'pieces', 'pairs', 'seconds']),
    );
    const steps = events.filter((event) => event.kind === 'stage' && event.event.kind === 'step');
    expect(steps).toHaveLength(20);
  });

  test('the effective configuration and the hashes of what decides the run', async () => {
    const out = freshFolder();
    await trainFully(request({ relations: corpus.relations, warmup: 0.25 }), out);
    const { training, relations } = configOf(out);
    expect(training).toMatchObject({ warmup: 0.25, weightDecay: 0, epochs: 2, negatives: 'all', seed: 1 });
    const { sha256 } = readJson(join(out, 'train.json')) as { sha256: Record<string, string> };
    const names = ['config.json', 'model.safetensors', 'vocab.txt'].map((name) => join(encoder, name));
    expect(Object.keys(sha256).sort()).toEqual([corpus.train, corpus.dev, corpus.relations, ...names].sort());
    expect(training['sha256']).toEqual(sha256);
    expect(relations).toContainEqual({ id: 'P27', name: 'country of citizenship' });
  });

  test('a vocabulary may be a file', async () => {
    const out = freshFolder();
    const vocabulary = join(encoder, 'vocab.txt');
    await trainFully(request({ encoder: 'tiny', vocabulary, epochs: 1 }), out);
    expect(readFileSync(join(out, 'vocab.txt'), 'utf8')).toBe(readFileSync(vocabulary, 'utf8'));
    const { sha256 } = readJson(join(out, 'train.json')) as { sha256: Record<string, string> };
    expect(sha256).toHaveProperty([vocabulary]);
  });

  test('a run that cannot begin leaves nothing', async () => {
    const out = freshFolder();
    const missing = join(folder, 'missing');
    for (const [options, code] of [
      [{ trainFacts: [missing] }, 'E_FILE_MISSING'],
      [{ relations: missing }, 'E_FILE_MISSING'],
      [{ dev: missing }, 'E_FILE_MISSING'],
      [{ encoder: 'tiny', vocabulary: missing }, 'E_FILE_MISSING'],
      [{ encoder: missing }, 'E_ENCODER'],
      [{ train: [corpus.test] }, 'E_NO_LABELS'],
    ] as const) {
      await expect(trainFully(request(options), out), JSON.stringify(options)).rejects.toMatchObject({
        code,
      });
    }
    expect(existsSync(out)).toBe(false);
  });
});

describe('an encoder from a checkpoint', () => {
  test('has a rate of its own', async () => {
    const plain = requestSchema.parse({ system: 'bert', encoder, train: [corpus.train], dev: corpus.dev });
    for (const [name, expected] of [
      [
        encoder,
        {
          learningRate: 3e-4,
          optimizer: 'adamw',
          batchDocuments: 8,
          epochs: 20,
          decay: 'linear',
          dropout: 0.1,
        },
      ],
      [
        'tiny',
        {
          learningRate: 5e-4,
          optimizer: 'adamw',
          batchDocuments: 8,
          epochs: 20,
          decay: 'linear',
          dropout: 0.1,
        },
      ],
    ] as const) {
      const out = freshFolder();
      for await (const event of trainSystem({ ...plain, encoder: name }, out)) {
        if (event.kind !== 'prepared') continue;
        expect(event.about.pretrained).toBe(name === encoder);
        expect(event.about.options).toMatchObject(expected);
        break;
      }
      expect(readJson(join(out, 'train.json'))).toMatchObject({ effective: expected });
    }
  });

  test('its other weights are named once, also in two steps; a saved model is such a checkpoint', async () => {
    const [first, second] = [freshFolder(), freshFolder()];
    const { events } = await trainFully(request({ system: 'bert-two-step', epochs: 1 }), first);
    const named = events.filter((event) => event.kind === 'ignored');
    expect(named).toEqual([{ kind: 'ignored', names: FOREIGN_WEIGHTS }]);
    const step = join(first, 'step-2');
    const again = await trainFully(request({ encoder: step, epochs: 1, learningRate: 1e-9 }), second);
    expect(again.events.filter((event) => event.kind === 'ignored')).toHaveLength(1);
    // The encoder began as it was saved, and hardly moved.
    const name = 'bert.embeddings.word_embeddings.weight';
    const [before, after] = [step, second].map((from) => {
      const tensor = readSafetensors(join(from, 'model.safetensors')).tensors.get(name);
      return tensor ? toFloat32(tensor) : new Float32Array(0);
    }) as [Float32Array, Float32Array];
    expect(before).toHaveLength(400 * 32);
    expect(relativeError(after, before)).toBeLessThan(1e-6);
  });

  test('two steps are not one encoder', async () => {
    const out = freshFolder();
    await trainFully(request({ system: 'bert-two-step', epochs: 1 }), out);
    await expect(trainFully(request({ encoder: out }), freshFolder())).rejects.toThrow('step-2');
  });
});

describe('what goes wrong', () => {
  test.each(['bert', 'bert-two-step'])(
    '%s: a loss that is not finite ends the run and names the step',
    async (system) => {
      const out = freshFolder();
      const wild = { learningRate: 1e30, headLearningRate: 1e30, clipNorm: 0, batchDocuments: 4 };
      const run = trainFully(request({ system, ...wild, checkpointMinutes: 1e-9 }), out);
      await expect(run).rejects.toMatchObject({ code: 'E_NOT_FINITE', exit: 5 });
      await expect(run).rejects.toThrow(/\(step 2\)/);
      const path = join(out, system === 'bert' ? '' : 'step-1', 'checkpoint.safetensors');
      await expect(run).rejects.toMatchObject({ help: expect.stringContaining(path) as string });
      expect(JSON.parse(readSafetensors(path).metadata['state'] ?? '')).toMatchObject({ step: 1 });
    },
  );

  test('scores that are not numbers do so too', async () => {
    const out = freshFolder();
    const wild = { learningRate: 1e30, headLearningRate: 1e30, clipNorm: 0, batchDocuments: 100 };
    const run = trainFully(request({ ...wild, epochs: 1 }), out);
    await expect(run).rejects.toThrow('finite score, got one that is not (step 1)');
    await expect(run).rejects.toMatchObject({ help: expect.stringContaining('no checkpoint') as string });
    expect(existsSync(join(out, 'model.safetensors'))).toBe(false);
  });

  test('options that differ from those that the run began with', async () => {
    const out = freshFolder();
    await trainFully(request({ epochs: 1 }), out);
    await expect(trainFully(request({ epochs: 1, seed: 5 }), out)).rejects.toMatchObject({
      code: 'E_RUN_DIFFERS',
      message: expect.stringContaining('seed differs') as unknown,
    });
  });

  test('a finished run whose files are gone or hold something else', async () => {
    const out = freshFolder();
    await trainFully(request({ epochs: 1 }), out);
    const refused = async (): Promise<unknown> =>
      trainFully(request({ epochs: 1 }), out).catch((error: unknown) => error);
    const finished = join(out, 'finished.json');
    const text = readFileSync(finished);
    for (const other of ['{}', '[]', '{"stage":"one step","scores":{"f1":"1"},"theta":null}']) {
      writeFileSync(finished, other);
      expect(await refused()).toMatchObject({
        code: 'E_RUN_DAMAGED',
        message: expect.stringContaining('finished.json') as unknown,
      });
    }
    writeFileSync(finished, text);
    rmSync(join(out, 'model.safetensors'));
    expect(await refused()).toMatchObject({
      code: 'E_RUN_DAMAGED',
      message: expect.stringContaining('model.safetensors as the run left it, but there is none') as unknown,
    });
  });

  test('data that changed since the run began', async () => {
    const out = freshFolder();
    const own = join(folder, 'own.json');
    writeFileSync(own, readFileSync(corpus.dev));
    const parsed = requestSchema.parse(request({ dev: own }));
    for await (const event of trainSystem(parsed, out)) if (event.kind === 'stage') break;
    appendFileSync(own, '\n');
    const again = trainSystem(parsed, out);
    await expect(again.next()).rejects.toMatchObject({ code: 'E_DATA_CHANGED', exit: 3 });
  });

  test('documents with errors, in the words of relata check', async () => {
    const [doc] = train;
    const [label] = doc?.labels ?? [];
    const broken = { ...doc, labels: [{ ...label, h: 99 }] } as Document;
    const path = writeDocuments(join(folder, 'broken.json'), [broken]);
    const run = trainFully(request({ train: [path] }), freshFolder());
    await expect(run).rejects.toMatchObject({ code: 'E_DOCUMENT', exit: 3 });
    await expect(run).rejects.toThrow('$.labels[0].h: Expected h to be at least 0 and below');
  });
});

describe('variants', () => {
  test.each([
    ['bert', {}],
    ['bert', { mode: 'faithful' }],
    ['bert', { text: 'sentence-cls' }],
    ['bert', { negatives: 2 }],
    ['bert', { without: ['distances'] }],
    ['bert', { twoStep: true, mode: 'faithful' }],
    ['bert-two-step', { mode: 'faithful' }],
    ['bert-two-step', { negatives: 'all' }],
    ['bert-two-step', { mode: 'faithful', text: 'sentence-cls', trainFacts: [corpus.train] }],
  ])('%s %j trains, is saved as such, and predicts', async (system, options) => {
    const out = freshFolder();
    const { rows } = await trainFully(request({ system, ...options }), out);
    const oneStep = system === 'bert' && !('twoStep' in options);
    expect(rows.map(({ stage }) => stage)).toEqual(oneStep ? ['one step'] : ['step 1', 'step 2', 'combined']);
    const values = rows.flatMap(({ scores }) => Object.values(scores)).filter((value) => value !== null);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    const about = configOf(out);
    expect(about).toMatchObject({ mode: 'corrected', text: 'plain', ...namedIn(options) });
    expect(about).toMatchObject({ system: 'bert', steps: oneStep ? 1 : 2 });
    const models = oneStep ? [out] : ['step-1', 'step-2'].map((step) => join(out, step));
    for (const model of models)
      expect(configOf(model)).toMatchObject({ system: 'bert', steps: 1, without: [], ...namedIn(options) });
    expect(about.theta).toBe(rows.at(-1)?.theta);
    const loaded = await openSystem(out);
    const facts: unknown[] = [];
    for await (const found of predict(loaded, dev, { theta: 0 })) facts.push(...found.facts);
    await loaded.dispose();
    const pairs = dev.reduce((sum, doc) => sum + doc.vertexSet.length * (doc.vertexSet.length - 1), 0);
    const [asked, more] = [facts.length / about.relations.length, oneStep ? 0 : pairs];
    // One step scores every pair, two steps those that the first lets through.
    expect(asked).toBeGreaterThanOrEqual(pairs - more);
    expect(asked).toBeLessThanOrEqual(pairs);
    expect(asked % 1).toBe(0);
  });

  test('the share of unrelated pairs is what was asked for', async () => {
    const related = train.reduce(
      (sum, doc) =>
        sum + new Set(doc.labels?.filter(({ h, t }) => h !== t).map(({ h, t }) => `${h} ${t}`)).size,
      0,
    );
    const all = train.reduce((sum, doc) => sum + doc.vertexSet.length * (doc.vertexSet.length - 1), 0);
    for (const [options, pairs] of [
      [{}, [all]],
      [{ negatives: 2 }, [3 * related]],
      [{ system: 'bert-two-step' }, [4 * related, related]],
    ] as const) {
      const { events } = await trainFully(request({ ...options, epochs: 1 }), freshFolder());
      const seen: Record<string, number> = {};
      for (const event of events) {
        if (event.kind !== 'stage' || event.event.kind !== 'step') continue;
        seen[event.stage] = (seen[event.stage] ?? 0) + (event.event.pairs ?? 0);
      }
      expect(Object.values(seen), JSON.stringify(options)).toEqual(pairs);
    }
  });

  test('a label that means no relation is dropped (as in CDR)', async () => {
    const mark = (documents: readonly Document[]): Document[] =>
      documents.map((doc) => ({
        ...doc,
        labels: doc.labels?.map((label, i) => ({ ...label, r: i % 3 === 0 ? 'NR' : 'CID' })),
      })) as Document[];
    const files = {
      train: [writeDocuments(join(folder, 'cdr-train.json'), mark(train))],
      dev: writeDocuments(join(folder, 'cdr-dev.json'), mark(dev)),
    };
    const [kept, dropped] = [freshFolder(), freshFolder()];
    await trainFully(request({ ...files, epochs: 1 }), kept);
    await trainFully(request({ ...files, epochs: 1, noRelation: ['NR'] }), dropped);
    expect(configOf(kept).relations.map(({ id }) => id)).toEqual(['CID', 'NR']);
    expect(configOf(dropped).relations.map(({ id }) => id)).toEqual(['CID']);
  });

  test('relations in any language, spaces and all', async () => {
    const names = ['出生地', 'место рождения', 'né(e) à "x"'];
    const rename = (documents: readonly Document[]): Document[] =>
      documents.map((doc) => ({
        ...doc,
        labels: doc.labels?.map((label, i) => ({ ...label, r: names[i % names.length] ?? '' })),
      })) as Document[];
    const out = freshFolder();
    const files = {
      train: [writeDocuments(join(folder, 'any-train.json'), rename(train))],
      dev: writeDocuments(join(folder, 'any-dev.json'), rename(dev)),
    };
    await trainFully(request({ ...files, epochs: 1 }), out);
    const loaded = await openSystem(out);
    const seen = new Set<string>();
    for await (const { facts } of predict(loaded, dev, { theta: 0 })) {
      for (const { relation } of facts) seen.add(relation);
    }
    await loaded.dispose();
    expect([...seen].sort()).toEqual(names.toSorted());
  });
});

/** Options that a saved model names. */
function namedIn(options: Readonly<Record<string, unknown>>): object {
  const named = new Set(['mode', 'text', 'without']);
  return Object.fromEntries(Object.entries(options).filter(([key]) => named.has(key)));
}
