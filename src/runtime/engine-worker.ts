/** The thread of `EngineThread`: it owns the sessions. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import { reasonOf, RelataError } from '../core/errors.ts';
import { begin, type Busy, done } from './engine-busy.ts';
import { Session, type SessionOptions, type Tensor, type Tensors } from './session.ts';

export type Request =
  | { readonly kind: 'open'; readonly model: Uint8Array | string; readonly options: SessionOptions }
  | { readonly kind: 'run'; readonly session: number; readonly feeds: Tensors }
  | { readonly kind: 'dispose'; readonly session: number };

/** An error as it travels; errors lose their fields on the way. */
export interface Failure {
  readonly code: string;
  readonly reason: string;
  readonly doing: string;
  readonly device: string;
}

export interface Reply {
  /** The request that it answers. */
  readonly request: number;
  readonly session: number;
  readonly results?: Record<string, Tensor>;
  readonly failure?: Failure;
}

class Sessions {
  readonly #open: (Session | undefined)[] = [];

  async answer(request: Request): Promise<Omit<Reply, 'request'>> {
    switch (request.kind) {
      case 'open':
        return { session: this.#open.push(await Session.open(request.model, request.options)) - 1 };
      case 'run': {
        const { session, feeds } = request;
        return { session, results: owned((await this.#open[session]?.run(feeds)) ?? {}) };
      }
      case 'dispose':
        await this.#open[request.session]?.dispose();
        this.#open[request.session] = undefined;
        return { session: request.session };
      default:
        return request satisfies never;
    }
  }
}

/** Results in buffers that can be handed over: the engine's own cannot. */
function owned(results: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]): [string, Tensor] => [
      name,
      tensor.dtype === 'float32'
        ? { ...tensor, data: tensor.data.slice() }
        : { ...tensor, data: tensor.data.slice() },
    ]),
  );
}

function failureOf(error: unknown, request: Request): Failure {
  const isOurs = error instanceof RelataError;
  return {
    code: isOurs ? error.code : 'E_ENGINE',
    reason: reasonOf(isOurs && error.cause !== undefined ? error.cause : error),
    doing: request.kind === 'open' ? 'opening a model' : 'running a model',
    device: (request.kind === 'open' && request.options.device) || 'cpu',
  };
}

function serve(port: MessagePort, busy: Busy): void {
  const sessions = new Sessions();
  port.on('message', ({ id, request }: { readonly id: number; readonly request: Request }) => {
    const send = (reply: Omit<Reply, 'request'>): void => {
      const buffers = Object.values(reply.results ?? {}).map(({ data }) => data.buffer as ArrayBuffer);
      port.postMessage({ ...reply, request: id }, buffers);
    };
    if (!begin(busy)) return;
    void sessions
      .answer(request)
      .then(send, (error: unknown) => send({ session: -1, failure: failureOf(error, request) }))
      .finally(() => done(busy));
  });
}

if (parentPort) serve(parentPort, workerData as Busy);
