/** The worker thread of `Optimizer`: it owns the moments of its part and borrows parameters and gradients. */
import { parentPort, type MessagePort } from 'node:worker_threads';

import { Adam, type AdamOptions, type AdamRange } from './adam.ts';

export type Request =
  | { readonly kind: 'load'; readonly first: Float32Array; readonly second: Float32Array }
  | { readonly kind: 'moments' }
  | { readonly kind: 'norms'; readonly grads: Float32Array; readonly ranges: readonly AdamRange[] }
  | {
      readonly kind: 'update';
      readonly params: Float32Array;
      readonly grads: Float32Array;
      readonly ranges: readonly AdamRange[];
      readonly options: AdamOptions;
      readonly step: number;
      readonly gradientScale: number;
    };

/** What comes back: buffers that were lent, and what was asked for. */
export interface Reply {
  readonly norms?: number[];
  readonly params?: Float32Array;
  readonly grads?: Float32Array;
  readonly first?: Float32Array;
  readonly second?: Float32Array;
}

/** One part of the optimiser's state, in whichever thread. */
export class Shard {
  #adam = new Adam(0);

  answer(request: Request): Reply {
    switch (request.kind) {
      case 'load':
        this.#adam = new Adam(request.first.length);
        this.#adam.moments.first.set(request.first);
        this.#adam.moments.second.set(request.second);
        return {};
      case 'moments': {
        const { first, second } = this.#adam.moments;
        return { first: first.slice(), second: second.slice() };
      }
      case 'norms':
        return {
          grads: request.grads,
          norms: request.ranges.map(({ from, to }) => this.#adam.sumOfSquares(request.grads, from, to)),
        };
      case 'update': {
        const { params, grads, ranges, options, step, gradientScale } = request;
        const buffers = { params, grads, ...this.#adam.moments };
        for (const range of ranges) this.#adam.update(buffers, range, options, step, gradientScale);
        return { params, grads };
      }
      default:
        return request satisfies never;
    }
  }
}

/** The buffers of a message, to be handed over instead of copied. */
export function buffersOf(message: Request | Reply): ArrayBuffer[] {
  return Object.values(message).flatMap((value) =>
    value instanceof Float32Array ? [value.buffer as ArrayBuffer] : [],
  );
}

function serve(port: MessagePort): void {
  const shard = new Shard();
  port.on('message', (request: Request) => {
    const reply = shard.answer(request);
    port.postMessage(reply, buffersOf(reply));
  });
}

if (parentPort) serve(parentPort);
