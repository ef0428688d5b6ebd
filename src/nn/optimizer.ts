/**
 * Holds parameters, gradients and moments, and updates them in one fused pass.
 *
 * State is split by whole tensors into as many parts as there are threads. Parameters and gradients of a part lie
 * in one buffer each, which the engine reads and writes in place; for the update the buffers of the other parts
 * are handed to worker threads, without a copy, and come back. (The engine takes no SharedArrayBuffer.) The result
 * does not depend on the number of threads.
 */
import type { Worker } from 'node:worker_threads';

import { startWorker } from '../core/worker.ts';
import { type AdamOptions, type AdamRange } from './adam.ts';
import { buffersOf, type Reply, type Request, Shard } from './adam-worker.ts';
import { sizeOf } from './initialisers.ts';
import type { ParameterSpec } from './parameters.ts';

export interface OptimizerOptions extends AdamOptions {
  readonly weightDecay: number;
  /** Gradients are scaled so that the norm of all of them together is at most this; 0 for no limit. */
  readonly clipNorm: number;
}

/** Rates of one step. */
export type LearningRates = Readonly<Record<ParameterSpec['group'], number>>;

interface Part {
  readonly worker?: Worker;
  readonly local?: Shard;
  readonly specs: readonly ParameterSpec[];
  readonly size: number;
  params: Float32Array;
  grads: Float32Array;
}

interface Place {
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/** The moments of every parameter, for a checkpoint. */
export interface Moments {
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly second: ReadonlyMap<string, Float32Array>;
}

export class Optimizer {
  readonly #specs: readonly ParameterSpec[];
  readonly #options: OptimizerOptions;
  readonly #parts: readonly Part[];
  readonly #places = new Map<string, Place>();
  #step = 0;

  private constructor(specs: readonly ParameterSpec[], options: OptimizerOptions, threads: number) {
    this.#specs = specs;
    this.#options = options;
    const shares = share(specs, threads);
    this.#parts = shares.map((own, i) => {
      const size = own.reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
      const part: Part = {
        specs: own,
        size,
        params: new Float32Array(size),
        grads: new Float32Array(size),
        ...(i === 0 ? { local: new Shard() } : { worker: startIdle() }),
      };
      let from = 0;
      for (const spec of own) {
        const to = from + sizeOf(spec.shape);
        this.#places.set(spec.name, { part, from, to });
        from = to;
      }
      return part;
    });
  }

  /** @param threads - at least 1 */
  static async create(
    specs: readonly ParameterSpec[],
    values: ReadonlyMap<string, Float32Array>,
    options: OptimizerOptions,
    {
      threads,
      step = 0,
      moments,
    }: { readonly threads: number; readonly step?: number; readonly moments?: Moments },
  ): Promise<Optimizer> {
    const optimizer = new Optimizer(specs, options, threads);
    optimizer.#step = step;
    for (const [name, value] of values) optimizer.parameter(name).set(value);
    const flat = (part: Part, from: ReadonlyMap<string, Float32Array> | undefined): Float32Array => {
      const buffer = new Float32Array(part.size);
      for (const { name } of part.specs) buffer.set(from?.get(name) ?? [], optimizer.#place(name).from);
      return buffer;
    };
    await Promise.all(
      optimizer.#parts.map(async (part) =>
        ask(part, { kind: 'load', first: flat(part, moments?.first), second: flat(part, moments?.second) }),
      ),
    );
    return optimizer;
  }

  /** Updates done. */
  get step(): number {
    return this.#step;
  }

  /** The values of a parameter, in place. The view is valid until the next update. */
  parameter(name: string): Float32Array {
    const { part, from, to } = this.#place(name);
    return part.params.subarray(from, to);
  }

  /** Where the gradient of a parameter goes. The view is valid until the next update. */
  gradient(name: string): Float32Array {
    const { part, from, to } = this.#place(name);
    return part.grads.subarray(from, to);
  }

  /**
   * One update from the gradients that lie in place; none when they are not finite.
   *
   * @returns the norm of all gradients before clipping
   */
  async update(rates: LearningRates): Promise<number> {
    const { clipNorm } = this.#options;
    const ranges = new Map(
      this.#parts.map((part) => [part, part.specs.map((spec) => this.#range(spec, rates))]),
    );
    const squares = new Map<string, number>();
    await this.#each(async (part) => {
      const { norms = [], grads } = await ask(part, {
        kind: 'norms',
        grads: part.grads,
        ranges: ranges.get(part) ?? [],
      });
      if (grads) part.grads = grads;
      part.specs.forEach((spec, i) => squares.set(spec.name, norms[i] ?? Number.NaN));
    });
    // Summed in the order of the parameters, so that the number of threads does not matter.
    const norm = Math.sqrt(this.#specs.reduce((sum, { name }) => sum + (squares.get(name) ?? Number.NaN), 0));
    const gradientScale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
    if (!Number.isFinite(norm)) return norm;
    this.#step++;
    await this.#each(async (part) => {
      const request = {
        kind: 'update',
        params: part.params,
        grads: part.grads,
        ranges: ranges.get(part) ?? [],
      } as const;
      const reply = await ask(part, { ...request, options: this.#options, step: this.#step, gradientScale });
      if (reply.params) part.params = reply.params;
      if (reply.grads) part.grads = reply.grads;
    });
    return norm;
  }

  /** Copies of the moments. */
  async moments(): Promise<Moments> {
    const [first, second] = [new Map<string, Float32Array>(), new Map<string, Float32Array>()];
    for (const part of this.#parts) {
      const reply = await ask(part, { kind: 'moments' });
      for (const { name } of part.specs) {
        const { from, to } = this.#place(name);
        if (reply.first) first.set(name, reply.first.subarray(from, to));
        if (reply.second) second.set(name, reply.second.subarray(from, to));
      }
    }
    return { first, second };
  }

  /** Ends the worker threads. */
  async dispose(): Promise<void> {
    await Promise.all(this.#parts.map(async (part) => part.worker?.terminate()));
  }

  /** Runs `work` on all parts at once, the local one last, because it blocks this thread. */
  async #each(work: (part: Part) => Promise<void>): Promise<void> {
    await Promise.all(this.#parts.toReversed().map(work));
  }

  #range(spec: ParameterSpec, rates: LearningRates): AdamRange {
    const { from, to } = this.#place(spec.name);
    return {
      from,
      to,
      learningRate: rates[spec.group],
      weightDecay: spec.decay ? this.#options.weightDecay : 0,
    };
  }

  #place(name: string): Place {
    const place = this.#places.get(name);
    if (!place) throw new TypeError(`no parameter ${name}`);
    return place;
  }
}

/** Whole tensors, the largest first, each to the part that holds least. */
function share(specs: readonly ParameterSpec[], threads: number): ParameterSpec[][] {
  const parts = Array.from({ length: threads }, () => ({ specs: [] as ParameterSpec[], size: 0 }));
  for (const spec of specs.toSorted((a, b) => sizeOf(b.shape) - sizeOf(a.shape))) {
    const least = parts.reduce((best, part) => (part.size < best.size ? part : best));
    least.specs.push(spec);
    least.size += sizeOf(spec.shape);
  }
  return parts.map((part) => part.specs).filter((own, i) => i === 0 || own.length > 0);
}

/** A worker that does not keep the process alive while it has nothing to do. */
function startIdle(): Worker {
  const worker = startWorker(import.meta.url, 'adam-worker');
  worker.unref();
  return worker;
}

async function ask(part: Part, request: Request): Promise<Reply> {
  const { worker, local } = part;
  if (local) return local.answer(request);
  return new Promise((resolve, reject) => {
    worker?.once('error', reject);
    worker?.ref();
    worker?.once('message', (reply: Reply) => {
      worker.off('error', reject);
      worker.unref();
      resolve(reply);
    });
    worker?.postMessage(request, buffersOf(request));
  });
}
