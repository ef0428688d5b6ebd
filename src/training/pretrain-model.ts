/**
 * The loop of pretraining: windows in, updates, looks at the held-out part; nothing that prints.
 *
 * Everything random follows from the seed and the counters of the state, so a run that was stopped goes on to the same bits.
 * With a budget in hours the rate follows the clock, so two runs see other rates; what a checkpoint holds is still all
 * that the next step depends on.
 */
import { join } from 'node:path';

import { z } from 'zod';

import { Rng } from '../core/rng.ts';
import { type MaskedWindow, WordMasker } from '../features/mask-words.ts';
import { MaskedLanguageModel } from '../models/masked-lm.ts';
import type { ParameterLookup } from '../models/tensors.ts';
import type { BertShape } from '../nn/bert-encoder.ts';
import { Optimizer } from '../nn/optimizer.ts';
import { countParameters, type ParameterSpec } from '../nn/parameters.ts';
import { budgetSchedule } from '../nn/schedule.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { maskedLesson } from './masked-lesson.ts';
import { MetricsLog } from './metrics-log.ts';
import type { CachedText, PieceFile } from './piece-cache.ts';
import type { HeldOutScores, PretrainEvent } from './pretrain-events.ts';
import type { PretrainRequest } from './pretrain-options.ts';
import { FRAME, WindowedPass } from './text-windows.ts';
import { notFinite } from './train-model.ts';
import { TrainingProgram } from './training-program.ts';

const stateSchema = z.object({
  /** Pass over the text in progress, from 0; the long windows begin one of their own. */
  pass: z.int().nonnegative(),
  /** Windows of it that are done. */
  windows: z.int().nonnegative(),
  /** Whether windows are long by now. */
  long: z.boolean(),
  /** Updates done. */
  step: z.int().nonnegative(),
  /** Pieces that they read. */
  pieces: z.int().nonnegative(),
  /** Looks at the held-out part. */
  evaluations: z.int().nonnegative(),
  /** Wall time of all processes so far. */
  seconds: z.number().nonnegative(),
  /** Length of metrics.jsonl, in bytes. */
  logged: z.int().nonnegative(),
});
type State = z.infer<typeof stateSchema>;

const initialState: State = {
  pass: 0,
  windows: 0,
  long: false,
  step: 0,
  pieces: 0,
  evaluations: 0,
  seconds: 0,
  logged: 0,
};

/** The loop's own events, with the last model. */
export type ModelEvent =
  | Exclude<PretrainEvent, { readonly kind: 'text' | 'prepared' | 'ignored' | 'no-head' | 'result' }>
  | {
      readonly kind: 'end';
      readonly specs: readonly ParameterSpec[];
      readonly parameter: ParameterLookup;
      readonly scores: HeldOutScores;
      readonly step: number;
      readonly pieces: number;
      readonly seconds: number;
    };

export interface PretrainModelOptions {
  /** Where checkpoint and metrics lie. */
  readonly folder: string;
  readonly request: PretrainRequest;
  /** The highest. */
  readonly learningRate: number;
  readonly shape: BertShape;
  readonly vocabulary: Vocabulary;
  readonly text: Pick<CachedText, 'train' | 'heldOut'>;
  readonly initial: (specs: readonly ParameterSpec[]) => ReadonlyMap<string, Float32Array>;
  readonly engine: SessionOptions;
  readonly signal?: AbortSignal | undefined;
  /** Seconds. */
  readonly now?: (() => number) | undefined;
}

/** Updates between two `step` lines of metrics.jsonl. */
const LOG_EVERY = 10;
/** Share of the held-out pieces to guess: the same in every run, so that runs compare. */
const LOOK_SHARE = 0.15;
/** Pieces that run at once when the held-out part is looked at. */
const LOOK_PIECES = 2048;

/** @throws RelataError `E_NOT_FINITE` when a loss or gradient is not finite; the last checkpoint stays */
export async function* pretrainModel(run: PretrainModelOptions): AsyncGenerator<ModelEvent> {
  const { request, shape, engine } = run;
  const { seed } = request;
  const now = run.now ?? (() => performance.now() / 1000);
  const path = join(run.folder, 'checkpoint.safetensors');
  const masker = new WordMasker(run.vocabulary);
  const open: { readonly dispose: () => Promise<void> }[] = [];
  try {
    const program = await TrainingProgram.of(maskedLesson(shape), {
      ...engine,
      dropout: request.dropout,
      seed,
      memory: request.memory,
    });
    open.push(program);
    const model = await MaskedLanguageModel.open(shape, engine);
    open.push(model);
    const checkpoint = loadCheckpoint(path, program.specs, stateSchema);
    let state = checkpoint?.state ?? initialState;
    const optimizer = await Optimizer.create(
      program.specs,
      checkpoint?.values ?? run.initial(program.specs),
      { ...request, decoupled: true },
      {
        threads: Math.max(1, engine.threads ?? 1),
        step: state.step,
        ...(checkpoint && { moments: checkpoint.moments }),
      },
    );
    open.push(optimizer);
    const log = new MetricsLog(join(run.folder, 'metrics.jsonl'), state.logged);
    const parameter: ParameterLookup = (name) => optimizer.parameter(name);
    const gradient: ParameterLookup = (name) => optimizer.gradient(name);
    const [began, before] = [now(), state.seconds];
    let saved = began;
    let memory = 0;
    const seconds = (): number => before + now() - began;
    const shareDone = shareOf(request, shape, run.text.train);
    const save = async (): Promise<void> => {
      state = { ...state, logged: log.size, seconds: seconds() };
      await saveCheckpoint(path, state, program.specs, optimizer);
      saved = now();
    };
    const look = async (share: number): Promise<ModelEvent & { readonly kind: 'evaluation' }> => {
      const scores = await heldOutScores(model, parameter, run, masker);
      const event = {
        kind: 'evaluation',
        step: state.step,
        share,
        pieces: state.pieces,
        memory,
        seconds: seconds(),
        ...scores,
      } as const;
      log.append(event);
      return event;
    };
    yield {
      kind: 'start',
      step: state.step,
      share: shareDone(state.step, before),
      parameters: countParameters(program.specs),
      seconds: before,
    };
    let pass: WindowedPass | undefined;
    for (;;) {
      const share = shareDone(state.step, seconds());
      if (share >= 1) break;
      if (request.evaluations > 0 && share * request.evaluations >= state.evaluations) {
        state = { ...state, evaluations: Math.floor(share * request.evaluations) + 1 };
        yield await look(share);
      }
      if (!state.long && share >= 1 - request.longShare) {
        state = { ...state, long: true, pass: state.pass + 1, windows: 0 };
        pass = undefined;
      }
      const window = windowOf(request, shape, state.long, run.text.train);
      pass ??= new WindowedPass(run.text.train, {
        special: run.vocabulary.special,
        window,
        seed,
        pass: state.pass,
      });
      const drawn = drawBatch(pass, state, { ...request, window }, masker);
      const masked = drawn.reduce((sum, { targets }) => sum + targets.length, 0);
      const rng = Rng.fromSeed(seed, `dropout ${state.step}`);
      const atOnce = Math.max(1, Math.floor(request.batchPieces / window));
      let loss = 0;
      for (let first = 0; first < drawn.length; first += atOnce) {
        const part = drawn.slice(first, first + atOnce);
        loss += await program.run(part, parameter, gradient, { masked, rng, add: first > 0 });
      }
      if (!Number.isFinite(loss)) throw notFinite('loss', state.step + 1, path);
      const learningRate = run.learningRate * budgetSchedule(share, request.warmup);
      const norm = await optimizer.update({ encoder: learningRate, head: learningRate });
      if (!Number.isFinite(norm)) throw notFinite('gradient', state.step + 1, path);
      const pieces = drawn.length * window;
      const windows = state.windows + drawn.length;
      const ended = windows >= pass.count;
      if (ended) pass = undefined;
      state = {
        ...state,
        ...(ended ? { pass: state.pass + 1, windows: 0 } : { windows }),
        step: state.step + 1,
        pieces: state.pieces + pieces,
      };
      memory = Math.max(memory, process.memoryUsage.rss());
      const event = {
        kind: 'step',
        step: state.step,
        share,
        loss,
        norm,
        learningRate,
        pieces,
        masked,
        window,
        seconds: seconds(),
      } as const;
      if (state.step % LOG_EVERY === 0) log.append(event);
      yield event;
      const stopped = run.signal?.aborted === true;
      if (stopped || now() - saved > request.checkpointMinutes * 60) {
        await save();
        yield { kind: stopped ? 'interrupted' : 'checkpoint', step: state.step, path };
        if (stopped) return;
      }
    }
    const last = await look(1);
    yield last;
    const { loss, perplexity, accuracy } = last;
    yield {
      kind: 'end',
      specs: program.specs,
      parameter,
      scores: { loss, perplexity, accuracy },
      step: state.step,
      pieces: state.pieces,
      seconds: seconds(),
    };
  } finally {
    await Promise.all(open.map(async (resource) => resource.dispose()));
  }
}

/** The share of a run that is done, by what bounds it. */
function shareOf(
  request: PretrainRequest,
  shape: BertShape,
  text: PieceFile,
): (step: number, seconds: number) => number {
  const { hours, steps, passes = 1 } = request;
  if (hours !== undefined) return (_, seconds) => Math.min(1, seconds / (hours * 3600));
  const window = windowOf(request, shape, false, text);
  const updates = text.length / (window - FRAME) / windowsOfUpdate(request, window);
  const total = steps ?? passes * Math.ceil(updates);
  // Of its middle: neither the first step nor the last has a rate of 0.
  return (step) => (step < total ? (step + 0.5) / total : 1);
}

/** Pieces of a window: at most what the encoder and the text have. */
function windowOf(
  { window, longWindow }: PretrainRequest,
  { positions }: BertShape,
  long: boolean,
  text: PieceFile,
): number {
  return Math.min(long ? (longWindow ?? positions) : window, positions, text.length);
}

const windowsOfUpdate = ({ updatePieces }: PretrainRequest, window: number): number =>
  Math.max(1, Math.round(updatePieces / window));

/** The windows of the next update: what is left of a pass may be fewer. */
function drawBatch(
  pass: WindowedPass,
  state: State,
  request: PretrainRequest & { readonly window: number },
  masker: WordMasker,
): MaskedWindow[] {
  const { window, maskShare, seed } = request;
  const length = Math.min(windowsOfUpdate(request, window), pass.count - state.windows);
  return Array.from({ length }, (_, i) => {
    const place = state.windows + i;
    return masker.mask(pass.ids(place), maskShare, Rng.fromSeed(seed, `mask ${state.pass} ${place}`));
  });
}

/** The held-out part, with the same masks at every look. */
async function heldOutScores(
  model: MaskedLanguageModel,
  parameter: ParameterLookup,
  { request, shape, vocabulary, text }: PretrainModelOptions,
  masker: WordMasker,
): Promise<HeldOutScores> {
  const window = windowOf(request, shape, false, text.heldOut);
  const pass = new WindowedPass(text.heldOut, {
    special: vocabulary.special,
    window,
    seed: 0,
    pass: 0,
    shuffled: false,
  });
  const atOnce = Math.max(1, Math.floor(LOOK_PIECES / window));
  const V = shape.vocabularySize;
  let [sum, right, count] = [0, 0, 0];
  for (let first = 0; first < pass.count; first += atOnce) {
    const windows = Array.from({ length: Math.min(atOnce, pass.count - first) }, (_, i) =>
      masker.mask(pass.ids(first + i), LOOK_SHARE, Rng.fromSeed(0, `held-out ${first + i}`)),
    );
    const scores = await model.logProbabilities(windows, parameter);
    const targets = windows.flatMap((one) => [...one.targets]);
    targets.forEach((target, k) => {
      const own = scores[k * V + target] ?? Number.NaN;
      let isBest = true;
      for (let v = k * V; isBest && v < (k + 1) * V; v++) isBest = (scores[v] as number) <= own;
      sum -= own;
      if (isBest) right++;
    });
    count += targets.length;
  }
  const loss = sum / count;
  return { loss, perplexity: Math.exp(loss), accuracy: right / count };
}
