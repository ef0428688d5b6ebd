/** BERT-base from documents to facts, exported as float32 and int8, against PyTorch in float32 and bfloat16. */
import { join } from 'node:path';

import { encoderSizes } from '../../src/models/bert-config.ts';
import { median, takeTurns } from '../alternate.ts';
import { VOCABULARY } from '../batches.ts';
import { type Contestant, startOurs, startPeer } from '../contestant.ts';
import { alikeSamples, describeAll, writeLines } from '../corpus.ts';
import { forwardOperations, shareOfPeak } from '../floor.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';
import { integerPeak, productPeak } from './matrix-product.ts';

/** Documents of the turn that does not count. */
const WARM_UP = 8;
/** A turn of the four peers takes two minutes. */
const MOST_TURNS = 2;

export async function prediction(context: Context): Promise<Row[]> {
  const { python, models, documents: size } = context;
  const corpus = await models.corpus();
  const blocks = size < corpus.documents.length ? Math.min(context.blocks, MOST_TURNS) : 1;
  const measured = alikeSamples(corpus, { samples: blocks, size: Math.min(size, corpus.documents.length) });
  const samples = [...measured, ...alikeSamples(corpus, { samples: 1, size: WARM_UP })];
  const described = samples.map((documents) => describeAll(documents, corpus));
  const files = samples.map((documents, i) => {
    const path = join(models.folder, `sample-${i}.jsonl`);
    writeLines(path, documents);
    return path;
  });
  const [folder8, folder32] = [await models.exported('int8'), await models.exported('fp32')];
  const [float32Peak, int8Peak] = [await productPeak(context), await integerPeak(context)];

  const int8 = await startOurs('prediction', { folder: folder8, threads: THREADS });
  const float32 = await startOurs('prediction', { folder: folder32, threads: THREADS });
  const peer = await startPeer(python, 'prediction', {
    threads: THREADS,
    vocabulary: VOCABULARY,
    classes: corpus.relations.size,
    samples: described,
  });
  const as = (form: object): Contestant | undefined =>
    peer && { ...peer, run: async (request = {}) => peer.run({ ...request, ...form }) };
  const times = await takeTurns(
    {
      int8,
      float32,
      peer: as({}),
      bfloat16: as({ bfloat16: true }),
      ordered: as({ byLength: true }),
      orderedBfloat16: as({ bfloat16: true, byLength: true }),
    },
    {
      blocks,
      warmUp: 1,
      request: (turn) => {
        const sample = turn < 0 ? blocks : turn;
        return { sample, file: files[sample] };
      },
    },
  );
  await Promise.all([int8.end(), float32.end(), peer?.end()]);

  const seconds = (values: readonly number[]): number | null => {
    const ms = median(values);
    return ms === null ? null : ms / 1000;
  };
  const what = `prediction, ${samples[0]?.length ?? 0} of ${corpus.documents.length} ${corpus.name}`;
  const [ours8, ours32] = [seconds(times.int8), seconds(times.float32)];
  const lengths = described.map((documents) => documents.map(({ sequence }) => sequence.length));
  const shares = (values: readonly number[], rate: number | null | undefined): number | null =>
    median(
      values.map(
        (ms, i) =>
          shareOfPeak(forwardOperations(encoderSizes.base, lengths[i] ?? []), { ms, rate }) ?? Number.NaN,
      ),
    );
  const row = (name: string, ours: number | null, peer: readonly number[], judged = {}): Row =>
    toRow(`${what}, ${name}`, 's', { ours, peer: seconds(peer) }, judged);
  return [
    row('int8, peer float32', ours8, times.peer, { atLeast: 6 }),
    row('int8, peer bfloat16', ours8, times.bfloat16, { atLeast: 1.2 }),
    row('float32, peer float32', ours32, times.peer, { atLeast: 1.5 }),
    row('int8, peer float32, ordered by length', ours8, times.ordered),
    row('int8, peer bfloat16, ordered by length', ours8, times.orderedBfloat16),
    row('float32, peer float32, ordered by length', ours32, times.ordered),
    toRow('prediction int8, share of own int8 product peak', '%', {
      ours: shares(times.int8, int8Peak.ours),
    }),
    toRow('prediction float32, share of own product peak', '%', {
      ours: shares(times.float32, float32Peak.ours),
      peer: shares(times.peer, float32Peak.peer),
    }),
  ];
}
