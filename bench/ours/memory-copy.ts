/** Copies arrays far larger than any cache, each thread its own: what the machine's memory can move. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { serve, timed } from './serve.ts';

export interface CopySetup {
  readonly threads: number;
  /** Of one thread's copy. */
  readonly bytes: number;
}

/** Plain JavaScript, as a worker takes it. */
const copier = `
const { parentPort, workerData } = require('node:worker_threads');
const from = new Uint8Array(workerData).fill(1);
const to = new Uint8Array(workerData).fill(2);
parentPort.on('message', () => {
  to.set(from);
  parentPort.postMessage(0);
});
parentPort.postMessage(0);
`;

await serve<CopySetup>(async ({ threads, bytes }) => {
  const workers = Array.from(
    { length: threads },
    () => new Worker(copier, { eval: true, workerData: bytes }),
  );
  await Promise.all(workers.map(async (worker) => once(worker, 'message')));
  return {
    turn: async () => ({
      ms: await timed(async () =>
        Promise.all(
          workers.map(async (worker) => {
            const done = once(worker, 'message');
            worker.postMessage(0, []);
            return done;
          }),
        ),
      ),
    }),
  };
});
