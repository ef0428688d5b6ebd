/** BERT-base: forward, backward and update on 4 x 256 pieces, and what share of the floor that is. */
import { encoderSizes } from '../../src/models/bert-config.ts';
import { alternate } from '../alternate.ts';
import { evenBatch } from '../batches.ts';
import { shareOfPeak, stepOperations } from '../floor.ts';
import { type Measured, type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';
import { productPeak } from './matrix-product.ts';
import { startTraining } from './training-contestants.ts';

const size = { documents: 4, pieces: 256, entities: 20 };
const operations = stepOperations(
  encoderSizes.base,
  Array.from({ length: size.documents }, () => size.pieces),
);

export async function trainingStep(context: Context): Promise<Row[]> {
  const peak = await productPeak(context);
  const ms = await stepTimes(context, true);
  return [
    toRow('BERT-base training step, 4 x 256 pieces', 'ms', ms, { atLeast: 1 }),
    toRow('BERT-base training step, share of own product peak', '%', {
      ours: shareOfPeak(operations, { ms: ms.ours, rate: peak.ours }),
      peer: shareOfPeak(operations, { ms: ms.peer, rate: peak.peer }),
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
