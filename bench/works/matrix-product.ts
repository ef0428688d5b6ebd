/** The machine's peak for float32 matrix products, as each engine reaches it: the floor of everything else. */
import { alternate } from '../alternate.ts';
import { startOurs, startPeer } from '../contestant.ts';
import { type Measured, type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';

const size = { rows: 2048, inner: 768, columns: 3072 };

/** GFLOP/s of both. */
export async function productPeak({ python, blocks }: Context): Promise<Measured> {
  const setup = { ...size, threads: THREADS, repeat: 10 };
  const ours = await startOurs('matrix-product', setup);
  const peer = await startPeer(python, 'matrix_product', setup);
  const ms = await alternate(ours, peer, { blocks: 2 * blocks });
  await Promise.all([ours.end(), peer?.end()]);
  const operations = 2 * size.rows * size.inner * size.columns;
  const rate = (time: number | null | undefined): number | null => (time ? operations / time / 1e6 : null);
  return { ours: rate(ms.ours), peer: rate(ms.peer) };
}

export async function matrixProduct(context: Context): Promise<Row[]> {
  return [toRow('float32 product 2048 x 768 x 3072', 'GFLOP/s', await productPeak(context))];
}
