/** The most memory that a process holds which trains BERT-base and does nothing else; and what `--memory low` saves of it. */
import { median, takeTurns } from '../alternate.ts';
import { type BenchDocument, evenBatch } from '../batches.ts';
import { type Contestant, startOurs } from '../contestant.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, FEW_BLOCKS, THREADS } from './context.ts';
import { startTraining } from './training-contestants.ts';

const STEPS = 3;
const common = { encoder: 'base', threads: THREADS } as const;

const batchOf = (documents: number): BenchDocument[] => evenBatch({ documents, pieces: 256, entities: 20 });

/** 4 x 256 pieces. */
export async function smallBatchMemory({ python }: Context): Promise<Row[]> {
  const memory = await peaks(python, batchOf(4));
  return [toRow('BERT-base training, 4 x 256 pieces, peak memory', 'GB', memory, { atMost: 6 })];
}

/** 8 x 256 pieces. */
export async function trainingMemory(context: Context): Promise<Row[]> {
  const memory = await peaks(context.python, batchOf(8));
  const work = 'BERT-base training, 8 x 256 pieces, peak memory (target: 0.8 of the peer)';
  return [toRow(work, 'GB', memory, { atLeast: 1 / 0.8 }), ...(await lowMemory(context))];
}

async function peaks(
  python: string | undefined,
  batch: BenchDocument[],
): Promise<{ ours: number; peer: number | null }> {
  const { ours, peer } = await startTraining(python, { ...common, batches: [batch] });
  return { ours: await peakOf(ours), peer: peer ? await peakOf(peer) : null };
}

async function peakOf(contestant: Contestant): Promise<number> {
  let peak = 0;
  for (let step = 0; step < STEPS; step++) peak = (await contestant.run()).maxRss / 1e9;
  await contestant.end();
  return peak;
}

/** Here the peer's column is our own training without it. */
async function lowMemory({ blocks }: Context): Promise<Row[]> {
  // A step on a few pieces has the process hold all that does not depend on the batch: gradients, moments, code.
  const batches = [batchOf(8), evenBatch({ documents: 1, pieces: 16, entities: 2 })];
  const low = await startOurs('training-step', { ...common, batches, memory: 'low' });
  const normal = await startOurs('training-step', { ...common, batches });
  const activations = async (contestant: Contestant): Promise<number> => {
    const { rss = Number.NaN } = await contestant.run({ batch: 1 });
    return ((await contestant.run({ batch: 0, fromHere: true })).maxRss - rss) / 1e9;
  };
  const memory = { ours: await activations(low), peer: await activations(normal) };
  const times = await takeTurns({ low, normal }, { blocks: Math.min(blocks, FEW_BLOCKS), warmUp: 1 });
  await Promise.all([low.end(), normal.end()]);
  const work = 'BERT-base training with --memory low against without';
  return [
    toRow(`${work}, memory of activations (target: half)`, 'GB', memory, { atLeast: 2 }),
    toRow(
      `${work}, time (target: below 1.35 times)`,
      'ms',
      { ours: median(times.low), peer: median(times.normal) },
      { atLeast: 1 / 1.35 },
    ),
  ];
}
