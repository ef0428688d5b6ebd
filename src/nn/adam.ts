/**
 * One pass of Adam or AdamW over a range of parameters, in place, as fast as the memory allows.
 *
 * Sources: Kingma and Ba 2015 (bias-corrected moments); Loshchilov and Hutter 2019 (weight decay decoupled from
 * the gradient). Agrees with PyTorch's optimisers to the rounding of float32.
 *
 * The loops are WebAssembly (`adam-kernel.wat`), which can only reach a memory of its own, and that cannot be handed
 * from thread to thread as the buffers of parameters and gradients are. So these are copied there and back in chunks
 * that fit the cache, and moments, which no other thread needs, stay there.
 */
import { adamKernel } from './adam-kernel.ts';

/** What holds for all parameters. */
export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Whether weight decay shrinks the parameter (AdamW) or joins the gradient (Adam). */
  readonly decoupled: boolean;
}

/** A range of a flat buffer that shares a rate. */
export interface AdamRange {
  readonly from: number;
  readonly to: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

export interface AdamBuffers {
  readonly params: Float32Array;
  readonly grads: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** What `adam-kernel.wat` exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number };
  readonly update: (...addressesCountAndFactors: number[]) => void;
  readonly squares: (address: number, count: number) => number;
}

/** The part of WebAssembly that is used: the types of Node leave it out. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Kernel };
};

/** Bytes of a page of the kernel's memory: a chunk of each of `AdamBuffers`, and the moments behind them. */
const PAGE = 65_536;
const CHUNK = PAGE / Float32Array.BYTES_PER_ELEMENT;

/** The loops and their memory; one a thread. Results do not depend on where a range lies in its buffer. */
export class Adam {
  /** Zeros for the moments of all parameters, for `AdamBuffers`. Others do as well, but are copied with the rest. */
  readonly moments: Pick<AdamBuffers, 'first' | 'second'>;
  readonly #kernel: Kernel;
  /** Where parts of `AdamBuffers` are copied to. */
  readonly #chunks: AdamBuffers;

  /** @param size - parameters */
  constructor(size: number) {
    this.#kernel = new WebAssembly.Instance(
      new WebAssembly.Module(Buffer.from(adamKernel, 'base64')),
    ).exports;
    const { memory } = this.#kernel;
    const pages = Math.ceil(size / CHUNK);
    const fits = grow(memory, 2 * pages);
    const { buffer } = memory;
    const chunk = (i: number): Float32Array => new Float32Array(buffer, i * PAGE, CHUNK);
    this.#chunks = { params: chunk(0), grads: chunk(1), first: chunk(2), second: chunk(3) };
    const moment = (i: number): Float32Array =>
      fits ? new Float32Array(buffer, (4 + i * pages) * PAGE, size) : new Float32Array(size);
    this.moments = { first: moment(0), second: moment(1) };
  }

  /**
   * @param step - counts from 1
   * @param gradientScale - the gradient is multiplied by it first (clipping)
   */
  update(
    buffers: AdamBuffers,
    { from, to, learningRate, weightDecay }: AdamRange,
    { beta1, beta2, epsilon, decoupled }: AdamOptions,
    step: number,
    gradientScale: number,
  ): void {
    const correction2 = Math.sqrt(1 - beta2 ** step);
    const factors = [
      gradientScale,
      decoupled ? 0 : weightDecay,
      1 - beta1,
      1 - beta2,
      (learningRate / (1 - beta1 ** step)) * correction2,
      epsilon * correction2,
      decoupled ? learningRate * weightDecay : 0,
    ];
    const { params, grads, first, second } = this.#chunks;
    const resident = buffers.first.buffer === first.buffer && buffers.second.buffer === first.buffer;
    for (let at = from, end = at; at < to; at = end) {
      end = Math.min(at + CHUNK, to);
      const inPlace = resident && end - at >= 4;
      if (inPlace) end -= (end - at) % 4; // the kernel's last four would reach beyond the range
      const ms = buffers.first.subarray(at, end);
      const vs = buffers.second.subarray(at, end);
      params.set(buffers.params.subarray(at, end));
      grads.set(buffers.grads.subarray(at, end));
      if (!inPlace) {
        first.set(ms);
        second.set(vs);
      }
      const { byteOffset: m } = inPlace ? ms : first;
      const { byteOffset: v } = inPlace ? vs : second;
      this.#kernel.update(params.byteOffset, grads.byteOffset, m, v, end - at, ...factors);
      buffers.params.set(params.subarray(0, end - at), at);
      if (!inPlace) {
        ms.set(first.subarray(0, end - at));
        vs.set(second.subarray(0, end - at));
      }
    }
  }

  /** The sum of squares of a range, in float64. */
  sumOfSquares(values: Float32Array, from: number, to: number): number {
    const chunk = this.#chunks.grads;
    let sum = 0;
    for (let at = from; at < to; at += CHUNK) {
      const end = Math.min(at + CHUNK, to);
      chunk.set(values.subarray(at, end));
      chunk.fill(0, end - at, end - at + 7); // the kernel sums eight at a time
      sum += this.#kernel.squares(chunk.byteOffset, end - at);
    }
    return sum;
  }
}

/** Makes room behind the chunks. @returns whether there was as much: a memory ends at 4 GiB, 536 million parameters */
function grow(memory: Kernel['memory'], pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
}
