/** The body of a request as text, bounded while it is read. */
import { fail } from '../core/errors.ts';
import type { Limits } from './limits.ts';
import { Refusal, tooMuch } from './problem.ts';

/**
 * @param signal - ends the reading; its reason is thrown
 * @throws Refusal `E_LIMIT` (413), `E_MEDIA_TYPE` (415), `E_JSON` (400) for bytes that are not UTF-8
 */
export async function readBody(request: Request, limits: Limits, signal: AbortSignal): Promise<string> {
  checkType(request.headers);
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > limits.bodyBytes) throw tooLong(limits, declared);
  const cancelled = onAbort(signal);
  try {
    // HTTP ends a body where its length was declared to end; one without a length ends where it likes.
    const bytes = /^\d+$/.test(declared ?? '')
      ? new Uint8Array(await Promise.race([request.arrayBuffer(), cancelled.promise]))
      : await bounded(request, limits, cancelled.promise);
    if (bytes.byteLength > limits.bodyBytes) throw tooLong(limits, `${bytes.byteLength}`);
    return decoded(bytes);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    cancelled.forget();
  }
}

async function bounded(request: Request, limits: Limits, cancelled: Promise<never>): Promise<Uint8Array> {
  const reader = (request.body as ReadableStream<Uint8Array> | null)?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = (await (reader && Promise.race([reader.read(), cancelled]))) ?? { done: true };
      if (done) return Buffer.concat(chunks);
      length += value.byteLength;
      if (length > limits.bodyBytes) throw tooLong(limits, `at least ${length}`);
      chunks.push(value);
    }
  } catch (error) {
    reader?.cancel().catch(() => undefined);
    throw error;
  }
}

function checkType(headers: Headers): void {
  const type = headers.get('content-type') ?? '';
  const [name = '', ...parameters] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((part) => part.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset);
  if (name !== 'application/json' || !isUtf8) {
    const found = type === '' ? 'no Content-Type' : `Content-Type: ${type.slice(0, 80)}`;
    throw new Refusal(fail('E_MEDIA_TYPE', { expected: 'a body of application/json', found }));
  }
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    const found = `Content-Encoding: ${encoding.slice(0, 80)}`;
    throw new Refusal(fail('E_MEDIA_TYPE', { expected: 'a body without a content encoding', found }));
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fail('E_JSON', { path: 'the body', reason: 'its bytes are not UTF-8' }, { cause });
  }
}

const tooLong = (limits: Limits, found: string): Refusal =>
  tooMuch('bodyBytes', limits, { what: 'a body', found, status: 413 });

/** A promise that only fails, when the signal comes. */
function onAbort(signal: AbortSignal): { readonly promise: Promise<never>; readonly forget: () => void } {
  let listener = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(signal.reason as Error);
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener, { once: true });
  });
  promise.catch(() => undefined);
  return { promise, forget: () => signal.removeEventListener('abort', listener) };
}
