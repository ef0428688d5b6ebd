/** `relata serve` under load: an exported mini BERT in 8 bits, 64 connections, and `relata predict` on the same documents. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { median } from '../alternate.ts';
import { type Answer, startOurs } from '../contestant.ts';
import { alikeSamples, writeLines } from '../corpus.ts';
import { BenchModels } from '../models.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';

const CONNECTIONS = 64;
/** Documents that are asked for, over and over. */
const DOCUMENTS = 500;
/** The load comes in so many parts, with a prediction before each. */
const PARTS = 3;
/** Between two looks at /healthz, in ms. */
const LOOK = 100;

const repository = fileURLToPath(new URL('../..', import.meta.url));

export async function serve({ seconds }: Context): Promise<Row[]> {
  const models = new BenchModels('mini');
  const server = new Server();
  try {
    const corpus = await models.corpus();
    const folder = await models.exported('int8');
    const file = join(models.folder, 'asked.jsonl');
    writeLines(file, alikeSamples(corpus, { samples: 1, size: DOCUMENTS })[0] ?? []);
    const url = await server.start(folder);
    const prediction = await startOurs('prediction', { folder, threads: THREADS });
    const load = await startOurs('load', { url, folder, file, connections: CONNECTIONS });
    // Neither side's first turn counts: code is compiled, the server learns how much a batch may hold.
    await prediction.run({ file });
    await load.run({ seconds: Math.min(5, seconds) });
    const memory = [await server.memory()];
    const parts: Answer[] = [];
    const rates: number[] = [];
    const health: number[] = [];
    for (let part = 0; part < PARTS; part++) {
      const { ms, documents = Number.NaN } = await prediction.run({ file });
      rates.push((1000 * documents) / ms);
      const looking = watch(`${url}/healthz`);
      parts.push(await load.run({ seconds: seconds / PARTS }));
      health.push(...(await looking.end()));
      memory.push(await server.memory());
    }
    await Promise.all([prediction.end(), load.end()]);
    const status = await server.end();
    return rowsOf({ parts, rates, health, memory, status, seconds, name: corpus.name });
  } finally {
    server.kill();
    models.dispose();
  }
}

interface Found {
  readonly parts: readonly Answer[];
  /** Documents a second of prediction. */
  readonly rates: readonly number[];
  /** Times of /healthz under load, in ms. */
  readonly health: readonly number[];
  /** Resident memory before the load and after each part, in bytes. */
  readonly memory: readonly number[];
  /** Exit status of the server after SIGTERM. */
  readonly status: number | null;
  readonly seconds: number;
  readonly name: string;
}

function rowsOf({ parts, rates, health, memory, status, seconds, name }: Found): Row[] {
  const work = `serve, mini BERT int8, ${CONNECTIONS} connections, ${seconds} s of ${name}`;
  const sum = (key: string): number => parts.reduce((total, part) => total + (part[key] ?? 0), 0);
  const middle = (key: string): number | null => median(parts.map((part) => part[key] ?? Number.NaN));
  const perSecond = parts.map((part) => (1000 * (part['answers'] ?? 0)) / part.ms);
  const [first = Number.NaN, ...later] = memory;
  const gigabytes = (bytes: number | undefined): number => (bytes ?? Number.NaN) / 1e9;
  const last = later.at(-1) ?? Number.NaN;
  const quick = health.toSorted((a, b) => a - b);
  return [
    toRow(
      `${work}: documents a second, peer relata predict`,
      '1/s',
      { ours: median(perSecond), peer: median(rates) },
      { atLeast: 0.9 },
    ),
    toRow(`${work}: answers`, 'count', { ours: sum('answers') }),
    toRow(`${work}: refused with 503`, 'count', { ours: sum('busy') }),
    toRow(`${work}: other failures`, 'count', { ours: sum('failed') }, { atMost: 0 }),
    toRow(`${work}: lost or swapped answers`, 'count', { ours: sum('wrong') }, { atMost: 0 }),
    toRow(
      `${work}: longest answer of /healthz, of ${health.length}`,
      'ms',
      { ours: quick.at(-1) ?? null },
      { atMost: 50 },
    ),
    toRow(`${work}: median answer of /healthz`, 'ms', { ours: median(health) }),
    toRow(`${work}: p50`, 'ms', { ours: middle('p50') }),
    toRow(`${work}: p95`, 'ms', { ours: middle('p95') }),
    toRow(`${work}: p99`, 'ms', { ours: middle('p99') }),
    toRow(`${work}: memory before`, 'GB', { ours: gigabytes(first) }),
    toRow(`${work}: memory in the middle`, 'GB', { ours: gigabytes(later[Math.floor(PARTS / 2)]) }),
    toRow(`${work}: memory at the end`, 'GB', { ours: gigabytes(last) }),
    toRow(`${work}: exit status after SIGTERM`, 'count', { ours: status }, { atMost: 0 }),
  ];
}

/** `relata serve` as a person starts it. */
class Server {
  #child: ChildProcess | undefined;
  #url = '';

  /** @returns its address, once the model is loaded */
  async start(model: string): Promise<string> {
    const command = ['serve', '--model', model, '--port', '0', '--threads', `${THREADS}`];
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...command], {
      cwd: repository,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr });
    this.#url = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        const [, url] = /^(http:\S+) serves /.exec(line) ?? [];
        if (url === undefined && said.length < 20) said.push(line);
        if (url !== undefined) resolve(url);
      });
      child.once('exit', () => reject(new Error(`relata serve has ended: ${said.join('\n')}`)));
    });
    return this.#url;
  }

  /** Resident, in bytes. */
  async memory(): Promise<number> {
    const metrics = await (await fetch(`${this.#url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
  }

  /** @returns its exit status */
  async end(): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    const [status] = (await exit) as [number | null];
    this.#child = undefined;
    return status;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }
}

/** Asks for a page again and again, on a connection of its own each time. */
function watch(url: string): { readonly end: () => Promise<number[]> } {
  const times: number[] = [];
  const pending = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const look = timeOf(url).then((ms) => {
      times.push(ms);
      pending.delete(look);
    });
    pending.add(look);
  }, LOOK);
  return {
    end: async () => {
      clearInterval(timer);
      await Promise.all(pending);
      return times;
    },
  };
}

/** Until the last byte, in ms; not a number if there is no answer. */
async function timeOf(url: string): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? performance.now() - began : Number.NaN));
    }).on('error', () => resolve(Number.NaN));
  });
}
