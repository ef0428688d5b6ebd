/**
 * `node --import tsx bench/profile.ts [tiny|mini|small|medium|base] [real|even]`: where the time of a training step goes, by
 * ONNX operator and by shape, and what of it passes outside the engine. On 8 documents of real lengths, or on 4 x 256 pieces.
 */
import { table } from '../src/cli/table.ts';
import { isEncoderSize } from '../src/models/bert-config.ts';
import { evenBatch, realBatches } from './batches.ts';
import { type Kernels, profileStep } from './step-profile.ts';
import { THREADS } from './works/context.ts';

const STEPS = 4;
/** Lines of the last table. */
const SHOWN = 30;

const [encoder = 'base', lengths = 'real'] = process.argv.slice(2);
if (!isEncoderSize(encoder) || !['real', 'even'].includes(lengths)) {
  console.error(`no encoder is called ${encoder}, or no batches ${lengths}`);
  process.exit(2);
}
// One batch: the shapes of several would be told apart.
const batches =
  lengths === 'real'
    ? await realBatches({ batches: 1, documents: 8 })
    : [evenBatch({ documents: 4, pieces: 256, entities: 20 })];
const profile = await profileStep('training-step', { encoder, threads: THREADS, batches }, { steps: STEPS });
const line = (name: string, ms: number): string[] => [
  name,
  ms.toFixed(1),
  `${((100 * ms) / profile.step).toFixed(1)} %`,
];
const lines = (groups: readonly Kernels[]): string[][] =>
  groups.map(({ key, ms, times }) => [...line(key, ms), String(Math.round(times))]);
const head = ['operator', 'ms', 'share', 'times'];
console.log(
  table(
    [
      ['part', 'ms', 'share'],
      line('step', profile.step),
      line('in the engine', profile.engine),
      line('matrix products', (profile.productShare / 100) * profile.step),
      line('batch and masks', profile.batch),
      line('around it (tables, buffers)', profile.around),
      line('update', profile.update),
    ],
    { align: 'lrr' },
  ),
);
console.log(`\n${table([head, ...lines(profile.byOperator)], { align: 'lrrr' })}`);
console.log(`\n${table([head, ...lines(profile.byShape.slice(0, SHOWN))], { align: 'lrrr' })}`);
