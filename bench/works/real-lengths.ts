/** A training step of BERT-base on 8 documents of their real lengths: ours without padding, the peer's padded. */
import { alternate } from '../alternate.ts';
import { realBatches } from '../batches.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';
import { startTraining } from './training-contestants.ts';

const BATCHES = 3;

export async function realLengths({ python, blocks }: Context): Promise<Row[]> {
  const batches = await realBatches({ batches: BATCHES, documents: 8 });
  const { ours, peer } = await startTraining(python, { encoder: 'base', threads: THREADS, batches });
  const sum = { ours: 0, peer: peer ? 0 : null };
  for (let batch = 0; batch < BATCHES; batch++) {
    const ms = await alternate(ours, peer, { blocks, warmUp: 1, request: () => ({ batch }) });
    sum.ours += ms.ours ?? Number.NaN;
    if (sum.peer !== null) sum.peer += ms.peer ?? Number.NaN;
  }
  await Promise.all([ours.end(), peer?.end()]);
  const mean = { ours: sum.ours / BATCHES, peer: sum.peer === null ? null : sum.peer / BATCHES };
  return [toRow('BERT-base training step, 8 documents of real lengths', 'ms', mean, { atLeast: 1.5 })];
}
