/** The machine's peaks: matrix products, as each engine reaches them, and bytes moved. They are the floor of everything else. */
import { alternate, takeTurns, median } from '../alternate.ts';
import { startOurs, startPeer } from '../contestant.ts';
import { type Measured, type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';

const size = { rows: 2048, inner: 768, columns: 3072 };
const OPERATIONS = 2 * size.rows * size.inner * size.columns;

/** Bytes that a thread copies at once. */
const COPIED = 256e6;

/** Several works are measured by the peaks, which are taken once a run. */
const taken = new WeakMap<Context, Peaks>();

interface Peaks {
  float32?: Promise<Measured>;
  int8?: Promise<Measured>;
  memory?: Promise<number | null>;
}

/** GFLOP/s of both, float32. */
export async function productPeak(context: Context): Promise<Measured> {
  const own = peaksOf(context);
  own.float32 ??= measured(context, 'float32');
  return own.float32;
}

/** Billions of operations a second: weights of 8 bits, activations quantised as they come. PyTorch 1.13 has no such product. */
export async function integerPeak(context: Context): Promise<Measured> {
  const own = peaksOf(context);
  own.int8 ??= measured({ ...context, python: undefined }, 'int8');
  return own.int8;
}

/** GB read and written in a second, when both threads copy. */
export async function memoryPeak(context: Context): Promise<number | null> {
  const own = peaksOf(context);
  own.memory ??= copied(context);
  return own.memory;
}

async function copied({ blocks }: Context): Promise<number | null> {
  const ours = await startOurs('memory-copy', { threads: THREADS, bytes: COPIED });
  const times = await takeTurns({ ours }, { blocks: 2 * blocks });
  await ours.end();
  const ms = median(times.ours);
  return ms === null ? null : (2 * THREADS * COPIED) / ms / 1e6;
}

function peaksOf(context: Context): Peaks {
  const own = taken.get(context) ?? {};
  taken.set(context, own);
  return own;
}

async function measured({ python, blocks }: Context, precision: 'float32' | 'int8'): Promise<Measured> {
  const setup = { ...size, threads: THREADS, repeat: 10, precision };
  const ours = await startOurs('matrix-product', setup);
  const peer = await startPeer(python, 'matrix_product', setup);
  const ms = await alternate(ours, peer, { blocks: 2 * blocks });
  await Promise.all([ours.end(), peer?.end()]);
  const rate = (time: number | null | undefined): number | null => (time ? OPERATIONS / time / 1e6 : null);
  return { ours: rate(ms.ours), peer: rate(ms.peer) };
}

export async function matrixProduct(context: Context): Promise<Row[]> {
  const shape = Object.values(size).join(' x ');
  return [
    toRow(`float32 product ${shape}`, 'GFLOP/s', await productPeak(context)),
    toRow(`int8 product ${shape}`, 'GFLOP/s', await integerPeak(context)),
    toRow('memory, read and written by copies', 'GB/s', { ours: await memoryPeak(context) }),
  ];
}
