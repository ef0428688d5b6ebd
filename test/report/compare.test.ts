/** A comparison of small runs: its numbers are those of its models, and what is done is not done again. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { evaluateCommand } from '../../src/cli/evaluate.ts';
import { trainForm } from '../../src/cli/request-forms.ts';
import { commandOf } from '../../src/cli/request-options.ts';
import type { RelataError } from '../../src/core/errors.ts';
import { readJson } from '../../src/core/files.ts';
import { compare, type CompareEvent, type CompareOptions } from '../../src/report/compare.ts';
import { type ComparedRun, type Comparison, readComparison } from '../../src/report/comparison.ts';
import { rowsOf } from '../../src/report/rows.ts';
import { parseRuns } from '../../src/report/run-spec.ts';
import { inProcess, temporaryFolder } from '../cli/relata.ts';
import { writeCorpus } from '../training/fixtures.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(join(folder, 'corpus'), 30);
const common = {
  train: [corpus.train],
  dev: corpus.dev,
  trainFacts: [corpus.train],
  relations: corpus.relations,
  epochs: 2,
  evaluateEvery: 1,
  batchDocuments: 4,
  threads: 1,
};

const optionsOf = (out: string, systems: string, more: Partial<CompareOptions> = {}): CompareOptions => ({
  runs: parseRuns(systems),
  common,
  test: undefined,
  out,
  command: `relata compare --systems ${systems}`,
  commandOf: (request, folder) => commandOf(trainForm, request, folder),
  ...more,
});

async function eventsOf(options: CompareOptions): Promise<CompareEvent[]> {
  const events: CompareEvent[] = [];
  for await (const event of compare(options)) events.push(event);
  return events;
}

/** Every file below a folder by its name. */
function filesBelow(out: string): Map<string, string> {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  return new Map(names.sort().map((name) => [name, readFileSync(join(out, name)).toString('latin1')]));
}

function runOf({ runs }: Comparison, id: string): ComparedRun {
  const run = runs.find((entry) => entry.id === id);
  if (!run) throw new Error(`no run ${id}`);
  return run;
}

/** What `relata evaluate --model --json` prints. */
async function evaluated(model: string, gold: string): Promise<Record<string, number>> {
  const { out } = await inProcess(
    evaluateCommand(),
    '--model',
    model,
    '--gold',
    gold,
    '--train-facts',
    corpus.train,
    '--threads',
    '1',
    '--json',
  );
  return JSON.parse(out) as Record<string, number>;
}

const systems = 'bilstm,bilstm+seed=2,sentence,bilstm+two-step,cnn+mode=faithful,bilstm+without=types';
const out = join(folder, 'report');
let first: readonly CompareEvent[];
let comparison: Comparison;
let files: ReadonlyMap<string, string>;

beforeAll(async () => {
  first = await eventsOf(optionsOf(out, systems, { test: corpus.gold }));
  comparison = readComparison(join(out, 'report.json'));
  files = filesBelow(out);
}, 120_000);

describe('what is written', () => {
  test('is told, after every run and its scores', () => {
    const ids = systems.split(',');
    expect(first.filter(({ kind }) => kind === 'run')).toMatchObject(
      ids.map((id, index) => ({ id, index, runs: ids.length })),
    );
    expect(first.filter(({ kind }) => kind === 'scored')).toMatchObject(ids.map((id) => ({ id })));
    expect(first.at(-1)).toMatchObject({
      kind: 'written',
      comparison,
      files: ['report.json', 'report.html', 'picture-light.svg', 'picture-dark.svg'].map((name) =>
        join(out, name),
      ),
    });
  });

  test('the report, its pictures, and a folder for every run', () => {
    expect(files.get('report.html')).toMatch(/^<!doctype html>/i);
    for (const name of ['picture-light.svg', 'picture-dark.svg']) expect(files.get(name)).toMatch(/^<svg /);
    expect(comparison.command).toBe(`relata compare --systems ${systems}`);
    expect(comparison.runs.map(({ id }) => id)).toEqual(systems.split(','));
    expect(readdirSync(join(out, 'runs')).sort()).toEqual([
      'bilstm',
      'bilstm_seed=2',
      'bilstm_two-step',
      'bilstm_without=types',
      'cnn_mode=faithful',
      'sentence',
    ]);
  });

  test('only seeds share a row', () => {
    expect(rowsOf(comparison).map(({ label, runs }) => [label, runs.length])).toEqual([
      ['BiLSTM', 2],
      ['SentModel', 1],
      ['BiLSTM, two steps', 1],
      ['CNN', 1],
      ['BiLSTM, without types', 1],
    ]);
  });

  test.each(systems.split(',').map((id) => [id]))('scores of %s are those of its model', async (id) => {
    const run = runOf(comparison, id);
    const isFaithful = run.mode === 'faithful';
    const dev = await evaluated(run.folder, corpus.dev);
    expect(run.dev).toMatchObject({
      f1: isFaithful ? dev['bestF1'] : dev['f1'],
      ignF1: isFaithful ? dev['bestIgnF1'] : dev['ignF1'],
      precision: isFaithful ? dev['bestPrecision'] : dev['precision'],
      recall: isFaithful ? dev['bestRecall'] : dev['recall'],
      theta: dev['theta'],
      auc: dev['auc'],
      ignAuc: dev['ignAuc'],
    });
    // The threshold was chosen on these documents.
    expect(run.dev.f1).toBe(dev['bestF1']);
    const { f1: best, precision: p, recall: r } = run.dev;
    expect(best).toBeCloseTo(p + r === 0 ? 0 : (2 * p * r) / (p + r), 12);
    const { f1, ignF1, precision, recall } = await evaluated(run.folder, corpus.gold);
    expect(run.test).toEqual({ f1, ignF1, precision, recall });
  });

  test('what scores mean: measured on test with what is saved, and without test across halves of dev', async () => {
    const found = comparison.runs.filter(({ reliability }) => reliability !== null);
    expect(found.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['bilstm', 'sentence', 'bilstm+two-step']),
    );
    for (const { folder, reliability } of found) {
      const on = await evaluated(folder, corpus.gold);
      expect(reliability).toMatchObject({
        measuredOn: 'test',
        before: { ece: on['ece'] },
        after: { ece: on['calibratedEce'] },
      });
      const saved = readJson(join(folder, 'config.json')) as {
        relata: { calibration: { method: string } };
      };
      expect(reliability?.method).toBe(saved.relata.calibration.method);
    }
    expect(files.get('report.html')).toContain('What the scores mean');
  });

  test('something was learnt, so that equal scores say something', () => {
    const scores = comparison.runs.map(({ dev }) => dev.f1);
    expect(Math.max(...scores)).toBeGreaterThan(0.05);
    expect(new Set(scores).size).toBe(scores.length);
  });

  test('steps, negatives and costs of two steps, from the files of both', () => {
    const run = runOf(comparison, 'bilstm+two-step');
    const stage = (name: string): Record<string, unknown> =>
      readJson(join(run.folder, name, 'best.json')) as Record<string, unknown>;
    expect(run).toMatchObject({ twoStep: true, negatives: 3, system: 'bilstm' });
    expect(run.dev.stages).toEqual([
      { stage: 'step 1', scores: stage('step-1')['scores'] },
      { stage: 'step 2', scores: stage('step-2')['scores'] },
    ]);
    const words = (readJson(corpus.train) as { sents: string[][] }[]).flatMap(({ sents }) => sents.flat());
    expect(run.cost).toMatchObject({
      pieces: 2 * 2 * words.length,
      stages: [
        { stage: 'step 1', epochs: 2 },
        { stage: 'step 2', epochs: 2 },
      ],
    });
    expect(run.cost.piecesPerSecond).toBeCloseTo(run.cost.pieces / run.cost.seconds, 6);
    expect(runOf(comparison, 'bilstm')).toMatchObject({
      negatives: 'all',
      cost: { pieces: 2 * words.length },
    });
  });

  test('the best row against every other, the claim of each table, two steps against one', () => {
    const pairs = comparison.bootstraps
      .filter(({ measure }) => measure === 'f1')
      .map(({ a, b }) => `${a.join(' ')} - ${b.join(' ')}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    const has = (a: string, b: string): boolean =>
      pairs.includes(`${a} - ${b}`) || pairs.includes(`${b} - ${a}`);
    // Where a system has several rows the better one stands for it, as in the findings.
    const f1 = (...ids: string[]): number =>
      ids.reduce((sum, id) => sum + runOf(comparison, id).dev.f1, 0) / ids.length;
    const seeds = ['bilstm', 'bilstm+seed=2'];
    const bilstm = f1(...seeds) > f1('bilstm+without=types') ? seeds.join(' ') : 'bilstm+without=types';
    expect(has('sentence', bilstm)).toBe(true);
    expect(has('bilstm+two-step', bilstm)).toBe(true);
    expect(pairs.length).toBeGreaterThanOrEqual(4);
    for (const { a, b, measure, difference } of comparison.bootstraps.filter(
      (entry) => entry.measure === 'f1',
    )) {
      // In faithful mode F1 is the best of the curve, and the bootstrap's that of the threshold.
      if ([...a, ...b].some((id) => id.includes('faithful'))) continue;
      expect(difference, `${a.join()} - ${b.join()} ${measure}`).toBeCloseTo(f1(...a) - f1(...b), 10);
    }
  });
});

test('again: nothing is trained, files are the same bytes, and so are the numbers', async () => {
  const events = await eventsOf(optionsOf(out, systems, { test: corpus.gold }));
  const trained = events.flatMap((event) => (event.kind === 'training' ? [event.event.kind] : []));
  expect(new Set(trained)).toEqual(new Set(['prepared', 'skipped', 'result']));
  const again = filesBelow(out);
  expect([...again.keys()]).toEqual([...files.keys()]);
  for (const [name, text] of [...files].filter(([name]) => name.startsWith('runs')))
    expect(again.get(name) === text, `${name} is the same`).toBe(true);
  expect({ ...readComparison(join(out, 'report.json')), date: '' }).toEqual({ ...comparison, date: '' });
});

test('a comparison of some of them takes the same runs; unlabelled test documents are only counted', async () => {
  await eventsOf(optionsOf(out, 'sentence', { test: corpus.test }));
  const some = readComparison(join(out, 'report.json'));
  // Without labels on test, what scores mean is measured across halves of dev, as it was when the run ended.
  const [{ reliability } = { reliability: null }] = some.runs;
  expect(some.runs).toEqual([{ ...runOf(comparison, 'sentence'), test: null, reliability }]);
  const { relata } = readJson(join(out, 'runs', 'sentence', 'config.json')) as {
    relata: { calibration: { error: { score: number; crossFitted: number } } };
  };
  const { score, crossFitted } = relata.calibration.error;
  expect(reliability).toMatchObject({
    measuredOn: 'dev',
    before: { ece: score },
    after: { ece: crossFitted },
  });
  expect(some.bootstraps).toEqual([]);
  const of = ({ data }: Comparison): (Comparison['data'][number] | undefined)[] =>
    data.filter(({ role }) => role === 'test');
  const [labelled] = of(comparison);
  expect(of(some)).toMatchObject([
    { file: 'test.json', documents: 3, instances: null, facts: null, words: labelled?.words },
  ]);
  expect(labelled?.instances).toBeGreaterThan(0);
  await eventsOf(optionsOf(out, 'sentence'));
  expect(of(readComparison(join(out, 'report.json')))).toEqual([]);
});

describe('what is wrong shows before anything is trained', () => {
  /** What became of it: the error, and every trace of a beginning. */
  const refusal = async (systemsText: string, more: Partial<CompareOptions>): Promise<unknown> => {
    const fresh = join(folder, 'refused');
    const events: CompareEvent[] = [];
    try {
      for await (const event of compare(optionsOf(fresh, systemsText, more))) events.push(event);
      return 'accepted';
    } catch (error) {
      const { code, exit } = error as RelataError;
      return { code, exit, events, isWritten: existsSync(fresh) };
    }
  };

  test.each<[string, string, Partial<CompareOptions>]>([
    ['an option of the last run', 'cnn,lstm+epochs=0', {}],
    ['a common one', 'cnn', { common: { ...common, seed: -1 } }],
    ['two runs that are the same', 'cnn,cnn+epochs=2', {}],
  ])('%s', async (_, text, more) => {
    expect(await refusal(text, more)).toEqual({ code: 'E_USAGE', exit: 2, events: [], isWritten: false });
  });

  test.each<[string, string, Partial<CompareOptions>]>([
    ['test documents', 'cnn', { test: join(folder, 'no.json') }],
    ['word vectors of the last run', 'cnn,lstm+word-vectors=no.txt', {}],
    ['dev documents', 'cnn', { common: { ...common, dev: 'no.json' } }],
  ])('a missing file: %s', async (_, text, more) => {
    expect(await refusal(text, more)).toEqual({
      code: 'E_FILE_MISSING',
      exit: 4,
      events: [],
      isWritten: false,
    });
  });

  test('a later run whose folder holds a run of other options', async () => {
    const before = filesBelow(out);
    const events: CompareEvent[] = [];
    const options = optionsOf(out, 'lstm,sentence', { common: { ...common, epochs: 3 } });
    const run = async (): Promise<void> => {
      for await (const event of compare(options)) events.push(event);
    };
    await expect(run()).rejects.toMatchObject({
      code: 'E_RUN_DIFFERS',
      exit: 2,
      message: `Expected the run in ${join(out, 'runs', 'sentence')} to go on with the options that it began with, but epochs (2, now 3) differs`,
      help: expect.stringMatching(/train\.json.*--out/) as string,
    });
    expect(events).toEqual([]);
    expect(filesBelow(out)).toEqual(before);
  });

  test('a folder that cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(eventsOf(optionsOf(join(file, 'report'), 'cnn'))).rejects.toThrow();
  });
});

test('options that say what was the default are no other options', async () => {
  const events = await eventsOf(
    optionsOf(out, 'sentence', { common: { ...common, optimizer: 'adam', negatives: undefined } }),
  );
  expect(events.at(-1)?.kind).toBe('written');
});

test('a stop while runs are scored ends without a report', async () => {
  const other = join(folder, 'stopped');
  mkdirSync(other);
  const controller = new AbortController();
  const kinds: string[] = [];
  const options = optionsOf(other, 'bilstm,sentence', { signal: controller.signal });
  for await (const event of compare(options)) {
    kinds.push(event.kind);
    if (event.kind === 'scored') controller.abort();
  }
  expect(kinds.slice(-2)).toEqual(['scored', 'interrupted']);
  expect(readdirSync(other)).toEqual(['runs']);
});
