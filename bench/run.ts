/** `npm run bench`: all works, or those named, as a table or as JSON. See README.md. */
import { parseArgs } from 'node:util';

import { findPython } from './contestant.ts';
import { BenchModels } from './models.ts';
import { record } from './record.ts';
import { type Row, showRows } from './row.ts';
import type { Context } from './works/context.ts';
import { growth } from './works/growth.ts';
import { loading } from './works/loading.ts';
import { matrixProduct } from './works/matrix-product.ts';
import { pairScores } from './works/pair-scores.ts';
import { prediction } from './works/prediction.ts';
import { pretraining } from './works/pretraining.ts';
import { productShare } from './works/product-share.ts';
import { realLengths } from './works/real-lengths.ts';
import { serve } from './works/serve.ts';
import { start } from './works/start.ts';
import { smallBatchMemory, trainingMemory } from './works/training-memory.ts';
import { originalStep, trainingStep } from './works/training-step.ts';
import { bilstmMemory, bilstmTime, otherWordSystemsTime, rankingTime } from './works/word-systems.ts';
import { wordpiece } from './works/wordpiece.ts';

type Work = (context: Context) => Promise<Row[]>;

/** What a plain run does. */
const targets: Readonly<Record<string, Work>> = {
  product: matrixProduct,
  'real-lengths': realLengths,
  'product-share': productShare,
  pretraining,
  prediction,
  memory: trainingMemory,
  start,
  serve,
  wordpiece,
};
/** By name, or with --all: they take long, or what they show has been reached. */
const others: Readonly<Record<string, Work>> = {
  growth,
  step: trainingStep,
  'small-memory': smallBatchMemory,
  'original-step': originalStep,
  pairs: pairScores,
  loading,
  bilstm: bilstmTime,
  'word-systems': otherWordSystemsTime,
  'bilstm-memory': bilstmMemory,
  ranking: rankingTime,
};
const works = { ...targets, ...others };

/** Of the 1,000 that `prediction` draws from. */
const DOCUMENTS = 64;
/** Of load, in `serve`. */
const SECONDS = 60;

const usage = `npm run bench -- [--json] [--only NAME]... [--all] [--blocks N] [--documents N] [--seconds N] [--record]
  --json         an array of rows on stdout, and nothing else there
  --only NAME    one work, may be given again: ${Object.keys(targets).join(', ')}
                 (these are done without it), ${Object.keys(others).join(', ')}
  --all          every work; more than an hour
  --blocks N     measured turns of each side, default 7; works of long turns take 3 at most
  --documents N  documents a turn of prediction, default ${DOCUMENTS}; 1000 is all of them, once: half an hour
  --seconds N    of load in serve, default ${SECONDS}
  --record       append the table to bench/results.md; growth writes bench/growth.svg`;

interface Chosen {
  readonly json: boolean;
  readonly record: boolean;
  readonly blocks: number;
  readonly documents: number;
  readonly seconds: number;
  readonly names: readonly string[];
}

function readArguments(): Chosen | string {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        all: { type: 'boolean', default: false },
        blocks: { type: 'string', default: '7' },
        documents: { type: 'string', default: String(DOCUMENTS) },
        seconds: { type: 'string', default: String(SECONDS) },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { json, all, only: names = Object.keys(all ? works : targets), record } = values;
    if (values.help) return usage;
    const unknown = names.find((name) => !Object.hasOwn(works, name));
    if (unknown !== undefined) return `no work is called ${unknown}\n${usage}`;
    const [blocks, documents, seconds] = [values.blocks, values.documents, values.seconds].map(Number) as [
      number,
      number,
      number,
    ];
    for (const [name, value] of Object.entries({ blocks, documents, seconds })) {
      if (!Number.isInteger(value) || value < 1) return `--${name} must be a whole number above 0\n${usage}`;
    }
    return { json, record, blocks, documents, seconds, names };
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
const models = new BenchModels();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    models.dispose();
    process.exit(130);
  });
}
const { blocks, documents, seconds } = chosen;
const context: Context = { python, blocks, documents, seconds, models, record: chosen.record };
const rows: Row[] = [];
try {
  for (const name of chosen.names) {
    console.error(`${name} ...`);
    try {
      rows.push(...((await works[name as keyof typeof works]?.(context)) ?? []));
    } catch (error) {
      // What the other works found is not lost.
      console.error(error);
      process.exitCode = 1;
    }
  }
} finally {
  models.dispose();
}
console.log(chosen.json ? JSON.stringify(rows, null, 2) : showRows(rows));
if (chosen.record) record(rows, chosen.blocks);
