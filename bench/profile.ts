/**
 * `node --import tsx bench/profile.ts [tiny|mini|small|medium|base]`: where the time of a training step goes, by ONNX
 * operator and by shape, and what of it passes outside the engine.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { table } from '../src/cli/table.ts';
import { isEncoderSize } from '../src/models/bert-config.ts';
import { median } from './alternate.ts';
import { evenBatch } from './batches.ts';
import { type Answer, startOurs } from './contestant.ts';
import { THREADS } from './works/context.ts';

const STEPS = 5;
/** Lines of the second table. */
const SHOWN = 30;

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

const encoder = process.argv[2] ?? 'base';
if (!isEncoderSize(encoder)) {
  console.error(`no encoder is called ${encoder}`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'relata-profile-'));
try {
  const batches = [evenBatch({ documents: 4, pieces: 256, entities: 20 })];
  const ours = await startOurs('training-step', {
    encoder,
    threads: THREADS,
    batches,
    profile: join(folder, 'step'),
  });
  const answers: Answer[] = [];
  for (let step = 0; step < STEPS; step++) answers.push(await ours.run());
  await ours.run({ end: true });
  await ours.end();
  const [file = ''] = readdirSync(folder);
  // The first step warms up.
  report(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[], answers.slice(1));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function report(events: readonly Event[], answers: readonly Answer[]): void {
  const runs = events.filter(({ name }) => name === 'model_run').slice(1);
  const kernels = events.filter(
    ({ cat, ts, args }) => cat === 'Node' && args?.op_name && ts >= (runs[0]?.ts ?? 0),
  );
  const perStep = (ms: number): number => ms / 1000 / runs.length;
  const time = (name: string): number =>
    median(answers.map((answer) => answer[name] ?? Number.NaN)) ?? Number.NaN;
  const engine = median(runs.map(({ dur }) => dur / 1000)) ?? Number.NaN;
  const total = time('ms');
  const line = (name: string, ms: number): string[] => [
    name,
    ms.toFixed(1),
    `${((100 * ms) / total).toFixed(1)} %`,
  ];
  const head = ['operator', 'ms', 'share', 'times'];
  const byOperator = sums(kernels, ({ args }) => args?.op_name ?? '');
  const byShape = sums(kernels, ({ args }) => `${args?.op_name} ${shapesOf(args?.input_type_shape)}`).slice(
    0,
    SHOWN,
  );
  const lines = (groups: typeof byOperator): string[][] =>
    groups.map(({ key, dur, count }) => [...line(key, perStep(dur)), String(count / runs.length)]);
  console.log(
    table(
      [
        ['part', 'ms', 'share'],
        line('step', total),
        line('in the engine', engine),
        line('around it (batch, masks, tables, buffers)', time('gradientMs') - engine),
        line('update', time('updateMs')),
      ],
      { align: 'lrr' },
    ),
  );
  console.log(`\n${table([head, ...lines(byOperator)], { align: 'lrrr' })}`);
  console.log(`\n${table([head, ...lines(byShape)], { align: 'lrrr' })}`);
}

function sums(
  events: readonly Event[],
  keyOf: (event: Event) => string,
): { key: string; dur: number; count: number }[] {
  const groups = new Map<string, { key: string; dur: number; count: number }>();
  for (const event of events) {
    const key = keyOf(event);
    const { dur, count } = groups.get(key) ?? { dur: 0, count: 0 };
    groups.set(key, { key, dur: dur + event.dur, count: count + 1 });
  }
  return [...groups.values()].toSorted((a, b) => b.dur - a.dur);
}

function shapesOf(inputs: readonly Readonly<Record<string, readonly number[]>>[] = []): string {
  return inputs.map((input) => `[${Object.values(input).flat().join(' ')}]`).join(' ');
}
