/** A system as a running program: documents and pairs in, logits out. */
import { dirname, join } from 'node:path';

import { buildBatch, type Item } from '../features/batch.ts';
import type { Features } from '../features/features.ts';
import { classCount } from '../features/task.ts';
import { Graph } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import type { EngineThread, Runner } from '../runtime/engine-thread.ts';
import { int32, Session, type SessionOptions, type Tensors } from '../runtime/session.ts';
import { type Cut, type CutProblem, type CutSource, exportedCut, trainedCut } from './cut.ts';
import { ENTITIES, LOGITS, PAIR_PROGRAM, PROGRAM } from './program.ts';
import { scoreStretches } from './score-stretches.ts';
import { stretches } from './stretches.ts';
import { batchForm, budgetOf, buildSystem, dividePairs, type PairModelConfig, partsOf } from './systems.ts';
import { batchTensors, outputOf, type ParameterLookup, parameterTensors } from './tensors.ts';

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
   * one without pairs does not run. Works ahead as `scoreStretches` does. An error of the source comes after the logits of
   * all items before it.
   */
  async *score<I extends Item>(
    items: AsyncIterable<I> | Iterable<I>,
    parameter: ParameterLookup,
    batchPieces?: number,
  ): AsyncGenerator<Scored<I>> {
    const { system } = this.config;
    const budget = budgetOf(system, batchPieces);
    const sizeOf = ({ features: { pieces }, pairs }: I) => ({ pieces, logits: pairs.length * this.classes });
    const limits = {
      firstPieces: budget * FIRST_STRETCH,
      pieces: budget * STRETCH_BATCHES,
      logits: STRETCH_LOGITS,
    };
    yield* scoreStretches<I, I>(stretches(items, sizeOf, limits), {
      partsOf: (item) => (item.pairs.length === 0 ? [] : dividePairs(system, item, budget)),
      groupsOf: (parts) => partsOf(system, parts, budget),
      feeds: (group) => this.#feeds(group),
      run: async (feeds, group) => this.#logits(feeds, group, parameter),
      rowsOf: ({ pairs }) => pairs.length,
      classes: this.classes,
    });
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
