/** `npm run bench`: all works, or those named, as a table or as JSON. See README.md. */
import { parseArgs } from 'node:util';

import { findPython } from './contestant.ts';
import { record } from './record.ts';
import { type Row, showRows } from './row.ts';
import type { Context } from './works/context.ts';
import { loading } from './works/loading.ts';
import { matrixProduct } from './works/matrix-product.ts';
import { pairScores } from './works/pair-scores.ts';
import { realLengths } from './works/real-lengths.ts';
import { trainingMemory } from './works/training-memory.ts';
import { originalStep, trainingStep } from './works/training-step.ts';
import { bilstmMemory, bilstmTime, otherWordSystemsTime, rankingTime } from './works/word-systems.ts';

const works: Readonly<Record<string, (context: Context) => Promise<Row[]>>> = {
  product: matrixProduct,
  step: trainingStep,
  memory: trainingMemory,
  'real-lengths': realLengths,
  'original-step': originalStep,
  pairs: pairScores,
  loading,
  bilstm: bilstmTime,
  'word-systems': otherWordSystemsTime,
  'bilstm-memory': bilstmMemory,
  ranking: rankingTime,
};

const usage = `npm run bench -- [--json] [--only NAME]... [--blocks N] [--record]
  --json       an array of rows on stdout, and nothing else there
  --only NAME  one work, may be given again: ${Object.keys(works).join(', ')}
  --blocks N   measured turns of each side, default 7
  --record     append the table to bench/results.md`;

function readArguments(): { json: boolean; record: boolean; blocks: number; names: string[] } | string {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        blocks: { type: 'string', default: '7' },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { json, only: names = Object.keys(works), record } = values;
    const blocks = Number(values.blocks);
    if (values.help) return usage;
    const unknown = names.find((name) => !Object.hasOwn(works, name));
    if (unknown !== undefined) return `no work is called ${unknown}\n${usage}`;
    if (!Number.isInteger(blocks) || blocks < 1) return `--blocks must be a whole number above 0\n${usage}`;
    return { json, record, blocks, names };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

const chosen = readArguments();
if (typeof chosen === 'string') {
  console.error(chosen);
  process.exit(chosen === usage ? 0 : 2);
}
const python = findPython();
if (python === undefined) {
  console.error(`No Python with PyTorch found: the peer's column stays empty, and what is judged by it has no verdict.
On Debian: apt install python3-torch libopenblas0-pthread`);
}
const rows: Row[] = [];
for (const name of chosen.names) {
  console.error(`${name} ...`);
  rows.push(...((await works[name]?.({ python, blocks: chosen.blocks })) ?? []));
}
console.log(chosen.json ? JSON.stringify(rows, null, 2) : showRows(rows));
if (chosen.record) record(rows, chosen.blocks);
