/** A training step of ours by the engine's own profile: where its time goes, and what of it passes outside the engine. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median } from './alternate.ts';
import { type Answer, startOurs } from './contestant.ts';

/** An event of the engine's profile; times in microseconds. */
interface Event {
  readonly name: string;
  readonly cat: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** Some kernels of one kind: their time in a step, in ms, and how many there are. */
export interface Kernels {
  readonly key: string;
  readonly ms: number;
  readonly times: number;
}

/** Times in ms; medians over the steps. */
export interface StepProfile {
  readonly parameters: number;
  readonly step: number;
  readonly engine: number;
  /** Batch and masks. */
  readonly batch: number;
  /** Tables and buffers, between the batch and the update. */
  readonly around: number;
  readonly update: number;
  readonly byOperator: readonly Kernels[];
  readonly byShape: readonly Kernels[];
  /** Of the time of all steps, update included, in %. */
  readonly productShare: number;
}

/** Operators that are matrix products and nothing else but a bias or an activation. */
const products: ReadonlySet<string> = new Set(['Gemm', 'FusedGemm', 'MatMul', 'FusedMatMul']);

/**
 * Trains on the batches in turn and reads the profile.
 *
 * @param work - of `ours/`, one that takes a `profile` and turns as `trainingTurns` makes them
 * @param setup - what it is set up with
 * @param options.steps - after one that warms up
 */
export async function profileStep<Setup extends { readonly batches: readonly unknown[] }>(
  work: string,
  setup: Setup,
  { steps }: { readonly steps: number },
): Promise<StepProfile> {
  const folder = mkdtempSync(join(tmpdir(), 'relata-profile-'));
  try {
    const profile = join(folder, 'step');
    const ours = await startOurs(work, { ...setup, profile });
    const answers: Answer[] = [];
    for (let step = 0; step < 1 + steps; step++)
      answers.push(await ours.run({ batch: step % setup.batches.length }));
    await ours.run({ end: true });
    await ours.end();
    const [file = ''] = readdirSync(folder);
    const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[];
    return { parameters: ours.ready['parameters'] ?? Number.NaN, ...read(events, answers.slice(1)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(events: readonly Event[], answers: readonly Answer[]): Omit<StepProfile, 'parameters'> {
  const runs = events.filter(({ name }) => name === 'model_run').slice(-answers.length);
  const from = runs[0]?.ts ?? 0;
  const kernels = events.filter(({ cat, ts, args }) => cat === 'Node' && args?.op_name && ts >= from);
  const middle = (values: readonly number[]): number => median(values) ?? Number.NaN;
  const time = (name: string): number => middle(answers.map((answer) => answer[name] ?? Number.NaN));
  const engine = middle(runs.map(({ dur }) => dur / 1000));
  const inProducts = kernels.filter(({ args }) => products.has(args?.op_name ?? ''));
  return {
    step: time('ms'),
    engine,
    batch: time('batchMs'),
    around: time('runMs') - engine,
    update: time('updateMs'),
    byOperator: sums(kernels, runs.length, ({ args }) => args?.op_name ?? ''),
    byShape: sums(kernels, runs.length, ({ args }) => `${args?.op_name} ${shapesOf(args?.input_type_shape)}`),
    productShare:
      (100 * inProducts.reduce((sum, { dur }) => sum + dur / 1000, 0)) /
      answers.reduce((sum, { ms }) => sum + ms, 0),
  };
}

function sums(events: readonly Event[], steps: number, keyOf: (event: Event) => string): Kernels[] {
  const groups = new Map<string, Kernels>();
  for (const event of events) {
    const key = keyOf(event);
    const { ms, times } = groups.get(key) ?? { ms: 0, times: 0 };
    groups.set(key, { key, ms: ms + event.dur / 1000 / steps, times: times + 1 / steps });
  }
  return [...groups.values()].sort((a, b) => b.ms - a.ms);
}

function shapesOf(inputs: readonly Readonly<Record<string, readonly number[]>>[] = []): string {
  return inputs.map((input) => `[${Object.values(input).flat().join(' ')}]`).join(' ');
}
