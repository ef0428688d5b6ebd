/**
 * The queue between requests and the engine: bounded, in order, and shared fairly.
 *
 * The unit is a document. A batch takes one document of each waiting request in turn, oldest first, until it is full: so
 * requests share batches, and a request of a hundred documents does not hold up the small ones behind it. Two batches are
 * with the engine at a time, so that it always has the next one when it is done with the last.
 */
import { fail, RelataError } from '../core/errors.ts';
import type { Answer, Engine, Job } from './engine.ts';
import type { Limits } from './limits.ts';
import type { Metrics } from './metrics.ts';
import { Refusal } from './problem.ts';
import { Throughput } from './throughput.ts';

const BATCHES = 2;
/** What a batch should take, in seconds: long enough to fill the engine's own batches, short enough to wait for. */
const BATCH_SECONDS = 1;
/** Words of a batch, whatever the throughput: the engine takes some 2,000 pieces at once. */
const LEAST_WORDS = 2048;
const MOST_WORDS = 32_768;
const MOST_DOCUMENTS = 256;

/** A request's jobs. Each is waiting, with the engine, or answered. */
interface Ticket {
  readonly jobs: readonly Job[];
  readonly answers: (Answer | undefined)[];
  /** Jobs that were handed to the engine. */
  begun: number;
  answered: number;
  readonly since: number;
  /** How long it waited for its first batch, in ms. */
  waited: number | undefined;
  /** Ends the ticket, once. */
  readonly settle: (outcome: Error | undefined) => void;
}

interface Entry {
  readonly ticket: Ticket;
  readonly index: number;
  readonly job: Job;
}

export interface Answered {
  /** In the order of the jobs. */
  readonly answers: readonly Answer[];
  /** Time until the first of them began, in ms. */
  readonly waited: number;
}

export interface QueueOptions {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly metrics: Metrics;
}

export class RequestQueue {
  readonly #engine: Engine;
  readonly #limits: Limits;
  readonly #metrics: Metrics;
  readonly #throughput = new Throughput();
  /** With jobs that have not begun: whose turn it is comes first. */
  #waiting: Ticket[] = [];
  #words = 0;
  #batches = 0;
  #pumping = false;

  constructor({ engine, limits, metrics }: QueueOptions) {
    this.#engine = engine;
    this.#limits = limits;
    this.#metrics = metrics;
    engine.onChange(() => {
      if (!engine.model) this.#failWaiting();
      this.#pump();
    });
  }

  /**
   * Answers to `jobs`.
   *
   * @param signal - takes them back: those that have not begun never do; its reason is thrown
   * @throws Refusal `E_BUSY` when there is no room, `E_UNAVAILABLE` when the engine is gone
   */
  async submit(jobs: readonly Job[], signal: AbortSignal): Promise<Answered> {
    signal.throwIfAborted();
    if (!this.#engine.model) throw unavailable();
    const words = wordsOf(jobs);
    this.#mustFit(words);
    if (jobs.length === 0) return { answers: [], waited: 0 };
    return new Promise((resolve, reject) => {
      const abort = (): void => ticket.settle(signal.reason as Error);
      let settled = false;
      const ticket: Ticket = {
        jobs,
        answers: jobs.map(() => undefined),
        begun: 0,
        answered: 0,
        since: performance.now(),
        waited: undefined,
        settle: (error) => {
          if (settled) return;
          settled = true;
          signal.removeEventListener('abort', abort);
          this.#remove(ticket);
          if (error) reject(error);
          else
            resolve({
              answers: ticket.answers.flatMap((answer) => answer ?? []),
              waited: ticket.waited ?? 0,
            });
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(ticket);
      this.#words += words;
      this.#show();
      this.#pump();
    });
  }

  /** Seconds after which there should be room, from 1 to 60. */
  retryAfter(): number {
    const seconds = this.#words / (this.#throughput.wordsPerSecond ?? LEAST_WORDS);
    return Math.min(60, Math.max(1, Math.ceil(seconds)));
  }

  #mustFit(words: number): void {
    const { waitingRequests, waitingWords } = this.#limits;
    const isFull =
      this.#waiting.length >= waitingRequests || (this.#words > 0 && this.#words + words > waitingWords);
    if (!isFull) return;
    const waiting = `${this.#waiting.length} request(s) of ${this.#words} words`;
    throw new Refusal(fail('E_BUSY', { waiting }), { headers: { 'Retry-After': `${this.retryAfter()}` } });
  }

  /** Hands out batches while the engine takes them. What arrives in one turn of the event loop shares a batch. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      while (this.#engine.model && this.#batches < BATCHES && this.#waiting.length > 0)
        void this.#run(this.#batch());
    });
  }

  #batch(): Entry[] {
    const rate = this.#throughput.wordsPerSecond ?? 0;
    let room = Math.min(MOST_WORDS, Math.max(LEAST_WORDS, rate * BATCH_SECONDS));
    const batch: Entry[] = [];
    while (room > 0 && batch.length < MOST_DOCUMENTS) {
      const ticket = this.#waiting.shift();
      if (!ticket) break;
      const index = ticket.begun++;
      const job = ticket.jobs[index];
      if (!job) continue;
      ticket.waited ??= performance.now() - ticket.since;
      batch.push({ ticket, index, job });
      room -= job.words;
      this.#words -= job.words;
      // Back to the end of the line: whoever has one document only waits for one of everyone else's.
      if (ticket.begun < ticket.jobs.length) this.#waiting.push(ticket);
    }
    this.#show();
    return batch;
  }

  async #run(batch: readonly Entry[]): Promise<void> {
    this.#batches++;
    const jobs = batch.map(({ job }) => job);
    const words = wordsOf(jobs);
    const began = performance.now();
    this.#metrics.batchDocuments.observe(jobs.length);
    this.#metrics.batchWords.observe(words);
    let gone: Error | undefined;
    try {
      await this.#engine.run(jobs, (index, answer) => this.#answer(batch[index], answer));
      this.#throughput.add(words, began, performance.now());
    } catch (error) {
      gone =
        error instanceof RelataError || error instanceof Refusal
          ? unavailable(error.message)
          : (error as Error);
    } finally {
      this.#batches--;
      this.#metrics.batchSeconds.observe((performance.now() - began) / 1000);
    }
    // An engine that leaves a job out would leave its request without an end.
    for (const { ticket, index } of batch)
      if (!ticket.answers[index]) ticket.settle(gone ?? new Error('the engine left a job without an answer'));
    this.#pump();
  }

  #answer(entry: Entry | undefined, answer: Answer): void {
    if (!entry || entry.ticket.answers[entry.index]) return;
    const { ticket, index, job } = entry;
    ticket.answers[index] = answer;
    ticket.answered++;
    this.#metrics.documents.inc();
    this.#metrics.words.inc(job.words);
    if (ticket.answered === ticket.jobs.length) ticket.settle(undefined);
  }

  #remove(ticket: Ticket): void {
    if (ticket.begun === ticket.jobs.length) return;
    this.#waiting = this.#waiting.filter((other) => other !== ticket);
    this.#words -= wordsOf(ticket.jobs.slice(ticket.begun));
    this.#show();
  }

  #failWaiting(): void {
    for (const ticket of this.#waiting.slice()) ticket.settle(unavailable());
  }

  #show(): void {
    this.#metrics.waitingRequests.set(this.#waiting.length);
    this.#metrics.waitingWords.set(this.#words);
  }
}

const wordsOf = (jobs: readonly Job[]): number => jobs.reduce((sum, { words }) => sum + words, 0);

function unavailable(reason = 'the model is not loaded'): Refusal {
  const error = fail('E_UNAVAILABLE', { reason });
  return new Refusal(error, { headers: { 'Retry-After': '1' } });
}
