import { Worker } from 'node:worker_threads';

import { afterEach, expect, test } from 'vitest';

import type { Answer } from '../../src/server/engine.ts';
import { silent } from '../../src/server/log.ts';
import { WorkerEngine } from '../../src/server/worker-engine.ts';
import { fakeModel } from './fake-engine.ts';

/** A thread that speaks as the engine's does, and dies when a job says so. */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
if (workerData.refuses) {
  parentPort.postMessage({ kind: 'failed', failure: { code: 'E_FILE_MISSING', message: 'no model', help: 'none', exit: 4 } });
  parentPort.close();
} else {
  parentPort.on('message', ({ kind, batch, jobs }) => {
    if (kind === 'close') return parentPort.close();
    jobs.forEach(({ payload }, index) => {
      if (payload === 'crash') throw new Error('out of order');
      if (payload === 'exit') process.exit(3);
      if (payload === 'stay') return;
      parentPort.postMessage({ kind: 'answer', batch, index, answer: { body: new TextEncoder().encode(payload) } });
    });
    if (jobs.every(({ payload }) => payload !== 'stay')) parentPort.postMessage({ kind: 'done', batch });
  });
  parentPort.postMessage({ kind: 'ready', model: workerData.model });
}`;

const data = { folder: 'none', engine: {}, batchPieces: undefined, maxFacts: 10 };
const engines: WorkerEngine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map(async (engine) => engine.close()));
});

function start(refuses = false): { engine: WorkerEngine; restarts: () => number } {
  let restarts = 0;
  const engine = new WorkerEngine(data, {
    log: silent,
    onRestart: () => restarts++,
    start: () => new Worker(program, { eval: true, workerData: { model: fakeModel, refuses }, stderr: true }),
  });
  engines.push(engine);
  return { engine, restarts: () => restarts };
}

const run = async (engine: WorkerEngine, ...payloads: readonly string[]): Promise<(Answer | undefined)[]> => {
  const answers: (Answer | undefined)[] = payloads.map(() => undefined);
  const jobs = payloads.map((payload) => ({ kind: 'extract' as const, payload, words: 1 }));
  await engine.run(jobs, (index, answer) => (answers[index] = answer));
  return answers;
};

const ready = async (engine: WorkerEngine): Promise<void> =>
  new Promise((resolve) => {
    engine.onChange(() => engine.model && resolve());
    if (engine.model) resolve();
  });

test('answers, batches mixed', async () => {
  const { engine } = start();
  expect(engine.model).toBe(undefined);
  await expect(run(engine, 'early')).rejects.toMatchObject({ code: 'E_UNAVAILABLE' });
  expect(await engine.opened).toEqual(fakeModel);
  const [first, second] = await Promise.all([run(engine, 'a', 'b'), run(engine, 'c')]);
  const texts = [...first, ...second].map((answer) => new TextDecoder().decode(answer?.body));
  expect(texts).toEqual(['a', 'b', 'c']);
});

test.each(['crash', 'exit'])(
  'a thread that ends by %s takes its batches with it, and comes back',
  async (how) => {
    const { engine, restarts } = start();
    await engine.opened;
    const changes: boolean[] = [];
    engine.onChange(() => changes.push(engine.model !== undefined));
    const waiting = run(engine, 'stay');
    const outcomes = Promise.allSettled([waiting, run(engine, 'a', how, 'b')]);
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'E_UNAVAILABLE', retryable: true },
      });
    expect(engine.model).toBe(undefined);
    await ready(engine);
    expect(restarts()).toBe(1);
    expect(changes).toEqual([false, true]);
    expect((await run(engine, 'again'))[0]?.body).toBeDefined();
  },
);

test('a model that cannot be opened at first is no reason to try again', async () => {
  const { engine, restarts } = start(true);
  await expect(engine.opened).rejects.toMatchObject({ failure: { code: 'E_FILE_MISSING', exit: 4 } });
  await engine.close();
  expect(restarts()).toBe(0);
});
