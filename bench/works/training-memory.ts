/** The most memory that a process holds which does three steps of BERT-base on 4 x 256 pieces, and nothing else. */
import { evenBatch } from '../batches.ts';
import type { Contestant } from '../contestant.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';
import { startTraining } from './training-contestants.ts';

const STEPS = 3;

export async function trainingMemory({ python }: Context): Promise<Row[]> {
  const batches = [evenBatch({ documents: 4, pieces: 256, entities: 20 })];
  const { ours, peer } = await startTraining(python, { encoder: 'base', threads: THREADS, batches });
  const memory = { ours: await peakOf(ours), peer: peer ? await peakOf(peer) : null };
  return [toRow('BERT-base training, 4 x 256 pieces, peak memory', 'GB', memory, { atMost: 6 })];
}

async function peakOf(contestant: Contestant): Promise<number> {
  let peak = 0;
  for (let step = 0; step < STEPS; step++) peak = (await contestant.run()).maxRss / 1e9;
  await contestant.end();
  return peak;
}
