/**
 * The engine in a worker thread, which is started again when it dies.
 *
 * Requests that were with it when it died are told so; nothing of it reaches the event loop but messages.
 */
import type { Worker } from 'node:worker_threads';

import { fail, reasonOf } from '../core/errors.ts';
import { startWorker } from '../core/worker.ts';
import type { Answer, Engine, Job, ServedModel } from './engine.ts';
import type { Log } from './log.ts';
import { type Failure, Refusal } from './problem.ts';
import type { EngineData, FromEngine, ToEngine } from './worker-messages.ts';

/** Before the first new start, and at most, in ms; it doubles from one to the next until a batch is done. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 30_000;

export interface WorkerEngineOptions {
  readonly log: Log;
  /** Called when it is started again. */
  readonly onRestart?: () => void;
  /** Starts the thread; tests have other threads. */
  readonly start?: (data: EngineData) => Worker;
}

interface Batch {
  readonly onAnswer: (index: number, answer: Answer) => void;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class WorkerEngine implements Engine {
  /** Settled when the model is opened for the first time, or could not be: then there is no second try. */
  readonly opened: Promise<ServedModel>;
  readonly #data: EngineData;
  readonly #options: WorkerEngineOptions;
  readonly #batches = new Map<number, Batch>();
  readonly #listeners: (() => void)[] = [];
  #worker: Worker | undefined;
  #model: ServedModel | undefined;
  #count = 0;
  #wait = FIRST_WAIT;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;
  #settleOpened: { resolve: (model: ServedModel) => void; reject: (error: Error) => void } | undefined;

  constructor(data: EngineData, options: WorkerEngineOptions) {
    [this.#data, this.#options] = [data, options];
    this.opened = new Promise((resolve, reject) => (this.#settleOpened = { resolve, reject }));
    this.opened.catch(() => undefined); // Whoever waits for it hears of it.
    this.#start();
  }

  get model(): ServedModel | undefined {
    return this.#model;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async run(jobs: readonly Job[], onAnswer: Batch['onAnswer']): Promise<void> {
    const worker = this.#worker;
    if (!worker || !this.#model) throw fail('E_UNAVAILABLE', { reason: 'the model is not loaded' });
    const batch = this.#count++;
    return new Promise((resolve, reject) => {
      this.#batches.set(batch, { onAnswer, resolve, reject });
      send(worker, { kind: 'run', batch, jobs });
    });
  }

  /** Lets the thread finish what it has, and end. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (!worker) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    send(worker, { kind: 'close' });
    await gone;
  }

  #start(): void {
    const worker = (this.#options.start ?? startEngine)(this.#data);
    this.#worker = worker;
    let reason: string | undefined;
    worker.on('message', (message: FromEngine) => this.#receive(message));
    worker.on('error', (error) => (reason = reasonOf(error)));
    worker.on('exit', () => this.#ended(reason ?? 'its thread has ended'));
  }

  #receive(message: FromEngine): void {
    switch (message.kind) {
      case 'ready':
        this.#model = message.model;
        this.#settleOpened?.resolve(message.model);
        this.#settleOpened = undefined;
        this.#changed();
        return;
      case 'failed':
        this.#options.log.error(
          { code: message.failure.code, reason: message.failure.message },
          'model not opened',
        );
        this.#failFirst(message.failure);
        return;
      case 'answer':
        this.#batches.get(message.batch)?.onAnswer(message.index, message.answer);
        return;
      case 'done':
        this.#wait = FIRST_WAIT;
        this.#batches.get(message.batch)?.resolve();
        this.#batches.delete(message.batch);
        return;
      case 'bug':
        this.#options.log.error({ stack: message.stack }, 'unknown error');
        return;
      default:
        message satisfies never;
    }
  }

  #ended(reason: string): void {
    this.#worker = undefined;
    this.#model = undefined;
    const error = fail('E_UNAVAILABLE', { reason: `the engine was lost: ${reason}` }, { retryable: true });
    const first = fail('E_ENGINE', { doing: 'starting the thread of the model', reason });
    this.#failFirst(new Refusal(first).failure);
    for (const { reject } of this.#batches.values()) reject(error);
    this.#batches.clear();
    if (!this.#closing) {
      this.#options.log.error({ reason, restartMs: this.#wait }, 'engine lost');
      this.#timer = setTimeout(() => {
        this.#options.onRestart?.();
        this.#start();
      }, this.#wait);
      this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
    }
    this.#changed();
  }

  /** The first start decides whether there is a server at all. */
  #failFirst(failure: Failure): void {
    if (!this.#settleOpened) return;
    this.#closing = true;
    this.#settleOpened.reject(new Refusal(failure));
    this.#settleOpened = undefined;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

const startEngine = (data: EngineData): Worker => startWorker(import.meta.url, 'engine-worker', data);

function send(worker: Worker, message: ToEngine): void {
  worker.postMessage(message, []);
}
