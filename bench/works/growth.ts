/** How time and memory of prediction grow with the number of documents, their length and their entities: exported int8 BERT-base. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { median } from '../alternate.ts';
import { startOurs } from '../contestant.ts';
import { writeLines } from '../corpus.ts';
import { exponent } from '../exponent.ts';
import { growthChart, type GrowthSeries, type MeasuredPoint } from '../growth-chart.ts';
import { madeUpDocuments, type MadeUpSize } from '../made-up.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, FEW_BLOCKS, THREADS } from './context.ts';

type What = keyof MadeUpSize;

/** What grows, and what stays as it is meanwhile. */
const series: readonly {
  readonly what: What;
  readonly sizes: readonly number[];
  readonly rest: MadeUpSize;
}[] = [
  { what: 'documents', sizes: [1, 10, 100], rest: { documents: 1, pieces: 240, entities: 20 } },
  {
    what: 'pieces',
    sizes: [64, 128, 256, 512, 1024, 2048],
    rest: { documents: 8, pieces: 256, entities: 10 },
  },
  { what: 'entities', sizes: [2, 5, 10, 20, 40, 80], rest: { documents: 8, pieces: 256, entities: 10 } },
];

export async function growth(context: Context): Promise<Row[]> {
  const found: GrowthSeries[] = [];
  for (const { what, sizes, rest } of series) {
    const points: MeasuredPoint[] = [];
    for (const size of sizes) points.push({ size, ...(await measure(context, { ...rest, [what]: size })) });
    const fixed = (Object.keys(rest) as What[]).filter((name) => name !== what);
    found.push({
      what: what === 'documents' ? what : `${what} a document`,
      fixed: fixed.map((name) => `${rest[name]} ${name}`).join(', '),
      points,
      exponent: exponent(points.map((point) => ({ size: point.size, cost: point.seconds }))),
    });
  }
  if (context.record) writeFileSync(new URL('../growth.svg', import.meta.url), growthChart(found));
  return found.flatMap(({ what, fixed, points, exponent }) => [
    ...points.flatMap(({ size, seconds, memory }) => [
      toRow(`growth, ${what}: ${size} (${fixed}), time`, 's', { ours: seconds }),
      toRow(`growth, ${what}: ${size} (${fixed}), peak memory`, 'GB', { ours: memory }),
    ]),
    toRow(`growth, ${what}: p of time = c size^p`, 'exponent', { ours: exponent }),
  ]);
}

/** In a process of its own, so that its peak is of these documents. */
async function measure({ models, blocks }: Context, size: MadeUpSize): Promise<Omit<MeasuredPoint, 'size'>> {
  const { vocabulary } = await models.corpus();
  const file = join(models.folder, 'growth.jsonl');
  writeLines(file, madeUpDocuments(size, vocabulary));
  const ours = await startOurs('prediction', { folder: await models.exported('int8'), threads: THREADS });
  await ours.run({ file });
  const [times, peaks] = [[] as number[], [] as number[]];
  for (let turn = 0; turn < Math.min(blocks, FEW_BLOCKS); turn++) {
    const { ms, maxRss } = await ours.run({ file });
    times.push(ms / 1000);
    peaks.push(maxRss / 1e9);
  }
  await ours.end();
  return { seconds: median(times) ?? Number.NaN, memory: Math.max(...peaks) };
}
