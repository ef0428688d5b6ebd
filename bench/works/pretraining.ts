/** A pretraining step, masked pieces only through a decoder that is tied: windows of text, so that nothing is padded. */
import { type EncoderSize, shapeOf } from '../../src/models/bert-config.ts';
import { alternate } from '../alternate.ts';
import { VOCABULARY } from '../batches.ts';
import { startOurs, startPeer } from '../contestant.ts';
import { maskedStepOperations, shareOfPeak } from '../floor.ts';
import type { PretrainingSetup } from '../ours/pretraining-step.ts';
import { type Row, toRow } from '../row.ts';
import { profileStep } from '../step-profile.ts';
import { maskedOf, maskedWindows } from '../windows.ts';
import { type Context, FEW_BLOCKS, THREADS } from './context.ts';
import { productPeak } from './matrix-product.ts';
import { mustBeOneModel } from './training-contestants.ts';

/** Of a window: what most of pretraining reads. */
const PIECES = 128;
/** Under the profile, after one that warms up. */
const PROFILED = 2;

interface Size {
  readonly encoder: EncoderSize;
  /** Of a step. */
  readonly windows: number;
  /** The most turns. */
  readonly blocks: number;
  readonly warmUp: number;
}

const sizes: readonly Size[] = [
  { encoder: 'mini', windows: 32, blocks: Number.POSITIVE_INFINITY, warmUp: 2 },
  { encoder: 'base', windows: 16, blocks: FEW_BLOCKS, warmUp: 1 },
];

export async function pretraining(context: Context): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await pretrainingStep(context, size)));
  return rows;
}

async function pretrainingStep(context: Context, size: Size): Promise<Row[]> {
  const { encoder, windows } = size;
  const batch = await maskedWindows({ windows, pieces: PIECES });
  const setup: PretrainingSetup = { encoder, threads: THREADS, batches: [batch] };
  const peak = await productPeak(context);
  const ours = await startOurs('pretraining-step', setup);
  const peer = await startPeer(context.python, 'pretraining_step', { ...setup, vocabulary: VOCABULARY });
  mustBeOneModel(ours, peer);
  const blocks = Math.min(context.blocks, size.blocks);
  const ms = await alternate(ours, peer, { blocks, warmUp: size.warmUp });
  await Promise.all([ours.end(), peer?.end()]);
  const profile = await profileStep('pretraining-step', setup, {
    steps: Math.min(context.blocks, PROFILED),
  });
  const pieces = windows * PIECES;
  const rate = (time: number | null | undefined): number | null => (time ? (1000 * pieces) / time : null);
  const operations = maskedStepOperations(shapeOf(encoder, VOCABULARY), {
    lengths: Array.from({ length: windows }, () => PIECES),
    masked: maskedOf(batch),
  });
  const work = `BERT-${encoder} pretraining step, ${windows} x ${PIECES} pieces`;
  return [
    toRow(`${work}: pieces a second`, '1/s', { ours: rate(ms.ours), peer: rate(ms.peer) }, { atLeast: 1.3 }),
    toRow(`${work}, share of own product peak`, '%', {
      ours: shareOfPeak(operations, { ms: ms.ours, rate: peak.ours }),
      peer: shareOfPeak(operations, { ms: ms.peer, rate: peak.peer }),
    }),
    toRow(`${work}, share of matrix products`, '%', { ours: profile.productShare }),
  ];
}
