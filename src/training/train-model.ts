/**
 * Trains one model: the loop, and nothing that prints.
 *
 * It yields what happened and its caller shows it. Everything random follows from the seed and the counters of the
 * state, so a run that was stopped at any moment goes on from its last checkpoint to the same bits.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { fail, RelataError } from '../core/errors.ts';
import { Rng } from '../core/rng.ts';
import type { ParameterLookup } from '../models/tensors.ts';
import { Optimizer } from '../nn/optimizer.ts';
import { countParameters, type ParameterSpec } from '../nn/parameters.ts';
import { linearSchedule } from '../nn/schedule.ts';
import type { SessionOptions } from '../runtime/session.ts';
import {
  initialState,
  loadCheckpoint,
  saveCheckpoint,
  trainingState,
  type TrainingState,
} from './checkpoint.ts';
import type { TaskScores } from './evaluate-task.ts';
import { MetricsLog } from './metrics-log.ts';
import type { Objective } from './objective.ts';
import type { EffectiveOptions } from './options.ts';
import { TrainingProgram } from './training-program.ts';

/** What happened in a run. Times are seconds that it has taken, also in earlier processes. */
export type TrainingEvent =
  | {
      readonly kind: 'start';
      readonly steps: number;
      readonly epochs: number;
      readonly from: number;
      /** Numbers that are trained. */
      readonly parameters: number;
      /** Numbers that stay as they are. */
      readonly frozen: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'step';
      /** Updates done. */
      readonly step: number;
      readonly epoch: number;
      readonly loss: number;
      /** Norm of all gradients, before clipping. */
      readonly norm: number;
      readonly learningRate: number;
      readonly pieces: number;
      /** What the loss is over: pairs, or words of a tagger. */
      readonly pairs?: number;
      readonly words?: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'evaluation';
      readonly epoch: number;
      readonly step: number;
      readonly scores: TaskScores['scores'];
      readonly theta: number | null;
      readonly best: boolean;
      /** Read since the run began, also by earlier processes. */
      readonly pieces: number;
      /** Share of the steps' time, since the evaluation before, in which the engine waited for batches to be made. */
      readonly waiting: number;
      /** Largest resident size of the process after a step of this run, in bytes. */
      readonly memory: number;
      readonly seconds: number;
    }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly path: string }
  | { readonly kind: 'interrupted'; readonly step: number; readonly path: string }
  | { readonly kind: 'end'; readonly step: number; readonly reason: 'epochs' | 'patience' };

/** A model that runs with any weights. */
interface Trainable {
  readonly dispose: () => Promise<void>;
}

interface Weighted<M> {
  readonly model: M;
  readonly parameter: ParameterLookup;
}

/** I and T as in `Objective`; M is the model as it predicts, S what it is worth. */
export interface TrainModelOptions<I, T, M extends Trainable, S extends TaskScores> {
  /** Where checkpoint and metrics lie. */
  readonly folder: string;
  readonly objective: Objective<I, T>;
  readonly options: EffectiveOptions;
  /** Weights to start from; frozen ones are asked for again when a run is resumed. */
  readonly initial: (specs: readonly ParameterSpec[]) => ReadonlyMap<string, Float32Array>;
  readonly engine: SessionOptions;
  /** The model as it predicts. */
  readonly open: () => Promise<M>;
  readonly evaluate: (model: Weighted<M>) => Promise<S>;
  /** Called when an evaluation is the best so far; what it saves must be whole when it returns. */
  readonly saveBest: (model: Weighted<M>, scores: S, epoch: number) => void;
  /** Ends the run after the step in progress. */
  readonly signal?: AbortSignal | undefined;
  readonly now?: () => number;
}

/** Longest time between two `step` lines of metrics.jsonl, in updates. */
const LOG_EVERY = 10;

/** @throws RelataError `E_NOT_FINITE` when a loss, gradient or score is not finite; the last checkpoint stays */
export async function* trainModel<I, T, M extends Trainable, S extends TaskScores>(
  run: TrainModelOptions<I, T, M, S>,
): AsyncGenerator<TrainingEvent> {
  const { objective, options, engine } = run;
  const now = run.now ?? (() => performance.now() / 1000);
  const began = now();
  const path = join(run.folder, 'checkpoint.safetensors');
  const open: { readonly dispose: () => Promise<void> }[] = [];
  try {
    const program = await TrainingProgram.of(objective, {
      ...engine,
      dropout: options.dropout,
      seed: options.seed,
      freeze: options.freeze,
      memory: options.memory,
    });
    open.push(program);
    const model = await run.open();
    open.push(model);
    const begun = await beginOrResume(run, program, path);
    const { optimizer, frozen } = begun;
    open.push(optimizer);
    let { state } = begun;
    const log = new MetricsLog(join(run.folder, 'metrics.jsonl'), state.logged);
    const parameter: ParameterLookup = (name) => frozen.get(name) ?? optimizer.parameter(name);
    const gradient: ParameterLookup = (name) => optimizer.gradient(name);
    const weighted: Weighted<M> = { model, parameter };
    const perEpoch = Math.ceil(objective.documents.length / options.batchDocuments);
    const steps = perEpoch * options.epochs;
    let saved = now();
    let memory = 0;
    /** Seconds since the last evaluation: of whole steps, and of them those in which a batch was made. */
    let time = { steps: 0, building: 0 };
    const before = state.seconds;
    const seconds = (): number => before + now() - began;
    const save = async (): Promise<void> => {
      state = { ...state, logged: log.size, seconds: seconds() };
      await saveCheckpoint(path, state, program.trained, optimizer);
      saved = now();
    };
    yield {
      kind: 'start',
      steps,
      epochs: options.epochs,
      from: state.step,
      parameters: countParameters(program.trained),
      frozen: countParameters(program.specs) - countParameters(program.trained),
      seconds: before,
    };
    const patient = (): boolean => options.patience === 0 || state.stale < options.patience;
    while (state.epoch < options.epochs && patient()) {
      const { epoch } = state;
      const batches = epochBatches(objective.documents, epoch, options);
      while (state.batch < batches.length) {
        const start = now();
        const drawn = objective.draw(epoch, batches[state.batch] ?? []);
        state = { ...state, batch: state.batch + 1 };
        if (drawn === undefined) continue; // nothing to learn from: the loss would be 0 / 0
        const rng = Rng.fromSeed(options.seed, `dropout ${state.step}`);
        let loss = 0;
        let add = false;
        time.building += now() - start;
        for (const part of drawn.parts) {
          const from = now();
          const prepared = program.prepare(part, { ...drawn.totals, rng });
          time.building += now() - from;
          loss += await program.runPrepared(prepared, parameter, gradient, { add });
          add = true;
        }
        if (!Number.isFinite(loss)) throw notFinite('loss', state.step + 1, path);
        const rate = linearSchedule(state.step, {
          warmup: Math.round(options.warmup * steps),
          total: options.decay === 'linear' ? steps : 0,
        });
        const learningRate = options.learningRate * rate;
        const norm = await optimizer.update({ encoder: learningRate, head: options.headLearningRate * rate });
        if (!Number.isFinite(norm)) throw notFinite('gradient', state.step + 1, path);
        time.steps += now() - start;
        const { pieces } = drawn;
        state = { ...state, step: state.step + 1, pieces: state.pieces + pieces };
        const event = {
          kind: 'step',
          step: state.step,
          epoch,
          loss,
          norm,
          learningRate,
          pieces,
          ...drawn.counts,
          seconds: seconds(),
        } as const;
        memory = Math.max(memory, process.memoryUsage.rss());
        if (state.step % LOG_EVERY === 0) log.append(event);
        yield event;
        const stopped = run.signal?.aborted === true;
        if (stopped || now() - saved > options.checkpointMinutes * 60) {
          await save();
          yield { kind: stopped ? 'interrupted' : 'checkpoint', step: state.step, path };
          if (stopped) return;
        }
      }
      state = { ...state, epoch: epoch + 1, batch: 0 };
      if (state.epoch % options.evaluateEvery !== 0 && state.epoch < options.epochs) continue;
      const scores = await run.evaluate(weighted).catch((error: unknown) => {
        // Weights that overflowed in the last update show it here first.
        if (error instanceof RelataError && error.code === 'E_SCORE')
          throw notFinite('score', state.step, path);
        throw error;
      });
      const [score] = Object.values(scores.scores);
      const best = state.best === null || (score ?? 0) > state.best.score;
      state = best
        ? { ...state, best: { epoch, score: score ?? 0 }, stale: 0 }
        : { ...state, stale: state.stale + 1 };
      if (best) run.saveBest(weighted, scores, epoch);
      const event = {
        kind: 'evaluation',
        epoch,
        step: state.step,
        scores: scores.scores,
        theta: scores.theta,
        best,
        pieces: state.pieces,
        waiting: time.steps > 0 ? time.building / time.steps : 0,
        memory,
        seconds: seconds(),
      } as const;
      time = { steps: 0, building: 0 };
      log.append(event);
      await save();
      yield event;
    }
    yield { kind: 'end', step: state.step, reason: patient() ? 'epochs' : 'patience' };
  } finally {
    await Promise.all(open.map(async (resource) => resource.dispose()));
  }
}

/** The optimiser with the first weights, or as the checkpoint holds it; what was read is not kept beside it. */
async function beginOrResume(
  {
    options,
    engine,
    initial,
  }: Pick<TrainModelOptions<never, never, Trainable, never>, 'options' | 'engine' | 'initial'>,
  { specs, trained }: Pick<TrainingProgram, 'specs' | 'trained'>,
  path: string,
): Promise<{ state: TrainingState; optimizer: Optimizer; frozen: ReadonlyMap<string, Float32Array> }> {
  const checkpoint = loadCheckpoint(path, trained, trainingState);
  const state = checkpoint?.state ?? initialState;
  const fixed = new Set(specs.filter((spec) => spec.frozen).map(({ name }) => name));
  const first = checkpoint && fixed.size === 0 ? new Map<string, Float32Array>() : initial(specs);
  const frozen = new Map([...first].filter(([name]) => fixed.has(name)));
  const optimizer = await Optimizer.create(
    trained,
    checkpoint?.values ?? new Map([...first].filter(([name]) => !fixed.has(name))),
    { ...options, decoupled: options.optimizer === 'adamw' },
    {
      threads: Math.max(1, engine.threads ?? 1),
      step: state.step,
      ...(checkpoint && { moments: checkpoint.moments }),
    },
  );
  return { state, optimizer, frozen };
}

/** What ends a run whose numbers overflowed. @param path - of the checkpoint to go back to */
export function notFinite(what: string, step: number, path: string): RelataError {
  return fail('E_NOT_FINITE', { what, step, path: existsSync(path) ? path : undefined });
}

/** Removes what only a run in progress needs. */
export function removeCheckpoint(folder: string): void {
  rmSync(join(folder, 'checkpoint.safetensors'), { force: true });
}

/** Documents of an epoch, in batches, in an order of its own. */
function epochBatches(
  documents: readonly number[],
  epoch: number,
  { seed, batchDocuments }: EffectiveOptions,
): number[][] {
  const order = Rng.fromSeed(seed, `order ${epoch}`).shuffle(documents);
  return Array.from({ length: Math.ceil(order.length / batchDocuments) }, (_, i) =>
    order.slice(i * batchDocuments, (i + 1) * batchDocuments),
  );
}
