/** A system as a running program: documents and pairs in, logits out. */
import { buildBatch, type Batch, type Item } from '../features/batch.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { Session, type SessionOptions, type Tensor } from '../runtime/session.ts';
import { batchForm, budgetOf, buildSystem, dividePairs, type PairModelConfig, partsOf } from './systems.ts';

/** The values of a parameter. */
export type ParameterLookup = (name: string) => Float32Array;

/** Logits of an item's pairs. */
export interface Scored<I extends Item = Item> {
  readonly item: I;
  /** [P, R] for the item's pairs. */
  readonly logits: Float32Array;
}

/** Sizes of what runs at once: items are ordered by length within such a stretch, and come out in their own order. */
const STRETCH = 16;

export class PairModel {
  readonly config: PairModelConfig;
  readonly specs: readonly ParameterSpec[];
  /** R. */
  readonly classes: number;
  readonly #session: Session;

  private constructor(
    config: PairModelConfig,
    specs: readonly ParameterSpec[],
    classes: number,
    session: Session,
  ) {
    this.config = config;
    this.specs = specs;
    this.classes = classes;
    this.#session = session;
  }

  /** @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE` */
  static async open(config: PairModelConfig, options: SessionOptions = {}): Promise<PairModel> {
    const { params, logits, classes } = buildSystem(new Graph(), config, noDropout);
    const session = await Session.open(toOnnx({ logits }).bytes, options);
    return new PairModel(config, params.specs, classes, session);
  }

  /** Logits [P, R] of all pairs of `items`, run at once. @throws RelataError `E_ENGINE` */
  async run(items: readonly Item[], parameter: ParameterLookup): Promise<Float32Array> {
    if (items.every((item) => item.pairs.length === 0)) return new Float32Array(0);
    const batch = buildBatch(items, batchForm(this.config));
    const { logits } = await this.#session.run({
      ...batchTensors(batch),
      ...parameterTensors(this.specs, parameter),
    });
    return logits?.data as Float32Array;
  }

  /**
   * Logits of every item, in the order of the items.
   *
   * Items of like length run together, in batches of at most `batchPieces` pieces or words (2048 and 16384 by default).
   * Memory holds one stretch of items.
   */
  async *score<I extends Item>(
    items: Iterable<I>,
    parameter: ParameterLookup,
    batchPieces?: number,
  ): AsyncGenerator<Scored<I>> {
    const { system } = this.config;
    const budget = budgetOf(system, batchPieces);
    for (const stretch of stretches(items, budget * STRETCH)) {
      const parts = stretch.map((item) => dividePairs(system, item, budget));
      const found = new Map<I, Float32Array>();
      for (const group of partsOf(system, parts.flat(), budget)) {
        const logits = await this.run(group, parameter);
        let row = 0;
        for (const part of group) {
          found.set(part, logits.subarray(row * this.classes, (row + part.pairs.length) * this.classes));
          row += part.pairs.length;
        }
      }
      for (const [i, item] of stretch.entries()) {
        const own = (parts[i] ?? []).map((part) => found.get(part) ?? new Float32Array(0));
        yield { item, logits: joined(own) };
      }
    }
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A batch as the engine takes it. */
export function batchTensors({
  floats,
  integers,
}: Pick<Batch, 'floats' | 'integers'>): Record<string, Tensor> {
  return Object.fromEntries([
    ...Object.entries(floats).map(
      ([name, { shape, data }]) => [name, { dtype: 'float32', shape, data }] as const,
    ),
    ...Object.entries(integers).map(
      ([name, { shape, data }]) => [name, { dtype: 'int32', shape, data }] as const,
    ),
  ]);
}

/** Parameters as the engine takes them. */
export function parameterTensors(
  specs: readonly ParameterSpec[],
  parameter: ParameterLookup,
): Record<string, Tensor> {
  return Object.fromEntries(
    specs.map(({ name, shape }) => [name, { dtype: 'float32', shape, data: parameter(name) }]),
  );
}

function* stretches<I extends Item>(items: Iterable<I>, pieces: number): Generator<I[]> {
  let stretch: I[] = [];
  let used = 0;
  for (const item of items) {
    stretch.push(item);
    used += item.features.pieces;
    if (used >= pieces) {
      yield stretch;
      [stretch, used] = [[], 0];
    }
  }
  if (stretch.length > 0) yield stretch;
}
