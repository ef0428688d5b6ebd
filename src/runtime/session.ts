/**
 * ONNX Runtime, and nothing else: opens a model's bytes on a device and runs it over typed arrays.
 *
 * The only importer of the engine. It knows bytes and tensors, not models.
 */
import type { InferenceSession, Tensor as EngineTensor } from 'onnxruntime-node';

import { fail, reasonOf } from '../core/errors.ts';

/** A tensor on the CPU. `data` may be a view into a larger buffer; it is not copied. */
export type Tensor =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array };

export type Tensors = Readonly<Record<string, Tensor>>;

/** Where a graph runs. Everything but `cpu` needs the runtime's libraries for it (see the README). */
export const devices = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type Device = (typeof devices)[number];

export interface SessionOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /** Threads of one operation; default 0: as many as there are cores. */
  readonly threads?: number;
  /** Writes the runtime's own profile to files that begin with this path. */
  readonly profile?: string;
  /** Only folds constants, and writes the model that results to this path. */
  readonly foldedInto?: string;
}

export const float32 = (data: Float32Array, shape: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data,
});
export const int32 = (data: Int32Array, shape: readonly number[]): Tensor => ({
  dtype: 'int32',
  shape,
  data,
});

/** An opened model. Call `dispose` when it is no longer needed. */
export class Session {
  readonly #engine: Engine;
  readonly #session: InferenceSession;

  private constructor(engine: Engine, session: InferenceSession) {
    this.#engine = engine;
    this.#session = session;
  }

  /**
   * @param model - its bytes, or the path of its file
   * @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE` when it cannot use the device, `E_ENGINE` when it refuses the model
   */
  static async open(
    model: Uint8Array | string,
    { device = 'cpu', threads = 0, profile, foldedInto }: SessionOptions = {},
  ): Promise<Session> {
    const engine = await loadEngine();
    // The runtime would go on with the CPU, had it not been built for the device.
    if (!engine.listSupportedBackends().some(({ name }) => name === device)) {
      throw fail('E_DEVICE', { device, reason: 'it was not built for it on this system' });
    }
    try {
      const options: InferenceSession.SessionOptions = {
        executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
        intraOpNumThreads: threads,
        executionMode: 'sequential',
        graphOptimizationLevel: foldedInto === undefined ? 'all' : 'basic',
        // Batches differ in shape: a plan per shape would keep a block of peak size for each.
        enableMemPattern: false,
        logSeverityLevel: 3,
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
        ...(foldedInto === undefined ? {} : { optimizedModelFilePath: foldedInto }),
      };
      const session =
        typeof model === 'string'
          ? await engine.InferenceSession.create(model, options)
          : await engine.InferenceSession.create(model, options);
      return new Session(engine, session);
    } catch (error) {
      const reason = reasonOf(error);
      if (device !== 'cpu') throw fail('E_DEVICE', { device, reason }, { cause: error });
      throw fail('E_ENGINE', { doing: 'opening a model', reason }, { cause: error });
    }
  }

  /**
   * Runs the model.
   *
   * @param feeds - every input by name; what the model does not take is left out
   * @param into - outputs to write in place; the others are allocated
   * @returns every output by name
   * @throws RelataError `E_ENGINE`
   */
  async run(feeds: Tensors, into: Tensors = {}): Promise<Record<string, Tensor>> {
    try {
      const outputs: Record<string, EngineTensor | null> = {};
      for (const name of this.#session.outputNames) {
        const target = into[name];
        outputs[name] = target ? toEngine(this.#engine, target) : null;
      }
      const inputs = Object.fromEntries(
        this.#session.inputNames.flatMap((name) => {
          const tensor = feeds[name];
          return tensor ? [[name, toEngine(this.#engine, tensor)]] : [];
        }),
      );
      const results = await this.#session.run(inputs, outputs);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, fromEngine(tensor as EngineTensor)]),
      );
    } catch (error) {
      throw fail('E_ENGINE', { doing: 'running a model', reason: reasonOf(error) }, { cause: error });
    }
  }

  /** Ends a profile, if one was asked for. */
  endProfile(): void {
    this.#session.endProfiling();
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

type Engine = typeof import('onnxruntime-node');

/**
 * The engine, loaded when it is first needed: commands that only read files start without it.
 *
 * It is an optional dependency, because its install script fails where it cannot download CUDA libraries.
 */
async function loadEngine(): Promise<Engine> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw fail('E_ENGINE_MISSING', { reason: reasonOf(error) }, { cause: error });
  }
}

function toEngine({ Tensor }: Engine, tensor: Tensor): EngineTensor {
  return tensor.dtype === 'float32'
    ? new Tensor('float32', tensor.data, tensor.shape)
    : new Tensor('int32', tensor.data, tensor.shape);
}

function fromEngine(tensor: EngineTensor): Tensor {
  if (tensor.data instanceof Float32Array) return float32(tensor.data, tensor.dims);
  if (tensor.data instanceof Int32Array) return int32(tensor.data, tensor.dims);
  throw fail('E_ENGINE', { doing: 'reading an output', reason: `it has type ${tensor.type}` });
}
