/** Who may ask: the token, and pages of other origins. */
import type { Context, MiddlewareHandler } from 'hono';

import { fail } from '../core/errors.ts';
import type { AppEnv } from './envelope.ts';
import { Refusal } from './problem.ts';
import { openPaths, routes } from './routes.ts';
import { holdsToken } from './token.ts';

export interface GuardOptions {
  readonly token?: string | undefined;
  readonly allowOrigins?: readonly string[];
}

/** Answers what browsers ask beforehand, and lets nobody by who lacks the token. @throws Refusal `E_TOKEN` */
export function guard(options: GuardOptions): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method === 'OPTIONS') return preflight(c, options);
    if (options.token !== undefined && !openPaths.has(c.req.path))
      mustHold(c.req.header('authorization'), options.token);
    return next();
  };
}

function mustHold(header: string | undefined, token: string): void {
  if (holdsToken(header, token)) return;
  const found = header === undefined ? 'no Authorization header' : 'another one';
  throw new Refusal(fail('E_TOKEN', { found }), { headers: { 'WWW-Authenticate': 'Bearer realm="relata"' } });
}

/** What a browser asks before a page of another origin may. */
function preflight(c: Context<AppEnv>, { allowOrigins = [] }: GuardOptions): Response {
  const route = Object.values(routes).find(({ path }) => path === c.req.path);
  if (!route) throw fail('E_ROUTE', { path: c.req.path.slice(0, 200) });
  const methods = route.method === 'get' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS';
  const headers: Record<string, string> = { Allow: methods };
  if (allowOrigins.includes(c.req.header('origin') ?? '')) {
    headers['Access-Control-Allow-Methods'] = methods;
    headers['Access-Control-Allow-Headers'] = 'Authorization, Content-Type, X-Request-Id';
    headers['Access-Control-Max-Age'] = '600';
  }
  return new Response(null, { status: 204, headers });
}
