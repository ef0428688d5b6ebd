/** The graph of one training step: forward, loss, backward. The update is the optimiser's. */
import type { Item } from '../features/batch.ts';
import type { Shape } from '../graph/dims.ts';
import { gradients, type Memory } from '../graph/gradients.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { toOnnx } from '../graph/onnx.ts';
import { type ParameterLookup, parameterTensors } from '../models/tensors.ts';
import type { PairModelConfig } from '../models/systems.ts';
import { DropoutMasks, MaskPool, noDropout } from '../nn/dropout.ts';
import type { ParameterSpec } from '../nn/parameters.ts';
import { float32, Session, type SessionOptions, type Tensors } from '../runtime/session.ts';
import type { Rng } from '../core/rng.ts';
import { freezeParts } from './freeze.ts';
import type { Lesson } from './objective.ts';
import { pairLesson, type PairTotals } from './pair-objective.ts';
import { TableGradients } from './table-gradients.ts';

/** A gradient that comes as rows of a table: row n is to be added to row index[n]. */
interface TableGradient {
  readonly parameter: ParameterSpec;
  /** The input that holds the index. */
  readonly index: string;
  readonly output: string;
}

interface ProgramOptions extends SessionOptions {
  /** Rate; where it applies is the system's matter. */
  readonly dropout: number;
  readonly seed: number;
  /** Parts that are not trained, as in `freezeParts`. */
  readonly freeze?: readonly string[];
  /** As in `gradients`; default `normal`. */
  readonly memory?: Memory;
}

/** I: what it runs over. T: what is known of the whole batch of which these may be a part. */
export class TrainingProgram<I = Item, T = PairTotals> {
  readonly specs: readonly ParameterSpec[];
  /** Those of `specs` that are trained. */
  readonly trained: readonly ParameterSpec[];
  /** R. */
  readonly classes: number;
  readonly #lesson: Lesson<I, T>;
  readonly #session: Session;
  readonly #masks: ReadonlyMap<string, Shape>;
  readonly #pool: MaskPool;
  readonly #dense: readonly ParameterSpec[];
  readonly #tables: readonly TableGradient[];
  readonly #tableGradients: TableGradients;
  /** Gradients of a part that is to be added; made once, since they are as large as the parameters. */
  readonly #parts = new Map<string, Float32Array>();

  private constructor(
    lesson: Lesson<I, T>,
    built: ReturnType<typeof build>,
    session: Session,
    pool: MaskPool,
  ) {
    this.#lesson = lesson;
    this.specs = built.specs;
    this.trained = built.specs.filter((spec) => !spec.frozen);
    this.classes = built.classes;
    this.#masks = built.masks;
    this.#dense = built.dense;
    this.#tables = built.tables;
    const whole = new Set(built.dense);
    const lookedUp = built.tables.map(({ parameter }) => parameter).filter((spec) => !whole.has(spec));
    this.#tableGradients = new TableGradients(lookedUp);
    this.#session = session;
    this.#pool = pool;
  }

  /** The program of a model of pairs. */
  static async open(config: PairModelConfig, options: ProgramOptions): Promise<TrainingProgram> {
    return TrainingProgram.of(pairLesson(config), options);
  }

  static async of<J, S>(lesson: Lesson<J, S>, options: ProgramOptions): Promise<TrainingProgram<J, S>> {
    const built = build(lesson, options);
    const session = await Session.open(toOnnx(built.outputs).bytes, options);
    return new TrainingProgram(lesson, built, session, new MaskPool(options.dropout, options.seed));
  }

  /**
   * The arrays of a run over `items`: all but parameters and gradients. The engine waits while they are made.
   *
   * @param items - neighbours of like length cost least
   * @param options - of the whole batch of which the items may be a part; the loss is divided by its terms
   * @param options.rng - draws the dropout masks
   */
  prepare(items: readonly I[], options: T & { readonly rng: Rng }): Tensors {
    const { sizes, tensors } = this.#lesson.feeds(items, options);
    const masks = this.#pool.draw(this.#masks, sizes, options.rng);
    return {
      ...tensors,
      ...Object.fromEntries([...masks].map(([name, { shape, data }]) => [name, float32(data, shape)])),
    };
  }

  /** Prepares items and runs them; see `prepare` and `runPrepared`. */
  async run(
    items: readonly I[],
    parameter: ParameterLookup,
    gradient: ParameterLookup,
    options: T & { readonly rng: Rng; readonly add: boolean },
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
      this.#tableGradients.add(spec, gradient, {
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
  lesson: Pick<Lesson<never, never>, 'build'>,
  { dropout: rate, freeze = [], memory }: ProgramOptions,
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
  const { params, loss, classes } = lesson.build(graph, rate > 0 ? masks.apply : noDropout);

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
  // A table that is also multiplied with, as a decoder is, has a gradient of both kinds.
  const whole = trained.filter((spec) => !spec.rows || dense.has(valueOf(spec)));
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
