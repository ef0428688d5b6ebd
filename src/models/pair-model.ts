/** A system as a running program: documents and pairs in, logits out. */
import { dirname, join } from 'node:path';

import { fail } from '../core/errors.ts';
import { lookAhead } from '../core/look-ahead.ts';
import { buildBatch, type Batch, type Item } from '../features/batch.ts';
import type { Features } from '../features/features.ts';
import { classCount } from '../features/task.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { EngineThread, Runner } from '../runtime/engine-thread.ts';
import { int32, Session, type SessionOptions, type Tensor, type Tensors } from '../runtime/session.ts';
import { type Cut, type CutProblem, type CutSource, exportedCut, trainedCut } from './cut.ts';
import { ENTITIES, LOGITS, PAIR_PROGRAM, PROGRAM } from './program.ts';
import { stretches } from './stretches.ts';
import { batchForm, budgetOf, buildSystem, dividePairs, type PairModelConfig, partsOf } from './systems.ts';

/** The values of a parameter. */
export type ParameterLookup = (name: string) => Float32Array;

/** Logits of an item's pairs. */
export interface Scored<I extends Item = Item> {
  readonly item: I;
  /** [P, R] for the item's pairs. */
  readonly logits: Float32Array;
}

/**
 * Items are ordered by length within a stretch of so many batches. On DocRED's 1,000 test documents this pads 4 % of the
 * attention; half of it pads 9 %, twice as much 2 %.
 */
const STRETCH_BATCHES = 32;

/** Batches of the first stretch: results begin to come soon, and a few dozen documents, as a server has them, pad little. */
const FIRST_STRETCH = 3;

/** Logits that a stretch holds: 64 MB. DocRED's documents reach the limit of pieces first. */
const STRETCH_LOGITS = 2 ** 24;

/** A batch of a stretch, ready to run. */
interface Prepared<I extends Item> {
  readonly stretch: readonly I[];
  /** What each item of the stretch runs as; nothing where it has no pairs. */
  readonly parts: readonly (readonly I[])[];
  /** Those that run now. */
  readonly group: readonly I[];
  readonly feeds: Tensors;
  readonly isLast: boolean;
}

export class PairModel {
  readonly config: PairModelConfig;
  readonly specs: readonly ParameterSpec[];
  /** R. */
  readonly classes: number;
  readonly #session: Runner;
  readonly #cutSource: CutSource;
  #cut: Promise<Cut> | undefined;

  private constructor(
    config: PairModelConfig,
    specs: readonly ParameterSpec[],
    session: Runner,
    cutSource: CutSource,
  ) {
    this.config = config;
    this.specs = specs;
    this.classes = classCount(config.relations, config);
    this.#session = session;
    this.#cutSource = cutSource;
  }

  /** @throws RelataError `E_ENGINE_MISSING`, `E_DEVICE`, `E_ENGINE` */
  static async open(config: PairModelConfig, options: SessionOptions = {}): Promise<PairModel> {
    const { params, logits } = buildSystem(new Graph(), config, noDropout);
    const session = await Session.open(toOnnx({ [LOGITS]: logits }).bytes, options);
    return new PairModel(config, params.specs, session, trainedCut(config, options));
  }

  /**
   * An exported model, which runs in `thread`: its weights need not go there.
   *
   * @param program - its file; the second one lies beside it
   * @throws as `open`
   */
  static async openExported(
    config: PairModelConfig,
    program: string,
    thread: EngineThread,
    options: SessionOptions = {},
  ): Promise<PairModel> {
    const session = await thread.open(program, options);
    const files = { program: session, pairs: join(dirname(program), PAIR_PROGRAM) };
    return new PairModel(config, [], session, exportedCut(config, files, thread, options));
  }

  /** Why documents cannot be read in parts; undefined where they can. */
  get cutProblem(): CutProblem | undefined {
    return this.#cutSource.problem;
  }

  /**
   * What a part of a document says about its entities: vectors [E, D], which add up over the parts.
   *
   * @param part - with one entity at least; of a model without a `cutProblem`
   * @throws RelataError `E_ENGINE`; when the programs are opened for it, as `open`
   */
  async entityVectors(part: Features, parameter: ParameterLookup): Promise<Float32Array> {
    const { reader } = await this.#openCut();
    // A program that scores pairs too is asked about none: a block of one entity is the least that it can lay out.
    const nothing = { entitiesToPadded: int32(new Int32Array(1), [1, 1]) };
    const feeds = { ...this.#feeds([{ features: part, pairs: [] }]), ...nothing };
    const results = await reader.run({ ...feeds, ...parameterTensors(this.specs, parameter) });
    const width = results[ENTITIES]?.shape[1] ?? 0;
    return outputOf(results, { name: ENTITIES, shape: [part.entities.length, width], where: PROGRAM });
  }

  /**
   * Logits [P, R] of pairs of entities whose vectors are known.
   *
   * @param block - as `blockTensors` makes it, of one pair at least
   * @throws as `entityVectors`
   */
  async blockLogits(block: Tensors, parameter: ParameterLookup): Promise<Float32Array> {
    const { scorer } = await this.#openCut();
    const results = await scorer.run({ ...block, ...parameterTensors(this.specs, parameter) });
    const pairs = block['places']?.data.length ?? 0;
    return outputOf(results, { name: LOGITS, shape: [pairs, this.classes], where: PAIR_PROGRAM });
  }

  async #openCut(): Promise<Cut> {
    return (this.#cut ??= this.#cutSource.open());
  }

  /** Logits [P, R] of all pairs of `items`, run at once. @throws RelataError `E_ENGINE` */
  async run(items: readonly Item[], parameter: ParameterLookup): Promise<Float32Array> {
    if (items.every((item) => item.pairs.length === 0)) return new Float32Array(0);
    return this.#logits(this.#feeds(items), items, parameter);
  }

  /**
   * Logits of every item, in the order of the items.
   *
   * Items of like length run together, in batches of at most `batchPieces` pieces or words (2048 and 16384 by default);
   * one without pairs does not run. While a batch runs, the next one is made, for which items are taken from their source;
   * and it begins to run before the results of the last one are looked at. Memory holds two stretches of items. An error
   * of the source comes after the logits of all items before it.
   */
  async *score<I extends Item>(
    items: AsyncIterable<I> | Iterable<I>,
    parameter: ParameterLookup,
    batchPieces?: number,
  ): AsyncGenerator<Scored<I>> {
    const budget = budgetOf(this.config.system, batchPieces);
    let found = new Map<I, Float32Array>();
    for await (const { logits, stretch, parts, group, isLast } of lookAhead(
      this.#runs(lookAhead(this.#batches(items, budget)), parameter),
    )) {
      let row = 0;
      for (const part of group) {
        found.set(part, logits.subarray(row * this.classes, (row + part.pairs.length) * this.classes));
        row += part.pairs.length;
      }
      if (!isLast) continue;
      for (const [i, item] of stretch.entries()) {
        const own = (parts[i] ?? []).map((part) => found.get(part) ?? new Float32Array(0));
        yield { item, logits: joined(own) };
      }
      found = new Map();
    }
  }

  async *#batches<I extends Item>(
    items: AsyncIterable<I> | Iterable<I>,
    budget: number,
  ): AsyncGenerator<Prepared<I>> {
    const { system } = this.config;
    const limits = {
      firstPieces: budget * FIRST_STRETCH,
      pieces: budget * STRETCH_BATCHES,
      logits: STRETCH_LOGITS,
      classes: this.classes,
    };
    for await (const stretch of stretches(items, limits)) {
      const parts = stretch.map((item) => (item.pairs.length === 0 ? [] : dividePairs(system, item, budget)));
      const groups = partsOf(system, parts.flat(), budget);
      if (groups.length === 0) yield { stretch, parts, group: [], feeds: {}, isLast: true };
      for (const [i, group] of groups.entries()) {
        yield { stretch, parts, group, feeds: this.#feeds(group), isLast: i === groups.length - 1 };
      }
    }
  }

  async *#runs<I extends Item>(
    batches: AsyncIterable<Prepared<I>>,
    parameter: ParameterLookup,
  ): AsyncGenerator<Prepared<I> & { readonly logits: Float32Array }> {
    for await (const batch of batches) {
      const isEmpty = batch.group.length === 0;
      yield {
        ...batch,
        logits: isEmpty ? new Float32Array(0) : await this.#logits(batch.feeds, batch.group, parameter),
      };
    }
  }

  #feeds(items: readonly Item[]): Tensors {
    return batchTensors(buildBatch(items, batchForm(this.config)));
  }

  async #logits(feeds: Tensors, items: readonly Item[], parameter: ParameterLookup): Promise<Float32Array> {
    const results = await this.#session.run({ ...feeds, ...parameterTensors(this.specs, parameter) });
    const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
    return outputOf(results, { name: LOGITS, shape: [pairs, this.classes], where: PROGRAM });
  }

  async dispose(): Promise<void> {
    // What could not be opened has been reported.
    const cut = await this.#cut?.catch(() => undefined);
    await Promise.all([this.#session, cut?.reader, cut?.scorer].map(async (runner) => runner?.dispose()));
  }
}

/** An output of the shape that it must have. @throws RelataError `E_FIELD`: a program from elsewhere can have another */
function outputOf(
  results: Tensors,
  {
    name,
    shape,
    where,
  }: { readonly name: string; readonly shape: readonly number[]; readonly where: string },
): Float32Array {
  const output = results[name];
  if (output?.dtype === 'float32' && output.shape.join() === shape.join()) return output.data;
  throw fail('E_FIELD', {
    expected: `a program whose output "${name}" is [${shape.join(', ')}]`,
    found: output ? `[${output.shape.join(', ')}]` : 'none of that name',
    where,
  });
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
