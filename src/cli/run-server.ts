/** What `relata serve` does once its options are read. */
import pino from 'pino';

import { viewerPage } from '../prediction/viewer-page.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { createApp } from '../server/app.ts';
import { Gate } from '../server/gate.ts';
import type { Limits } from '../server/limits.ts';
import { listen } from '../server/listen.ts';
import { createMetrics } from '../server/metrics.ts';
import { Refusal } from '../server/problem.ts';
import { RequestReader } from '../server/request-reader.ts';
import { readToken } from '../server/token.ts';
import { WorkerEngine } from '../server/worker-engine.ts';

export interface ServerOptions extends Required<Pick<SessionOptions, 'device' | 'threads'>> {
  readonly model: string;
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string | undefined;
  readonly allowOrigin?: readonly string[] | undefined;
  readonly logLevel: string;
  readonly batchPieces?: number | undefined;
  readonly limits: Limits;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** Serves until a signal comes, and finishes what it has accepted by then. */
export async function runServer(options: ServerOptions): Promise<void> {
  const { model, host, port, limits } = options;
  const token = options.tokenFile === undefined ? undefined : readToken(options.tokenFile);
  const log = pino({ level: options.logLevel }, pino.destination({ dest: 2, sync: false }));
  if (token === undefined && !LOOPBACK.test(host))
    log.warn({ host }, 'reachable from elsewhere without a token');
  const metrics = createMetrics({ process: true });
  const gate = new Gate();
  const reader = new RequestReader();
  const engine = startEngine(options, () => metrics.restarts.inc(), log);
  const app = createApp({
    engine,
    limits,
    log,
    metrics,
    gate,
    reader,
    token,
    page: viewerPage,
    allowOrigins: options.allowOrigin ?? [],
  });
  const server = await listen(app, { host, port, limits, gate }).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  log.info({ url: server.url, model }, 'listening');
  const signal = firstSignal();
  const isOpen = await Promise.race([engine.opened.then(() => true, refused), signal.then(() => false)]);
  if (isOpen) {
    log.info({ model: engine.model?.card }, 'ready');
    process.stderr.write(`${server.url} serves ${engine.model?.card.name ?? model}; Ctrl-C ends it\n`);
    await signal;
  }
  log.info({ active: gate.active }, 'ending');
  await server.drain();
  await Promise.all([engine.close(), reader.end()]);
  log.info({}, 'ended');
}

function startEngine(
  { model: folder, device, threads, batchPieces, limits }: ServerOptions,
  onRestart: () => void,
  log: pino.Logger,
): WorkerEngine {
  const data = { folder, engine: { device, threads }, batchPieces, maxFacts: limits.facts };
  return new WorkerEngine(data, { log, onRestart });
}

/** Says why there is no model, as every command says it. */
function refused(error: unknown): false {
  if (!(error instanceof Refusal)) throw error;
  const { code, message, help, exit } = error.failure;
  process.stderr.write(`${code}: ${message}\n${help}\n`);
  process.exitCode = exit;
  return false;
}

/** Settled by the first SIGINT or SIGTERM. The second one ends the process at once, as if nobody listened. */
async function firstSignal(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  return new Promise((resolve) => {
    const listener = (): void => {
      for (const signal of signals) process.off(signal, listener);
      resolve();
    };
    for (const signal of signals) process.on(signal, listener);
  });
}
