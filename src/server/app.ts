/** The HTTP application: routes, errors, limits. It knows no socket; the program binds one, tests call it. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';

import { fail } from '../core/errors.ts';
import { packageVersion } from '../core/version.ts';
import { withDeadline } from './deadline.ts';
import { docsPage } from './docs-page.ts';
import type { Answer, Engine, ServedModel } from './engine.ts';
import { type AppEnv, envelope, problemResponse } from './envelope.ts';
import { Gate } from './gate.ts';
import { guard } from './guard.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { readBody } from './body.ts';
import { Refusal, refusalOf } from './problem.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestReader } from './request-reader.ts';
import { routes } from './routes.ts';

export interface AppOptions {
  readonly engine: Engine;
  readonly limits: Limits;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** The viewer. */
  readonly page: () => Promise<string>;
  /** Asked for as a bearer token; default: none is. */
  readonly token?: string | undefined;
  /** Origins of pages elsewhere that may ask; default: none. */
  readonly allowOrigins?: readonly string[];
  /** Reads bodies; the program ends its thread. */
  readonly reader?: RequestReader;
  /** Counts the requests under way; the program closes it to end. */
  readonly gate?: Gate;
}

/** The application. */
export function createApp(options: AppOptions): OpenAPIHono<AppEnv> {
  const { engine, limits, log, page } = options;
  const { metrics = createMetrics(), gate = new Gate(), reader = new RequestReader() } = options;
  const queue = new RequestQueue({ engine, limits, metrics });
  const app = new OpenAPIHono<AppEnv>();
  app.use(envelope({ ...options, metrics, gate }), guard(options));
  app.onError((error, c) => problemResponse(error, c, { log, metrics }));
  app.notFound((c) =>
    problemResponse(fail('E_ROUTE', { path: c.req.path.slice(0, 200) }), c, { log, metrics }),
  );

  for (const route of ['extract', 'explain'] as const) {
    app.post(routes[route].path, async (c) =>
      withDeadline(c, limits, async (signal) => {
        const model = readyModel();
        const text = await readBody(c.req.raw, limits, signal);
        const cannotTag = model.card.mentions === null ? model.card.name : undefined;
        const jobs = await reader.read(text, { route, limits, cannotTag });
        const work = c.get('work');
        work.documents = jobs.length;
        work.words = jobs.reduce((sum, { words }) => sum + words, 0);
        const { answers, waited } = await queue.submit(jobs, signal);
        work.queueMs = waited;
        metrics.queueTime.observe(waited / 1000);
        const bodies = answers.map((answer) => bodyOf(answer, c));
        return sendJson(c, route === 'extract' ? results(bodies) : (bodies[0] ?? new Uint8Array(0)));
      }),
    );
  }
  app.get(routes.model.path, (c) => {
    const { card, relations, entityTypes } = readyModel();
    return c.json({ ...card, relations, entityTypes, limits });
  });
  app.get(routes.health.path, (c) => c.json({ status: 'ok' }));
  app.get(routes.ready.path, (c) => {
    const status = gate.draining ? 'draining' : engine.model ? 'ready' : 'loading';
    return c.json({ status }, status === 'ready' ? 200 : 503);
  });
  app.get(routes.metrics.path, async (c) => {
    metrics.active.set(gate.active);
    metrics.ready.set(engine.model && !gate.draining ? 1 : 0);
    return c.body(await metrics.registry.metrics(), 200, { 'Content-Type': metrics.registry.contentType });
  });
  let api: ReturnType<typeof openApi> | undefined;
  app.get(routes.openapi.path, (c) => c.json((api ??= openApi(app))));
  app.get(routes.docs.path, (c) => c.html(docsPage()));
  app.get(routes.viewer.path, async (c) => c.html(await page()));
  for (const route of Object.values(routes)) {
    app.openAPIRegistry.registerPath(route);
    app.all(route.path, (c) => notAllowed(c, route.method));
  }
  return app;

  function readyModel(): ServedModel {
    const reason = gate.draining ? 'it is about to end' : 'the model is not loaded';
    if (engine.model && !gate.draining) return engine.model;
    throw new Refusal(fail('E_UNAVAILABLE', { reason }), { headers: { 'Retry-After': '1' } });
  }
}

/** The OpenAPI document. */
function openApi(app: OpenAPIHono<AppEnv>): ReturnType<OpenAPIHono['getOpenAPI31Document']> {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Relata',
      version: packageVersion(),
      description: 'Entities and relations of texts, by a model that Relata trained.',
    },
  });
}

function notAllowed(c: Context<AppEnv>, method: string): never {
  const allowed = method === 'get' ? 'GET, HEAD' : method.toUpperCase();
  const error = fail('E_METHOD', { method: c.req.method.slice(0, 20), path: c.req.path, allowed });
  throw new Refusal(error, { headers: { Allow: allowed } });
}

/** @throws Refusal what kept the document from an answer */
function bodyOf({ body, failure }: Answer, c: Context<AppEnv>): Uint8Array<ArrayBuffer> {
  if (body) return body;
  throw failure.code === 'E_INTERNAL' ? refusalOf(undefined, c.get('id')) : new Refusal(failure);
}

/** `{"results":[...]}` around JSON that is made already. */
function results(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const comma = encoder.encode(',');
  const parts = bodies.flatMap((body, i) => (i > 0 ? [comma, body] : [body]));
  const whole = [encoder.encode('{"results":['), ...parts, encoder.encode(']}')];
  const bytes = new Uint8Array(whole.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of whole) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const sendJson = (c: Context<AppEnv>, bytes: Uint8Array<ArrayBuffer>): Response =>
  c.body(bytes, 200, { 'Content-Type': 'application/json' });
