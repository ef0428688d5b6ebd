/** Taggers from documents to saved folders: trained, stopped and resumed, opened, exported, refused. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { trainCommand } from '../../src/cli/train.ts';
import { readJson } from '../../src/core/files.ts';
import type { Document } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { exportSystem } from '../../src/models/export.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { openTagger } from '../../src/models/open-tagger.ts';
import { evaluateTagger } from '../../src/prediction/evaluate-tagger.ts';
import { tagMentions, type TaggedMention } from '../../src/prediction/tag.ts';
import { expectation } from '../../src/training/request-issue.ts';
import { requestSchema } from '../../src/training/request.ts';
import { trainSystem } from '../../src/training/train-system.ts';
import { inProcess, temporaryFolder } from '../cli/relata.ts';
import { saveBert } from '../models/saved.ts';
import { trainFully, writeCheckpoint, writeCorpus, writeDocuments } from './fixtures.ts';

const folder = temporaryFolder();
const engine = { threads: 1 };
const corpus = writeCorpus(join(folder, 'corpus'), 24);
const dev = await loadDocuments(corpus.dev);
const checkpoint = join(folder, 'checkpoint');
writeCheckpoint(checkpoint, await loadDocuments(corpus.train));

const base = { system: 'mentions', train: [corpus.train], dev: corpus.dev, threads: 1, batchDocuments: 1 };
const requests = {
  bilstm: { ...base, encoder: 'bilstm', epochs: 6, learningRate: 5e-3 },
  bert: { ...base, encoder: checkpoint, epochs: 6, learningRate: 2e-3, headLearningRate: 5e-3 },
  cnn: { ...base, encoder: 'cnn', epochs: 12, learningRate: 3e-3 },
} as const;
type Name = keyof typeof requests;
const names = Object.keys(requests) as Name[];
const out = (name: string): string => join(folder, name);
const results = new Map<string, Awaited<ReturnType<typeof trainFully>>>();

beforeAll(async () => {
  for (const name of names) results.set(name, await trainFully(requests[name], out(name)));
}, 120_000);

async function mentionsOf(name: string, documents: readonly Document[], batchPieces?: number) {
  const tagger = await openTagger(out(name), engine);
  const found: TaggedMention[][] = [];
  for await (const mentions of tagMentions(tagger, documents, { batchPieces })) found.push(mentions);
  await tagger.dispose();
  return found;
}

const places = (found: readonly (readonly TaggedMention[])[]): string[][] =>
  found.map((own) => own.map(({ sent_id, pos, type }) => `${sent_id} ${pos.join()} ${type}`));

describe.each(names)('%s', (name) => {
  test('finds the mentions of an invented world', () => {
    const [row] = results.get(name)?.rows ?? [];
    expect(row?.stage).toBe('mentions');
    expect(row?.mentions?.f1).toBeGreaterThan(0.6);
    expect(row?.scores['f1']).toBe(row?.mentions?.f1);
  });

  test('is saved with what it reached, and reaches it again when it is opened', async () => {
    const [row] = results.get(name)?.rows ?? [];
    const { relata } = readJson(join(out(name), 'config.json')) as { relata: Record<string, unknown> };
    expect(relata).toMatchObject({ system: 'mentions', encoder: name, scores: row?.mentions });
    const tagger = await openTagger(out(name), engine);
    expect(await evaluateTagger(tagger, dev)).toEqual(row?.mentions);
    await tagger.dispose();
  });

  test('an exported one finds the same', async () => {
    for await (const program of exportSystem(out(name), out(`${name} fp32`), 'fp32'))
      expect(program.rounded).toBe(0);
    expect(existsSync(join(out(`${name} fp32`), 'model.safetensors'))).toBe(false);
    const [own, original] = [await mentionsOf(`${name} fp32`, dev), await mentionsOf(name, dev)];
    expect(places(own)).toEqual(places(original));
    own.flat().forEach(({ score }, i) => expect(score).toBeCloseTo(original.flat()[i]?.score ?? 0, 3));
  });
});

test('a mention has its words as its name, and a probability', async () => {
  const found = await mentionsOf('bilstm', dev);
  found.forEach((mentions, d) => {
    const ends = new Map<number, number>();
    for (const { name, sent_id, pos, score, type } of mentions) {
      expect(name).toBe(dev[d]?.sents[sent_id]?.slice(...pos).join(' '));
      expect(name).not.toBe('');
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(type).toMatch(/^[A-Z]+$/);
      expect(pos[0]).toBeGreaterThanOrEqual(ends.get(sent_id) ?? 0);
      ends.set(sent_id, pos[1]);
    }
  });
  expect(found.flat().length).toBeGreaterThan(20);
});

test('a document finds the same mentions alone, in a batch, and as part of a long one', async () => {
  const [batched, alone] = [await mentionsOf('bert', dev), await mentionsOf('bert', dev, 1)];
  expect(places(alone)).toEqual(places(batched));
  const unlabelled = dev.map((doc) => ({ ...doc, vertexSet: [] }));
  expect(places(await mentionsOf('bert', unlabelled))).toEqual(places(batched));
  const long: Document = {
    title: 'long',
    sents: Array.from({ length: 600 }, () => dev.flatMap(({ sents }) => sents)).flat(),
    vertexSet: [],
  };
  expect(long.sents.flat().length).toBeGreaterThan(100_000);
  const [found] = await mentionsOf('cnn', [long]);
  expect(found?.length).toBeGreaterThan(10_000);
}, 60_000);

test('with weights of 8 bits an encoder finds nearly the same; words have none worth it', async () => {
  for await (const program of exportSystem(out('bert'), out('bert int8'), 'int8'))
    expect(program.rounded).toBeGreaterThan(0);
  const [own, original] = [await mentionsOf('bert int8', dev), await mentionsOf('bert', dev)];
  const shared = new Set(
    places(original).flatMap((mentions, d) => mentions.map((mention) => `${d} ${mention}`)),
  );
  const same = places(own).flatMap((mentions, d) =>
    mentions.filter((mention) => shared.has(`${d} ${mention}`)),
  );
  expect(same.length).toBeGreaterThan(0.9 * shared.size);
  const exporting = async (): Promise<void> => {
    for await (const _ of exportSystem(out('bilstm'), out('bilstm int8'), 'int8'));
  };
  await expect(exporting()).rejects.toMatchObject({ code: 'E_USAGE' });
});

test('a run that is stopped and resumed ends with the same bytes', async () => {
  const request = requestSchema.parse({ ...requests.bilstm, epochs: 2 });
  const run = async (name: string, stopAfter: readonly number[]): Promise<void> => {
    for (const steps of [...stopAfter, Infinity]) {
      const stop = new AbortController();
      let seen = 0;
      for await (const { kind, ...event } of trainSystem(request, out(name), { signal: stop.signal })) {
        if (kind === 'stage' && 'event' in event && event.event.kind === 'step' && ++seen >= steps)
          stop.abort();
      }
      expect(existsSync(join(out(name), 'finished.json'))).toBe(steps === Infinity);
    }
  };
  await run('whole', []);
  await run('stopped', [1, 3]);
  const filesOf = (name: string): Map<string, string> =>
    new Map(
      readdirSync(out(name))
        .sort()
        .filter((file) => file !== 'metrics.jsonl')
        .map((file) => [file, readFileSync(join(out(name), file), 'latin1')]),
    );
  expect([...filesOf('stopped').keys()]).toEqual([...filesOf('whole').keys()]);
  expect([...filesOf('whole').keys()]).toContain('words.json');
  for (const [file, bytes] of filesOf('whole'))
    expect(filesOf('stopped').get(file) === bytes, `${file} is the same`).toBe(true);
}, 60_000);

test('each kind of model is refused where the other is asked for, by its name', async () => {
  await expect(openSystem(out('bilstm'), engine)).rejects.toMatchObject({
    code: 'E_FIELD',
    message: expect.stringContaining('one that finds mentions') as string,
  });
  saveBert(out('relations'));
  await expect(openTagger(out('relations'), engine)).rejects.toMatchObject({
    code: 'E_FIELD',
    message: expect.stringContaining('one that relates entities (bert)') as string,
  });
});

test('documents without a mention cannot be learnt from', async () => {
  const none = writeDocuments(
    join(folder, 'none.json'),
    dev.map((doc) => ({ ...doc, vertexSet: [], labels: [] })),
  );
  await expect(trainFully({ ...requests.bilstm, train: [none] }, out('none'))).rejects.toMatchObject({
    code: 'E_FIELD',
  });
  expect(existsSync(out('none'))).toBe(false);
});

test.each([
  [{ negatives: 3 }, 'negatives', 'left out: mentions are found without relations'],
  [{ relations: 'x.json' }, 'relations', 'left out: mentions are found without relations'],
  [{ trainFacts: ['x'] }, 'trainFacts', 'left out: mentions are found without relations'],
  [{ noRelation: ['NA'] }, 'noRelation', 'left out: mentions are found without relations'],
  [{ without: ['types'] }, 'without', 'left out: mentions are found without relations'],
  [{ twoStep: true }, 'twoStep', 'left out: mentions are found in one step'],
  [{ mode: 'faithful' }, 'mode', 'corrected: there is no original that finds mentions'],
  [{ text: 'sentence-cls' }, 'text', 'plain: every word has a tag'],
  [
    { freeze: ['embeddings'] },
    'freeze',
    'left out: bilstm has no parts to freeze; given --word-vectors stay as they are anyway',
  ],
  [{ vocabulary: 'x' }, 'vocabulary', 'left out: bilstm reads words and has no such encoder'],
  [{ encoder: 'tiny', wordVectors: 'x' }, 'wordVectors', 'left out: bert reads word pieces'],
])('%j is refused', (options, key, expected) => {
  const parsed = requestSchema.safeParse({ ...requests.bilstm, ...options });
  const issues = parsed.error?.issues ?? [];
  expect(issues.map((issue) => [issue.path[0], expectation(issue)])).toContainEqual([key, expected]);
});

test('the command prints a table by type, or the result as JSON', async () => {
  const args = ['--system', 'mentions', '--encoder', 'lstm', '--train', corpus.train, '--dev', corpus.dev];
  const shown = await inProcess(trainCommand(), ...args, '--epochs', '1', '--out', out('shown'));
  expect(shown.out).toMatch(/^mentions +precision +recall +F1 +gold +found$/m);
  expect(shown.out).toMatch(/^PER +[\d.]+ +[\d.]+ +[\d.]+ +\d+ +\d+$/m);
  expect(shown.out).toMatch(/^all, whatever the type /m);
  expect(shown.err).toContain('mentions of ');
  expect(shown.err).toMatch(/words\/s|untyped F1/);
  const resumed = await inProcess(trainCommand(), '--resume', out('shown'), '--json');
  expect(resumed.err).toContain('finished before');
  expect(JSON.parse(resumed.out)).toMatchObject({
    folder: out('shown'),
    results: [{ stage: 'mentions', theta: null, mentions: { byType: expect.any(Array) as unknown[] } }],
  });
}, 30_000);
