/** How long a request may take: until its time is up, or its client is gone. */
import type { Context } from 'hono';

import { fail } from '../core/errors.ts';
import type { AppEnv } from './envelope.ts';
import type { Limits } from './limits.ts';

/** Nobody reads it: the client has gone. The number is nginx's. */
const CLIENT_GONE = 499;

class ClientGone extends Error {}

/**
 * Runs `work` with a signal that ends it.
 *
 * @throws RelataError `E_TIMEOUT`; what `work` throws
 */
export async function withDeadline(
  c: Context<AppEnv>,
  { seconds }: Limits,
  work: (signal: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const controller = new AbortController();
  const gone = c.req.raw.signal;
  const leave = (): void => controller.abort(new ClientGone('the client has gone'));
  const timer = setTimeout(() => controller.abort(fail('E_TIMEOUT', { seconds })), seconds * 1000);
  gone.addEventListener('abort', leave, { once: true });
  if (gone.aborted) leave();
  try {
    return await work(controller.signal);
  } catch (error) {
    if (error instanceof ClientGone || gone.aborted) return new Response(null, { status: CLIENT_GONE });
    throw error;
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', leave);
  }
}
