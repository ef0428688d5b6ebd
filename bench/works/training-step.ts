/** BERT-base: forward, backward and update on 4 x 256 pieces, and what share of the floor that is. */
import { evenBatch } from '../batches.ts';
import { alternate } from '../alternate.ts';
import { type Measured, type Row, toRow } from '../row.ts';
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
  const ms = await stepTimes(context, true);
  const share = (time?: number | null, rate?: number | null): number | null =>
    time && rate ? (100 * stepOperations(size)) / (time * rate * 1e6) : null;
  return [
    toRow('BERT-base training step, 4 x 256 pieces', 'ms', ms, { atLeast: 1 }),
    toRow('BERT-base training step, share of own product peak', '%', {
      ours: share(ms.ours, peak.ours),
      peer: share(ms.peer, peak.peer),
    }),
  ];
}

/** The peer as the original code is: a bilinear layer per pair. */
export async function originalStep(context: Context): Promise<Row[]> {
  const ms = await stepTimes(context, false);
  return [toRow('BERT-base training step, 4 x 256 pieces, peer with nn.Bilinear', 'ms', ms)];
}

async function stepTimes({ python, blocks }: Context, factored: boolean): Promise<Measured> {
  const setup = { encoder: 'base', threads: THREADS, batches: [evenBatch(size)] } as const;
  const { ours, peer } = await startTraining(python, setup, { factored });
  const ms = await alternate(ours, peer, { blocks });
  await Promise.all([ours.end(), peer?.end()]);
  return ms;
}
