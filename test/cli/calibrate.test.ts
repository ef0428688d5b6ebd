/** `relata calibrate` as a person meets it: what it prints, what it writes, and what it refuses. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { calibrateCommand } from '../../src/cli/calibrate.ts';
import type { Calibration } from '../../src/core/calibration.ts';
import { readJson } from '../../src/core/files.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { readModelConfig } from '../../src/models/model-folder.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { evaluateSystem, type SystemScores } from '../../src/prediction/evaluate.ts';
import { predict } from '../../src/prediction/predict.ts';
import { LEARNING, trainFully, writeCorpus } from '../training/fixtures.ts';
import { inProcess, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const corpus = writeCorpus(join(folder, 'corpus'), 60);
const model = join(folder, 'model');
let trained: Calibration | undefined;

/** As models from before there were calibrations. */
function forget(): void {
  const path = join(model, 'config.json');
  const { relata } = readJson(path) as { relata: Record<string, unknown> };
  delete relata['calibration'];
  writeFileSync(path, JSON.stringify({ relata }));
}

const run = async (...args: string[]): Promise<{ out: string; err: string }> =>
  inProcess(calibrateCommand(), '--model', model, '--dev', corpus.dev, '--threads', '1', ...args);

beforeAll(async () => {
  const data = { train: [corpus.train], dev: corpus.dev, relations: corpus.relations };
  await trainFully({ system: 'bilstm', ...data, ...LEARNING, epochs: 3 }, model);
  trained = readModelConfig(model).calibration;
  forget();
}, 120_000);

test('training has written the same', async () => {
  expect(trained).toBeDefined();
  await run();
  expect(readModelConfig(model).calibration).toEqual(trained);
});

test('prints bins before and after, and the errors, each of which can be counted', async () => {
  forget();
  const { out, err } = await run('--json');
  const found = JSON.parse(out) as {
    theta: number;
    calibration: Calibration;
    before: { all: { bins: { low: number; facts: number; right: number }[] }; output: { ece: number } };
    crossFitted: { output: { ece: number } };
  };
  expect(found.calibration).toEqual(trained);
  expect(err).toBe('');

  // Counted again, from what `predict` says of every fact above 0.
  const system = await openSystem(model, { threads: 1 });
  const documents = await loadDocuments(corpus.dev);
  const facts: { score: number; right: boolean }[] = [];
  for await (const { doc, facts: predicted } of predict(system, documents, { theta: 0 })) {
    const gold = new Set((doc.labels ?? []).map(({ h, t, r }) => `${h} ${t} ${r}`));
    for (const { head, tail, relation, score } of predicted)
      facts.push({ score, right: gold.has(`${head} ${tail} ${relation}`) });
  }
  await system.dispose();
  expect(found.calibration).toMatchObject({
    documents: documents.length,
    facts: facts.length,
    right: facts.filter(({ right }) => right).length,
  });
  expect(found.before.all.bins.reduce((sum, bin) => sum + bin.facts, 0)).toBe(facts.length);
  const output = facts.filter(({ score }) => score > found.theta);
  const off = Array.from({ length: 10 }, (_, bin) =>
    output
      .filter(({ score }) => Math.min(9, Math.floor(score * 10)) === bin)
      .reduce((sum, { score, right }) => sum + score - Number(right), 0),
  );
  const ece = off.reduce((sum, distance) => sum + Math.abs(distance), 0) / output.length;
  // The tally's bins are finer than a hundredth, and need not end where tenths do.
  expect(found.before.output.ece).toBeCloseTo(ece, 1);

  forget();
  const { out: text, err: told } = await run();
  expect(told).toContain(`written into ${model}`);
  const percent = (share: number): string => (share * 100).toFixed(2);
  expect(text).toMatch(
    new RegExp(`^error +${percent(found.before.output.ece)} +${percent(found.crossFitted.output.ece)} `, 'm'),
  );
  expect(text.match(/^\d+ to \d+ % /gm)).toHaveLength(10);
  expect(text).toMatch(/from [\d,]+ scored facts of \d+ documents, [\d,]+ of them right$/m);
});

test('afterwards evaluate has an error of probabilities too, smaller than that of the scores', async () => {
  await run();
  const evaluated = async (): Promise<SystemScores> => {
    const system = await openSystem(model, { threads: 1 });
    const { scores } = await evaluateSystem(system, await loadDocuments(corpus.dev));
    await system.dispose();
    return scores;
  };
  const { ece, calibratedEce } = await evaluated();
  expect(ece).toBeCloseTo(trained?.error.score ?? NaN, 12);
  expect(calibratedEce).toBeLessThan(ece ?? 0);
  forget();
  expect((await evaluated()).calibratedEce).toBeNull();
});

test('documents that say too little are refused, and nothing is written', async () => {
  const few = join(folder, 'few.json');
  const [first] = readJson(corpus.dev) as object[];
  writeFileSync(few, JSON.stringify([{ ...first, labels: [] }]));
  const before = readFileSync(join(model, 'config.json'), 'utf8');
  await expect(run('--dev', few)).rejects.toMatchObject({
    code: 'E_CALIBRATION',
    message: expect.stringMatching(/few\.json.*0 of \d+ scored facts are right/),
  });
  const [unlabelled] = [join(folder, 'unlabelled.json')];
  writeFileSync(unlabelled, JSON.stringify([{ ...first, labels: undefined }]));
  await expect(run('--dev', unlabelled)).rejects.toMatchObject({ code: 'E_NO_LABELS' });
  expect(readFileSync(join(model, 'config.json'), 'utf8')).toBe(before);
});

test('--help says what it is for', () => {
  const help = calibrateCommand().configureHelp({ helpWidth: 400 }).helpInformation();
  for (const text of [
    'of facts with this score, how many are right?',
    '--model <dir>',
    '--dev <file>',
    '--json',
  ])
    expect(help).toContain(text);
});
