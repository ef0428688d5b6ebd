import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { afterEach, describe, expect, test } from 'vitest';

import { Gate } from '../../src/server/gate.ts';
import { defaultLimits, type Limits } from '../../src/server/limits.ts';
import { listen } from '../../src/server/listen.ts';
import { fakeApp, turn } from './fake-engine.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function served(limits: Partial<Limits> = {}) {
  const gate = new Gate();
  const fake = fakeApp({ holds: true, gate, limits });
  const listening = await listen(fake.app, {
    host: '127.0.0.1',
    port: 0,
    limits: { ...defaultLimits, ...limits },
    gate,
  });
  let ended: Promise<void> | undefined;
  const drain = async (): Promise<void> => (ended ??= listening.drain());
  ends.push(async () => {
    const done = drain();
    await fake.engine.releaseAll();
    await done;
  });
  return { ...fake, gate, url: listening.url, drain };
}

const post = async (url: string, body: object, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/v1/extract`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });

async function socketTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

describe('a socket', () => {
  test('answers, and counts', async () => {
    const { url } = await served();
    const response = await fetch(`${url}/healthz`);
    expect(await response.json()).toEqual({ status: 'ok' });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('answers HTTP/1.0 without a Host, as health checks ask', async () => {
    const { url } = await served();
    const socket = await socketTo(url);
    socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    let said = '';
    for await (const part of socket) said += String(part);
    expect(said).toMatch(/^HTTP\/1\.1 200 [^]*\{"status":"ok"\}$/);
  });

  test('drops the work of a client that has gone', async () => {
    const { url, engine, lines } = await served();
    const running = [post(url, { text: 'word '.repeat(3000) })];
    while (engine.batches.length < 1) await turn();
    running.push(post(url, { text: 'word '.repeat(3000) }));
    while (engine.batches.length < 2) await turn();
    const controller = new AbortController();
    const gone = post(url, { title: 'gone', text: 'x' }, { signal: controller.signal });
    const stays = post(url, { title: 'stays', text: 'x' });
    for (let waits = 0; waits < 2;) {
      waits = Number(
        /^relata_queue_requests (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1],
      );
    }
    controller.abort();
    await expect(gone).rejects.toThrow('abort');
    while (!lines.some(({ status }) => status === 499)) await turn();
    await engine.releaseAll();
    expect((await stays).status).toBe(200);
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200]);
    expect(engine.batches.at(-1)).toEqual(['stays']);
  });

  test('refuses a body that is announced as too large, and one that turns out to be', async () => {
    const { url } = await served({ bodyBytes: 1000 });
    const response = await post(url, { text: 'x'.repeat(5000) });
    expect(response.status).toBe(413);
    const chunked = await socketTo(url);
    let answer = '';
    chunked.setEncoding('utf8').on('data', (text: string) => (answer += text));
    chunked.on('error', () => undefined);
    chunked.write(
      'POST /v1/extract HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const chunk = `${(512).toString(16)}\r\n${'x'.repeat(512)}\r\n`;
    chunked.write(chunk.repeat(4));
    await once(chunked, 'close'); // No end of the body ever comes: the server ends the connection.
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('tells what is not HTTP so, and goes on', async () => {
    const { url } = await served();
    const socket = await socketTo(url);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    socket.write('\u0016\u0003\u0001 nonsense\r\n\r\n');
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('the end', () => {
  test('waits for what was accepted, not for idle connections, and takes nothing more', async () => {
    const { url, engine, drain } = await served();
    await (await fetch(`${url}/healthz`)).text(); // leaves a connection open
    const idle = await socketTo(url);
    const accepted = post(url, { title: 'accepted', text: 'x' });
    while (engine.batches.length < 1) await turn();
    const draining = drain();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await post(url, { text: 'late' })).status).toBe(503);
    await engine.releaseAll();
    const response = await accepted;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ results: [{ title: 'accepted' }] });
    await draining;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    idle.destroy();
    expect(engine.batches).toEqual([['accepted']]);
  });

  test('an address that is taken is an error', async () => {
    const { url, gate, app } = await served();
    const taken = listen(app, {
      host: '127.0.0.1',
      port: Number(new URL(url).port),
      limits: defaultLimits,
      gate,
    });
    await expect(taken).rejects.toMatchObject({ code: 'E_USAGE' });
  });
});
