/** How much of a training step is matrix products, by the engine's profile: the same batches as `real-lengths`. */
import { realBatches } from '../batches.ts';
import { updateBytes } from '../floor.ts';
import { type Row, toRow } from '../row.ts';
import { profileStep } from '../step-profile.ts';
import { type Context, FEW_BLOCKS, THREADS } from './context.ts';
import { memoryPeak } from './matrix-product.ts';

export async function productShare(context: Context): Promise<Row[]> {
  const batches = await realBatches({ batches: 3, documents: 8 });
  const steps = Math.min(context.blocks, FEW_BLOCKS);
  const profile = await profileStep(
    'training-step',
    { encoder: 'base', threads: THREADS, batches },
    { steps },
  );
  const memory = await memoryPeak(context);
  const part = (ms: number): number => (100 * ms) / profile.step;
  const work = 'BERT-base training step, 8 documents of real lengths';
  return [
    toRow(`${work}, share of matrix products`, '%', { ours: profile.productShare }, { reach: 80 }),
    toRow(`${work}, share of waiting for the batch`, '%', { ours: part(profile.batch) }),
    toRow(`${work}, share of other work outside the engine`, '%', { ours: part(profile.around) }),
    toRow(`${work}, share of the update`, '%', { ours: part(profile.update) }),
    toRow('BERT-base update, share of the memory that can be moved', '%', {
      ours: memory && (100 * updateBytes(profile.parameters)) / (profile.update * memory * 1e6),
    }),
  ];
}
