/** The graph of one training step: forward, loss, backward. The update is the optimiser's. */
import { buildBatch, type Item, targets, type Whole } from '../features/batch.ts';
import type { Shape } from '../graph/dims.ts';
import { gradients, type Memory } from '../graph/gradients.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { batchTensors, type ParameterLookup, parameterTensors } from '../models/pair-model.ts';
import { batchForm, buildSystem, type PairModelConfig, TRAINING_GROUPS } from '../models/systems.ts';
import { DropoutMasks, MaskPool, noDropout } from '../nn/dropout.ts';
import { binaryCrossEntropy, crossEntropy } from '../nn/losses.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { float32, Session, type SessionOptions, type Tensors } from '../runtime/session.ts';
import type { Rng } from '../core/rng.ts';
import { freezeParts } from './freeze.ts';
import { TableGradients } from './table-gradients.ts';

/** A gradient that comes as rows of a table: row n is to be added to row index[n]. */
interface TableGradient {
  readonly parameter: ParameterSpec;
  /** The input that holds the index. */
  readonly index: string;
  readonly output: string;
}

export class TrainingProgram {
  readonly specs: readonly ParameterSpec[];
  /** Those of `specs` that are trained. */
  readonly trained: readonly ParameterSpec[];
  /** R. */
  readonly classes: number;
  readonly #config: PairModelConfig;
  readonly #session: Session;
  readonly #masks: ReadonlyMap<string, Shape>;
  readonly #pool: MaskPool;
  readonly #dense: readonly ParameterSpec[];
  readonly #tables: readonly TableGradient[];
  readonly #tableGradients: TableGradients;
  /** Gradients of a part that is to be added; made once, since they are as large as the parameters. */
  readonly #parts = new Map<string, Float32Array>();

  private constructor(
    config: PairModelConfig,
    built: ReturnType<typeof build>,
    session: Session,
    pool: MaskPool,
  ) {
    this.#config = config;
    this.specs = built.specs;
    this.trained = built.specs.filter((spec) => !spec.frozen);
    this.classes = built.classes;
    this.#masks = built.masks;
    this.#dense = built.dense;
    this.#tables = built.tables;
    this.#tableGradients = new TableGradients(built.tables.map(({ parameter }) => parameter));
    this.#session = session;
    this.#pool = pool;
  }

  /**
   * @param options.dropout - rate; where it applies is the system's matter
   * @param options.freeze - parts that are not trained, as in `freezeParts`
   * @param options.memory - as in `gradients`; default `normal`
   */
  static async open(
    config: PairModelConfig,
    options: SessionOptions & {
      readonly dropout: number;
      readonly seed: number;
      readonly freeze?: readonly string[];
      readonly memory?: Memory;
    },
  ): Promise<TrainingProgram> {
    const built = build(config, options);
    const session = await Session.open(toOnnx(built.outputs).bytes, options);
    return new TrainingProgram(config, built, session, new MaskPool(options.dropout, options.seed));
  }

  /**
   * The arrays of a run over `items`: all but parameters and gradients. The engine waits while they are made.
   *
   * @param items - neighbours of like length cost least
   * @param options.pairs - pairs of the whole batch of which the items may be a part; the loss is divided by them
   * @param options.whole - that batch, as in `buildBatch`
   * @param options.rng - draws the dropout masks
   */
  prepare(
    items: readonly Item[],
    options: { readonly pairs: number; readonly whole?: Whole; readonly rng: Rng },
  ): Tensors {
    const { mode, task } = this.#config;
    const batch = buildBatch(items, batchForm(this.#config, TRAINING_GROUPS), options.whole);
    const pairs = batch.sizes['P'] ?? 0;
    const terms = task === 'existence' && mode === 'corrected' ? options.pairs : options.pairs * this.classes;
    const masks = this.#pool.draw(this.#masks, batch.sizes, options.rng);
    return {
      ...batchTensors(batch),
      targets: float32(targets(items, task, this.classes), [pairs, this.classes]),
      scale: float32(Float32Array.of(1 / terms), []),
      ...Object.fromEntries([...masks].map(([name, { shape, data }]) => [name, float32(data, shape)])),
    };
  }

  /** Prepares items and runs them; see `prepare` and `runPrepared`. */
  async run(
    items: readonly Item[],
    parameter: ParameterLookup,
    gradient: ParameterLookup,
    options: Parameters<TrainingProgram['prepare']>[1] & { readonly add: boolean },
  ): Promise<number> {
    return this.runPrepared(this.prepare(items, options), parameter, gradient, options);
  }

  /**
   * Runs items forward and backward.
   *
   * @param prepared - what `prepare` made of them
   * @param parameter, gradient - buffers that are read and written in place; while `gradient` is the same function,
   *   nobody else writes to the gradients of tables (`TableGradients`)
   * @param options.add - whether to add to what the gradients hold instead of replacing it
   * @returns this part's share of the loss
   */
  async runPrepared(
    prepared: Tensors,
    parameter: ParameterLookup,
    gradient: ParameterLookup,
    options: { readonly add: boolean },
  ): Promise<number> {
    const inputs: Tensors = { ...prepared, ...parameterTensors(this.specs, parameter) };
    const target = (name: string): Float32Array =>
      options.add ? this.#partOf(name, gradient) : gradient(name);
    const into = this.#dense.map(
      ({ name, shape }) => [outputOf(name), float32(target(name), shape)] as const,
    );
    const results = await this.#session.run(inputs, Object.fromEntries(into));
    if (options.add) for (const { name } of this.#dense) addTo(gradient(name), target(name));
    else this.#tableGradients.clear(gradient);
    for (const { parameter: spec, index, output } of this.#tables) {
      this.#tableGradients.add(spec.name, gradient, {
        index: inputs[index]?.data ?? [],
        rows: results[output]?.data ?? [],
      });
    }
    return results['loss']?.data[0] ?? Number.NaN;
  }

  async dispose(): Promise<void> {
    await this.#session.dispose();
  }

  #partOf(name: string, gradient: ParameterLookup): Float32Array {
    const known = this.#parts.get(name);
    if (known) return known;
    const made = new Float32Array(gradient(name).length);
    this.#parts.set(name, made);
    return made;
  }
}

const outputOf = (parameter: string): string => `gradient ${parameter}`;

function build(
  config: PairModelConfig,
  {
    dropout: rate,
    freeze = [],
    memory,
  }: { readonly dropout: number; readonly freeze?: readonly string[]; readonly memory?: Memory },
): {
  outputs: Record<string, Value>;
  specs: readonly ParameterSpec[];
  classes: number;
  masks: ReadonlyMap<string, Shape>;
  dense: ParameterSpec[];
  tables: TableGradient[];
} {
  const graph = new Graph();
  const masks = new DropoutMasks(graph);
  const { params, logits, classes } = buildSystem(
    graph,
    config,
    rate > 0 ? masks.apply : noDropout,
    TRAINING_GROUPS,
  );
  const targetsPR = graph.input('targets', 'float32', ['P', classes]);
  const scale = graph.input('scale', 'float32', []);
  const twoWay = config.task === 'existence' && config.mode === 'corrected';
  const loss = (twoWay ? crossEntropy : binaryCrossEntropy)(logits, targetsPR, scale);

  const valueOf = (spec: ParameterSpec): Value => params.values.get(spec.name) as Value;
  const specs = freezeParts(params.specs, freeze);
  const trained = specs.filter((spec) => !spec.frozen);
  const lookedUp = new Set(trained.filter((spec) => spec.rows).map(valueOf));
  const { dense, rows } = gradients(loss, trained.map(valueOf), {
    rows: lookedUp,
    ...(memory && { memory }),
  });
  const nameOf = new Map([...graph.inputs].map(([name, value]) => [value.id, name]));
  const outputs: Record<string, Value> = { loss };
  const whole = trained.filter((spec) => !spec.rows);
  for (const spec of whole) outputs[outputOf(spec.name)] = dense.get(valueOf(spec)) as Value;
  // Tables that are looked up and summed have the same rows.
  const written = new Map<number, string>();
  const tables = trained.flatMap((parameter) =>
    (rows.get(valueOf(parameter)) ?? []).map((gradient, i) => {
      const output = written.get(gradient.rows.id) ?? `${outputOf(parameter.name)} rows ${i}`;
      written.set(gradient.rows.id, output);
      outputs[output] = gradient.rows;
      return { parameter, index: nameOf.get(gradient.index.id) ?? '', output };
    }),
  );
  return { outputs, specs, classes, masks: masks.shapes, dense: whole, tables };
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number);
}
