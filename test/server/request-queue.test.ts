import { describe, expect, test } from 'vitest';

import type { Answer, Job } from '../../src/server/engine.ts';
import { defaultLimits, type Limits } from '../../src/server/limits.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { Refusal } from '../../src/server/problem.ts';
import { RequestQueue } from '../../src/server/request-queue.ts';
import { type Echo, FakeEngine, fakeApp, problemIn, turn } from './fake-engine.ts';

const job = (title: string, words = 100): Job => ({
  kind: 'extract',
  payload: JSON.stringify({ kind: 'text', title, text: title }),
  words,
});

function newQueue(limits: Partial<Limits> = {}): { engine: FakeEngine; queue: RequestQueue } {
  const engine = new FakeEngine({ holds: true });
  const queue = new RequestQueue({
    engine,
    limits: { ...defaultLimits, ...limits },
    metrics: createMetrics(),
  });
  return { engine, queue };
}

const never = new AbortController().signal;
const titles = (answers: readonly Answer[]): string[] =>
  answers.map(({ body }) => (JSON.parse(new TextDecoder().decode(body)) as Echo).title);

describe('batches', () => {
  test('are shared by requests, two at a time', async () => {
    const { engine, queue } = newQueue();
    const first = queue.submit([job('a')], never);
    await turn();
    const rest = ['b', 'c', 'd'].map(async (title) => queue.submit([job(title)], never));
    await turn();
    const last = queue.submit([job('e')], never);
    await turn();
    expect(engine.batches).toEqual([['a'], ['b', 'c', 'd']]);
    engine.release();
    expect(titles((await first).answers)).toEqual(['a']);
    await engine.releaseAll();
    expect(engine.batches.at(-1)).toEqual(['e']);
    expect((await Promise.all(rest)).flatMap(({ answers }) => titles(answers))).toEqual(['b', 'c', 'd']);
    expect(titles((await last).answers)).toEqual(['e']);
  });

  test('take turns, so that a large request does not hold up small ones', async () => {
    const { engine, queue } = newQueue();
    // 2,048 words to a batch: two of these documents.
    const large = Array.from({ length: 8 }, (_, i) => job(`large ${i}`, 1500));
    const other = Array.from({ length: 8 }, (_, i) => job(`other ${i}`, 1500));
    const all = [queue.submit(large, never), queue.submit(other, never), queue.submit([job('small')], never)];
    await turn();
    expect(engine.batches).toEqual([
      ['large 0', 'other 0'],
      ['small', 'large 1', 'other 1'],
    ]);
    await engine.releaseAll();
    const answered = await Promise.all(all);
    expect(answered.map(({ answers }) => titles(answers))).toEqual([
      large.map((_, i) => `large ${i}`),
      other.map((_, i) => `other ${i}`),
      ['small'],
    ]);
  });
});

describe('room', () => {
  test('ends at a number of requests, and of words', async () => {
    const { queue } = newQueue({ waitingRequests: 2, waitingWords: 10_000 });
    const fill = async (): Promise<void> => {
      void queue.submit([job('runs', 3000)], never);
      await turn();
    };
    await fill();
    await fill();
    void queue.submit([job('waits', 6000)], never);
    await expect(queue.submit([job('too much', 6000)], never)).rejects.toMatchObject({
      failure: { code: 'E_BUSY' },
    });
    void queue.submit([job('fits', 4000)], never);
    await expect(queue.submit([job('third', 1)], never)).rejects.toBeInstanceOf(Refusal);
    expect(queue.retryAfter()).toBeGreaterThanOrEqual(1);
    expect(queue.retryAfter()).toBeLessThanOrEqual(60);
  });

  test('is there for one request of any size', async () => {
    const { engine, queue } = newQueue({ waitingWords: 10 });
    const answered = queue.submit([job('large', 5000)], never);
    await turn();
    await engine.releaseAll();
    expect(titles((await answered).answers)).toEqual(['large']);
  });

  test('comes back when a request is taken back, whose jobs never begin', async () => {
    const { engine, queue } = newQueue({ waitingRequests: 1 });
    const running: Promise<unknown>[] = [];
    for (const title of ['runs', 'runs too']) {
      running.push(queue.submit([job(title, 3000)], never));
      await turn();
    }
    const controller = new AbortController();
    const waiting = queue.submit([job('dropped'), job('dropped too')], controller.signal);
    await expect(queue.submit([job('no room')], never)).rejects.toBeInstanceOf(Refusal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    const next = queue.submit([job('next')], never);
    await engine.releaseAll();
    await Promise.all([...running, next]);
    expect(engine.batches.flat()).not.toContain('dropped');
    expect(engine.batches.flat()).toContain('next');
  });
});

test('a lost engine ends what it had and what waits, and the next one serves again', async () => {
  const { engine, queue } = newQueue();
  const running = [queue.submit([job('a', 5000)], never)];
  await turn();
  running.push(queue.submit([job('b', 5000)], never));
  await turn();
  running.push(queue.submit([job('waits')], never));
  await turn();
  const outcomes = Promise.allSettled(running);
  engine.lose();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: { status: 503, failure: { code: 'E_UNAVAILABLE' } },
    });
  await expect(queue.submit([job('c')], never)).rejects.toMatchObject({ status: 503 });
  engine.restore();
  const again = queue.submit([job('d')], never);
  await turn();
  await engine.releaseAll();
  expect(titles((await again).answers)).toEqual(['d']);
});

describe('over HTTP', () => {
  test('a full queue is 503 with Retry-After, in whole seconds', async () => {
    const { engine, post } = fakeApp({ holds: true, limits: { waitingRequests: 1 } });
    const accepted: Promise<Response>[] = [];
    for (const text of ['東'.repeat(3000), '東'.repeat(3000), 'waits']) {
      accepted.push(post('/v1/extract', { text }));
      for (let i = 0; i < 3; i++) await turn();
    }
    const refused = await post('/v1/extract', { text: 'no room' });
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await problemIn(refused)).toMatchObject({ status: 503, code: 'E_BUSY' });
    await engine.releaseAll();
    expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('a request that takes too long is 504', async () => {
    const { engine, post } = fakeApp({ holds: true, limits: { seconds: 0.05 } });
    expect(await problemIn(await post('/v1/extract', { text: 'x' }))).toMatchObject({
      status: 504,
      code: 'E_TIMEOUT',
    });
    await engine.releaseAll();
  });

  test('a body that never ends is 504 too', async () => {
    const { app } = fakeApp({ limits: { seconds: 0.05 } });
    const response = await app.request('/v1/extract', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"te')),
      }),
      duplex: 'half',
    } as RequestInit);
    expect(await problemIn(response)).toMatchObject({ status: 504, code: 'E_TIMEOUT' });
  });

  test('each of many requests gets its own answers, in its own order', async () => {
    const { post } = fakeApp();
    const requests = Array.from({ length: 60 }, async (_, r) => {
      const texts = Array.from({ length: 1 + (r % 7) }, (__, i) => ({
        title: `${r}/${i}`,
        text: `request ${r} text ${i} ${'x '.repeat((r * 37) % 400)}`,
      }));
      const response = await post(
        '/v1/extract',
        { texts, theta: (r % 5) / 10 },
        { 'X-Request-Id': `id-${r}` },
      );
      expect(response.headers.get('x-request-id')).toBe(`id-${r}`);
      const { results } = (await response.json()) as { results: Echo[] };
      expect(results.map(({ title, source, theta }) => ({ title, text: source.text, theta }))).toEqual(
        texts.map(({ title, text }) => ({ title, text, theta: (r % 5) / 10 })),
      );
    });
    await Promise.all(requests);
    expect(requests.length).toBe(60);
  });
});
