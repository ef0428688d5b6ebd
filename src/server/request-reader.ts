/** Reads bodies: small ones at once, large ones in a thread, so that the event loop does not wait for JSON. */
import type { Worker } from 'node:worker_threads';

import { fail } from '../core/errors.ts';
import { startWorker } from '../core/worker.ts';
import type { Job } from './engine.ts';
import { type DocumentProblem, type Failure, Refusal } from './problem.ts';
import { type ReadOptions, readRequest } from './read-request.ts';

/** Characters of a body that are read here. Many connections send theirs at the same moment, so each must take next to no time. */
const AT_ONCE = 4096;

export interface ReadReply {
  readonly id: number;
  readonly jobs?: readonly Job[];
  readonly refusal?: {
    readonly failure: Failure;
    readonly status: number;
    readonly documents: readonly DocumentProblem[] | undefined;
  };
}

interface Waiting {
  readonly resolve: (jobs: readonly Job[]) => void;
  readonly reject: (error: Error) => void;
}

export class RequestReader {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #requests = 0;

  /** The jobs of a body. @throws what `readRequest` throws; Refusal `E_INTERNAL` */
  async read(text: string, options: ReadOptions): Promise<readonly Job[]> {
    if (text.length <= AT_ONCE) return readRequest(text, options);
    const worker = (this.#worker ??= this.#start());
    const id = this.#requests++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, text, options }, []);
    });
  }

  /** Ends the thread, if there is one. What it reads is lost. */
  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = startWorker(import.meta.url, 'request-worker');
    worker.unref();
    worker.on('message', ({ id, jobs, refusal }: ReadReply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (jobs) waiting?.resolve(jobs);
      else if (refusal) waiting?.reject(new Refusal(refusal.failure, refusal));
    });
    worker.on('error', () => undefined); // `exit` follows
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values())
        reject(fail('E_UNAVAILABLE', { reason: 'the thread that reads large bodies has ended' }));
      this.#waiting.clear();
    });
    return worker;
  }
}
