/** BERT-base: forward, backward and update on 4 x 256 pieces, and what share of the floor that is. */
import { evenBatch } from '../batches.ts';
import { alternate } from '../alternate.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';
import { productPeak } from './matrix-product.ts';
import { startTraining } from './training-contestants.ts';

const size = { documents: 4, pieces: 256, entities: 20 };
const [LAYERS, WIDTH] = [12, 768];

/** Operations of the encoder's products, forward and backward; the pair scorer, below 1 % of ours, is left out. */
export function stepOperations({ documents, pieces }: { documents: number; pieces: number }): number {
  const weights = LAYERS * 12 * WIDTH ** 2;
  const attention = LAYERS * 12 * pieces ** 2 * WIDTH;
  return documents * (6 * weights * pieces + attention);
}

export async function trainingStep(context: Context): Promise<Row[]> {
  const peak = await productPeak(context);
  const { ours, peer } = await startTraining(context.python, {
    encoder: 'base',
    threads: THREADS,
    batches: [evenBatch(size)],
  });
  const ms = await alternate(ours, peer, { blocks: context.blocks });
  await Promise.all([ours.end(), peer?.end()]);
  const share = (time?: number | null, rate?: number | null): number | null =>
    time && rate ? (100 * stepOperations(size)) / (time * rate * 1e6) : null;
  return [
    toRow('BERT-base training step, 4 x 256 pieces', 'ms', ms, { atLeast: 1 }),
    toRow('the same, share of own product peak', '%', {
      ours: share(ms.ours, peak.ours),
      peer: share(ms.peer, peak.peer),
    }),
  ];
}
