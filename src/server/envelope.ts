/** What surrounds every request: its id, headers, counts, a line in the log, and problems for errors. */
import { randomUUID } from 'node:crypto';

import type { Context, MiddlewareHandler } from 'hono';

import type { Gate } from './gate.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { problemOf, refusalOf } from './problem.ts';
import { routes } from './routes.ts';

/** What a request is worth telling about. */
export interface Work {
  documents: number;
  words: number;
  /** Time until its first document began, in ms. */
  queueMs: number | undefined;
  /** Code of the problem, if it got one. */
  code: string | undefined;
}

export interface AppEnv {
  Variables: { id: string; work: Work };
}

export interface EnvelopeOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly gate: Gate;
  /** Origins of pages elsewhere that may ask. */
  readonly allowOrigins?: readonly string[];
}

/** Pages are one file each: nothing comes from elsewhere, nothing goes elsewhere. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Ids of requests that are taken over; others are replaced. */
const SAFE_ID = /^[A-Za-z0-9._:-]{1,64}$/;

const knownPaths: ReadonlySet<string> = new Set(Object.values(routes).map(({ path }) => path));
const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Gives every request an id, headers, its counts and a line in the log. */
export function envelope(options: EnvelopeOptions): MiddlewareHandler<AppEnv> {
  const { metrics, gate, log } = options;
  return async (c, next) => {
    const began = performance.now();
    const leave = gate.enter();
    const given = c.req.header('x-request-id') ?? '';
    const id = SAFE_ID.test(given) ? given : randomUUID();
    const work: Work = { documents: 0, words: 0, queueMs: undefined, code: undefined };
    c.set('id', id);
    c.set('work', work);
    try {
      await next();
      setHeaders(c, options, id);
    } finally {
      leave();
    }
    const route = knownPaths.has(c.req.path) ? c.req.path : 'other';
    const { method } = c.req;
    const { status } = c.res;
    const ms = performance.now() - began;
    metrics.requests.inc({ method: knownMethods.has(method) ? method : 'other', route, status });
    metrics.latency.observe({ route }, ms / 1000);
    const { documents, words, queueMs, code } = work;
    const line = {
      id,
      method: method.slice(0, 20),
      route,
      status,
      ms: round(ms),
      ...(documents > 0 && { documents, words }),
      ...(queueMs !== undefined && { queueMs: round(queueMs) }),
      ...(code !== undefined && { code }),
    };
    log.info(line, 'request');
  };
}

/** The problem that an error becomes. */
export function problemResponse(
  error: unknown,
  c: Context<AppEnv>,
  { log, metrics }: Pick<EnvelopeOptions, 'log' | 'metrics'>,
): Response {
  const id = c.get('id');
  const refused = refusalOf(error, id);
  const problem = problemOf(refused, id);
  c.get('work').code = problem.code;
  metrics.rejected.inc({ code: problem.code });
  if (problem.status === 500)
    log.error({ id, stack: error instanceof Error ? error.stack : String(error) }, 'failed');
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'Content-Type': 'application/problem+json', ...refused.headers },
  });
}

function setHeaders(c: Context<AppEnv>, options: EnvelopeOptions, id: string): void {
  const { headers } = c.res;
  const isPage = headers.get('content-type')?.startsWith('text/html') === true;
  headers.set('X-Request-Id', id);
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  headers.set('Content-Security-Policy', isPage ? PAGE_POLICY : DATA_POLICY);
  if (!isPage) headers.set('Cache-Control', 'no-store');
  if (options.gate.draining) headers.set('Connection', 'close');
  const { allowOrigins = [] } = options;
  if (allowOrigins.length === 0) return;
  headers.append('Vary', 'Origin');
  const origin = c.req.header('origin');
  if (origin === undefined || !allowOrigins.includes(origin)) return;
  headers.set('Access-Control-Allow-Origin', origin);
  headers.set('Access-Control-Expose-Headers', 'X-Request-Id, Retry-After');
  headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
}

const round = (ms: number): number => Math.round(ms * 10) / 10;
