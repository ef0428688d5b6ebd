/**
 * The engine in a thread of its own.
 *
 * The engine's `run` keeps the thread that calls it busy until it is done (onnxruntime-node 1.30). Called over there, it
 * leaves this thread free to read, encode and write meanwhile. What goes in and out is copied, so this is for programs
 * that hold their own weights: a batch is some hundred kilobytes. Sessions of one thread take turns.
 */
import type { Worker } from 'node:worker_threads';

import { fail, reasonOf, type RelataError } from '../core/errors.ts';
import { startWorker } from '../core/worker.ts';
import { finish, newBusy } from './engine-busy.ts';
import type { Failure, Reply, Request } from './engine-worker.ts';
import type { SessionOptions, Tensor, Tensors } from './session.ts';

/** What a program is run by: here or in another thread. */
export interface Runner {
  /** @throws RelataError `E_ENGINE` */
  readonly run: (feeds: Tensors) => Promise<Record<string, Tensor>>;
  readonly dispose: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: RelataError) => void;
}

export class EngineThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #busy = newBusy();
  #requests = 0;
  /** Why there is no thread any more. */
  #ended: string | undefined;

  constructor() {
    this.#worker = startWorker(import.meta.url, 'engine-worker', this.#busy);
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => {
      const { resolve, reject } = this.#settle(reply.request);
      if (reply.failure) reject(errorOf(reply.failure));
      else resolve(reply);
    });
    const beforeExit = (): void => finish(this.#busy);
    process.once('exit', beforeExit);
    const ended = (reason: string): void => {
      this.#ended ??= reason;
      process.off('exit', beforeExit);
      for (const request of this.#waiting.keys()) this.#settle(request).reject(goneBy(reason));
    };
    this.#worker.on('error', (error) => ended(reasonOf(error)));
    this.#worker.on('exit', () => ended('the thread has ended'));
  }

  /**
   * Opens a model over there; see `Session.open`.
   *
   * @param model - its bytes, handed over where they have a buffer of their own and not to be used again; or the path
   * of its file
   * @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE`
   */
  async open(model: Uint8Array | string, options: SessionOptions = {}): Promise<Runner> {
    const buffers = typeof model === 'string' || !ownsBuffer(model) ? [] : [model.buffer];
    const { session } = await this.#ask({ kind: 'open', model, options }, buffers);
    return {
      run: async (feeds) => (await this.#ask({ kind: 'run', session, feeds })).results ?? {},
      dispose: async () => {
        if (this.#ended === undefined) await this.#ask({ kind: 'dispose', session });
      },
    };
  }

  /** Ends the thread, and with it all sessions that were not disposed of. */
  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask(request: Request, handedOver: readonly ArrayBuffer[] = []): Promise<Reply> {
    if (this.#ended !== undefined) throw goneBy(this.#ended);
    const id = this.#requests++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, request }, handedOver);
    });
  }

  /** Takes a request off the list. While the list is empty, the thread does not keep the process alive. */
  #settle(id: number): Waiting {
    const waiting = this.#waiting.get(id);
    if (!waiting) throw new TypeError(`no request ${id}`);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    return waiting;
  }
}

const goneBy = (reason: string): RelataError =>
  fail('E_ENGINE', { doing: 'running a model in a thread', reason });

function ownsBuffer(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
}

function errorOf({ code, reason, device, doing }: Failure): RelataError {
  if (code === 'E_ENGINE_MISSING') return fail(code, { reason });
  if (code === 'E_DEVICE') return fail(code, { device, reason });
  return fail('E_ENGINE', { doing, reason });
}
