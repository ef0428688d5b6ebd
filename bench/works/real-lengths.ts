/** A training step of BERT-base on 8 documents of their real lengths: ours without padding, the peers' padded. */
import { encoderSizes } from '../../src/models/bert-config.ts';
import { median, takeTurns } from '../alternate.ts';
import { realBatches } from '../batches.ts';
import { shareOfPeak, stepOperations } from '../floor.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, FEW_BLOCKS, THREADS } from './context.ts';
import { productPeak } from './matrix-product.ts';
import { startTraining } from './training-contestants.ts';

const BATCHES = 3;

export async function realLengths(context: Context): Promise<Row[]> {
  const { python } = context;
  const blocks = Math.min(context.blocks, FEW_BLOCKS);
  const batches = await realBatches({ batches: BATCHES, documents: 8 });
  const peak = await productPeak(context);
  const setup = { encoder: 'base', threads: THREADS, batches } as const;
  const { ours, peer, second } = await startTraining(python, setup, { bfloat16: true });
  const medians = { ours: [] as number[], peer: [] as number[], second: [] as number[] };
  for (let batch = 0; batch < BATCHES; batch++) {
    // The first batch warms up the code; each of them its shapes, which costs little.
    const warmUp = batch === 0 ? 1 : 0;
    const times = await takeTurns({ ours, peer, second }, { blocks, warmUp, request: () => ({ batch }) });
    for (const name of ['ours', 'peer', 'second'] as const) {
      const middle = median(times[name]);
      if (middle !== null) medians[name].push(middle);
    }
  }
  await Promise.all([ours.end(), peer?.end(), second?.end()]);
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, ms) => sum + ms, 0) / values.length;
  const ms = { ours: mean(medians.ours), peer: mean(medians.peer) };
  const lengths = batches.flatMap((batch) => batch.map(({ sequence }) => sequence.length));
  const operations = stepOperations(encoderSizes.base, lengths) / BATCHES;
  const work = 'BERT-base training step, 8 documents of real lengths';
  return [
    toRow(work, 'ms', ms, { atLeast: 2 }),
    toRow(`${work}, peer bfloat16`, 'ms', { ours: ms.ours, peer: mean(medians.second) }),
    toRow(`${work}, share of own product peak`, '%', {
      ours: shareOfPeak(operations, { ms: ms.ours, rate: peak.ours }),
      peer: shareOfPeak(operations, { ms: ms.peer, rate: peak.peer }),
    }),
  ];
}
