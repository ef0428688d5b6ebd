/** Scores of all pairs from entity vectors, 20 entities and 380 pairs a document: one document, and eight at once. */
import { alternate } from '../alternate.ts';
import { CLASSES, evenBatch } from '../batches.ts';
import { startOurs, startPeer } from '../contestant.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';

export async function pairScores(context: Context): Promise<Row[]> {
  return [await scoring(context, 1), await scoring(context, 8)];
}

async function scoring({ python, blocks }: Context, documents: number): Promise<Row> {
  const batch = evenBatch({ documents, pieces: 256, entities: 20 });
  const setup = { threads: THREADS, batch, repeat: Math.ceil(40 / documents) };
  const ours = await startOurs('pair-scores', setup);
  const peer = await startPeer(python, 'pair_scores', {
    ...setup,
    classes: CLASSES,
    repeat: Math.ceil(4 / documents),
  });
  const ms = await alternate(ours, peer, { blocks: 2 * blocks });
  await Promise.all([ours.end(), peer?.end()]);
  const name = documents === 1 ? 'one document' : `${documents} documents at once`;
  return toRow(`scores of all pairs, ${name}`, 'ms', ms, { atLeast: 5 });
}
