/** The word-level systems over DocRED's training part: time of a pass against `nn.LSTM` and `nn.Bilinear`, and memory. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { systemLabels, type WordSystem, wordSystems } from '../../src/models/systems.ts';
import { alternate } from '../alternate.ts';
import { hasDocred, trainFile } from '../batches.ts';
import { startOurs, startPeer } from '../contestant.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';

const shared = (path: string): string =>
  fileURLToPath(new URL(`../../../shared/data/docred/${path}`, import.meta.url));
const relations = shared('rel2id.json');
const testFile = shared('test.json');

/** Documents of an epoch. An epoch of the peer with `nn.Bilinear` takes a quarter of an hour, so a pass is one batch of it. */
const EPOCH = 847;
const BATCH = 20;
const MOST_BLOCKS = 3;

export async function bilstmTime(context: Context): Promise<Row[]> {
  if (!hasDocred) return [];
  return [
    await pass(context, { system: 'bilstm', documents: BATCH, factored: false }),
    await pass(context, { system: 'bilstm', documents: EPOCH, factored: true }),
  ];
}

export async function otherWordSystemsTime(context: Context): Promise<Row[]> {
  if (!hasDocred) return [];
  const rows: Row[] = [];
  for (const system of wordSystems.filter((name) => name !== 'bilstm'))
    rows.push(await pass(context, { system, documents: BATCH, factored: false }));
  return rows;
}

interface Pass {
  readonly system: WordSystem;
  readonly documents: number;
  /** Whether the peer scores pairs our way; such a row only reports. */
  readonly factored: boolean;
}

async function pass({ python, blocks }: Context, { system, documents, factored }: Pass): Promise<Row> {
  const setup = { system, train: trainFile, relations, documents, factored, batch: BATCH, threads: THREADS };
  const ours = await startOurs('word-epoch', setup);
  const peer = await startPeer(python, 'word_epoch', setup);
  mustAgree(system, ours.ready['parameters'], peer?.ready['parameters']);
  // A pass of `nn.Bilinear` takes half a minute or more: what the first one costs besides does not show.
  const schedule = { blocks: Math.min(blocks, MOST_BLOCKS), warmUp: factored ? 1 : 0 };
  if (!factored) await ours.run();
  const { ours: own, peer: other } = await alternate(ours, peer, schedule);
  await Promise.all([ours.end(), peer?.end()]);
  const seconds = (ms: number | null | undefined): number | null =>
    ms === null || ms === undefined ? null : ms / 1000;
  const what = factored
    ? 'an epoch, the peer with factored scores'
    : `training on one batch of ${BATCH} documents (an epoch has ${EPOCH})`;
  return toRow(
    `${systemLabels[system]}, ${what}`,
    's',
    { ours: seconds(own), peer: seconds(other) },
    factored ? {} : { atLeast: system === 'bilstm' ? 4 : 3 },
  );
}

/** Sizes differ only by what has no effect: the original's dead vector in Context-Aware. */
function mustAgree(system: WordSystem, own = 0, other = own): void {
  const dead = system === 'context-aware' ? 128 : 0;
  if (own !== other && own + dead !== other)
    throw new Error(`${system}: ${own} parameters here, ${other} in the peer`);
}

export async function bilstmMemory(): Promise<Row[]> {
  if (!hasDocred) return [];
  const ours = await startOurs('word-epoch', {
    system: 'bilstm',
    train: trainFile,
    relations,
    documents: EPOCH,
    batch: 40,
    threads: THREADS,
  });
  const { maxRss } = await ours.run();
  await ours.end();
  return [toRow('BiLSTM, batches of 40 documents, peak memory', 'GB', { ours: maxRss / 1e9 }, { atMost: 2 })];
}

export async function rankingTime(): Promise<Row[]> {
  if (!existsSync(testFile)) return [];
  const ours = await startOurs('ranking', { documents: testFile, relations });
  const { ms, maxRss, facts = 0 } = await ours.run();
  await ours.end();
  const what = `${(facts / 1e6).toFixed(1)} million facts of 1,000 documents ranked and measured`;
  return [
    toRow(what, 's', { ours: ms / 1000 }, { atMost: 30 }),
    toRow(`${what}, peak memory`, 'GB', { ours: maxRss / 1e9 }, { atMost: 2 }),
  ];
}
