import { describe, expect, test } from 'vitest';

import { Gate } from '../../src/server/gate.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { adaDocument, changed } from '../data/documents.ts';
import { type Echo, fakeApp, problemIn, turn } from './fake-engine.ts';

const results = async (response: Response): Promise<readonly Echo[]> => {
  expect(response.status).toBe(200);
  return ((await response.json()) as { results: Echo[] }).results;
};

describe('extract', () => {
  test('takes a text, texts, a document and documents, and answers in their order', async () => {
    const { post } = fakeApp();
    const one = await results(await post('/v1/extract', { text: 'Ada.', title: 'A', theta: 0.5 }));
    expect(one).toEqual([
      { title: 'A', kind: 'extract', theta: 0.5, source: { kind: 'text', title: 'A', text: 'Ada.' } },
    ]);
    const texts = ['x', 'y', 'z'].map((text) => ({ text, title: `title ${text}` }));
    const several = await results(await post('/v1/extract', { texts }));
    expect(several.map(({ title, source }) => [title, source.text])).toEqual(
      texts.map(({ title, text }) => [title, text]),
    );
    const document = await results(await post('/v1/extract', { document: adaDocument }));
    expect(document[0]?.source).toEqual({ kind: 'document', doc: adaDocument });
    const documents = [adaDocument, { ...adaDocument, title: 'Second' }];
    const both = await results(await post('/v1/extract', { documents }));
    expect(both.map(({ title }) => title)).toEqual(['Ada', 'Second']);
    expect(await results(await post('/v1/extract', { texts: [] }))).toEqual([]);
  });

  test('keeps every character, lone surrogates and all', async () => {
    const { post } = fakeApp();
    const text = 'e\u0301 👩‍🚀 \u202eabc\u202c 東京\r\n\u00a0 \\ud83d';
    const body = `{"text":${JSON.stringify(text).slice(0, -1)}\\ud83d"}`;
    const [echo] = await results(await post('/v1/extract', body));
    expect(echo?.source.text).toBe(`${text}\ud83d`);
  });

  test('reads a large body in a thread, with the same answers and problems', async () => {
    const { post } = fakeApp();
    const documents = Array.from({ length: 100 }, (_, i) => ({
      ...adaDocument,
      title: `${i}`,
      sents: [...adaDocument.sents, ['word '.repeat(400)]],
    }));
    expect(JSON.stringify({ documents }).length).toBeGreaterThan(200_000);
    const answers = await results(await post('/v1/extract', { documents }));
    expect(answers.map(({ title }) => title)).toEqual(documents.map(({ title }) => title));
    const broken = documents.map((doc, i) =>
      i === 70 ? changed((copy) => (copy.vertexSet[1] = []), doc) : doc,
    );
    const problem = await problemIn(await post('/v1/extract', { documents: broken }));
    expect(problem).toMatchObject({ status: 422, code: 'E_DOCUMENT' });
    expect(problem.documents).toMatchObject([{ index: 70, title: '70', path: '$.vertexSet[1]' }]);
  });
});

describe('explain', () => {
  test('asks about a document or a text', async () => {
    const { post } = fakeApp();
    const response = await post('/v1/explain', {
      document: adaDocument,
      head: 'Ada',
      tail: 1,
      relation: 'P19',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      kind: 'explain',
      source: { source: { kind: 'document', doc: adaDocument }, head: 'Ada', tail: 1, relation: 'P19' },
    });
    expect((await post('/v1/explain', { text: 'A b.', head: 'A', tail: 'b' })).status).toBe(200);
  });

  test('refuses what names no pair', async () => {
    const { post } = fakeApp();
    for (const body of [
      { document: adaDocument, head: 0 },
      { document: adaDocument, head: 0, tail: -1 },
      { document: adaDocument, text: 'x', head: 0, tail: 1 },
      { head: 0, tail: 1 },
    ])
      expect(await problemIn(await post('/v1/explain', body))).toMatchObject({
        status: 422,
        code: 'E_FIELD',
      });
  });
});

describe('problems', () => {
  const emptySentences = { title: 'empty', sents: Array.from({ length: 60 }, () => []), vertexSet: [] };
  const cases: readonly [string, unknown, Record<string, string>, number, string][] = [
    ['no JSON', '{"text": ', {}, 400, 'E_JSON'],
    ['no body', '', {}, 400, 'E_JSON'],
    ['another type', 'text=x', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415, 'E_MEDIA_TYPE'],
    [
      'another character set',
      '{}',
      { 'Content-Type': 'application/json; charset=latin1' },
      415,
      'E_MEDIA_TYPE',
    ],
    ['compressed', '{}', { 'Content-Encoding': 'gzip' }, 415, 'E_MEDIA_TYPE'],
    ['an array', [], {}, 422, 'E_FIELD'],
    ['neither text nor document', { titel: 'x' }, {}, 422, 'E_FIELD'],
    ['both', { text: 'x', documents: [] }, {}, 422, 'E_FIELD'],
    ['an unknown key', { text: 'x', thta: 1 }, {}, 422, 'E_FIELD'],
    ['text that is none', { text: 7 }, {}, 422, 'E_FIELD'],
    ['theta out of range', { text: 'x', theta: 1.5 }, {}, 422, 'E_FIELD'],
    ['a document that is none', { document: 'x' }, {}, 422, 'E_DOCUMENT'],
    ['too many', { texts: Array.from({ length: 5 }, () => ({ text: 'x' })) }, {}, 422, 'E_LIMIT'],
    ['too long a text', { text: 'word '.repeat(51) }, {}, 422, 'E_LIMIT'],
    ['too long a word', { text: 'a'.repeat(51 * 24) }, {}, 422, 'E_LIMIT'],
    ['too many marks', { text: '!?'.repeat(26) }, {}, 422, 'E_LIMIT'],
    ['too many empty sentences', { document: emptySentences }, {}, 422, 'E_LIMIT'],
    [
      'too many entities',
      { document: { ...adaDocument, vertexSet: [...adaDocument.vertexSet, ...adaDocument.vertexSet] } },
      {},
      422,
      'E_LIMIT',
    ],
  ];

  test('a question is about one pair, however many entities there are', async () => {
    const { post } = fakeApp({ limits: { entities: 1 } });
    const response = await post('/v1/explain', { document: adaDocument, head: 0, tail: 1 });
    expect(response.status).toBe(200);
  });

  test.each(cases)('%s', async (_, body, headers, status, code) => {
    const limits = { documents: 4, words: 50, entities: 5 };
    const { post, lines } = fakeApp({ limits });
    const response = await post('/v1/extract', body, headers);
    const problem = await problemIn(response);
    expect(problem.status).toBe(status);
    expect(problem.code).toBe(code);
    expect(problem.instance).toBe(response.headers.get('x-request-id'));
    expect(problem.type).toBe(`/docs#${problem.code}`);
    expect(problem.help).not.toBe('');
    expect(lines).toMatchObject([{ id: problem.instance, status, code: problem.code, route: '/v1/extract' }]);
  });

  test('a body that is too large, whether it says so or not', async () => {
    const { app, post, engine } = fakeApp({ limits: { bodyBytes: 1000 } });
    const declared = await post('/v1/extract', { text: 'x'.repeat(1000) }, { 'Content-Length': '1013' });
    expect(await problemIn(declared)).toMatchObject({ status: 413, code: 'E_LIMIT' });
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled++;
        controller.enqueue(new Uint8Array(300));
      },
    });
    const response = await app.request('/v1/extract', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect(await problemIn(response)).toMatchObject({ status: 413, code: 'E_LIMIT' });
    expect(pulled).toBeLessThan(10);
    expect(engine.batches).toEqual([]);
    expect((await post('/v1/extract', { text: 'x'.repeat(900) })).status).toBe(200);
  });

  test('bytes that are not UTF-8', async () => {
    const { app } = fakeApp();
    const body = Buffer.from([...Buffer.from('{"text":"'), 0xc3, 0x28, ...Buffer.from('"}')]);
    const response = await app.request('/v1/extract', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    expect(await problemIn(response)).toMatchObject({ status: 400, code: 'E_JSON' });
  });

  test('no such address, no such method', async () => {
    const { app } = fakeApp();
    expect(await problemIn(await app.request('/v2'))).toMatchObject({ status: 404, code: 'E_ROUTE' });
    const get = await app.request('/v1/extract');
    expect(get.headers.get('allow')).toBe('POST');
    expect(await problemIn(get)).toMatchObject({ status: 405, code: 'E_METHOD' });
    const put = await app.request('/healthz', { method: 'PUT' });
    expect(put.headers.get('allow')).toBe('GET, HEAD');
    expect(put.status).toBe(405);
    expect((await app.request('/healthz', { method: 'HEAD' })).status).toBe(200);
  });

  test('a text for a model that finds no mentions, and a document for it', async () => {
    const { engine, post } = fakeApp();
    const { model } = engine;
    if (model) engine.model = { ...model, card: { ...model.card, mentions: null } };
    expect(await problemIn(await post('/v1/extract', { text: 'x' }))).toMatchObject({
      status: 422,
      code: 'E_NO_TAGGER',
    });
    const bare = { title: 'bare', sents: [['A']], vertexSet: [] };
    expect((await post('/v1/extract', { document: bare })).status).toBe(422);
    expect((await post('/v1/extract', { document: adaDocument })).status).toBe(200);
  });

  test('what the engine says of one document is the answer of its request only', async () => {
    const { engine, post } = fakeApp();
    engine.bad.add('bad');
    const [good, bad] = await Promise.all([
      post('/v1/extract', { texts: [{ text: 'x', title: 'good' }] }),
      post('/v1/extract', { texts: [{ text: 'x' }, { text: 'x', title: 'bad' }] }),
    ]);
    expect(good.status).toBe(200);
    expect(await problemIn(bad)).toMatchObject({ status: 500, code: 'E_ENGINE', detail: 'no bad' });
  });
});

describe('request ids', () => {
  test('are taken over when they are safe, and made when not', async () => {
    const { app, lines } = fakeApp();
    const idOf = async (given: string): Promise<string | null> =>
      (await app.request('/healthz', { headers: { 'X-Request-Id': given } })).headers.get('x-request-id');
    expect(await idOf('trace-1.A:b_c')).toBe('trace-1.A:b_c');
    for (const given of ['a b', 'x'.repeat(65), '<script>', ''])
      expect(await idOf(given)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(lines[0]).toMatchObject({ id: 'trace-1.A:b_c', method: 'GET', route: '/healthz', status: 200 });
  });
});

describe('a token', () => {
  test('is asked for by all that tells or does something', async () => {
    const { app, post } = fakeApp({ token: 'secret-1' });
    const status = async (path: string, authorization?: string): Promise<number> =>
      (await app.request(path, authorization === undefined ? {} : { headers: { authorization } })).status;
    for (const path of ['/healthz', '/readyz', '/', '/docs']) expect(await status(path)).toBe(200);
    for (const path of ['/v1/model', '/metrics', '/openapi.json', '/nowhere', '//healthz', '/healthz/'])
      expect([path, await status(path)]).toEqual([path, 401]);
    for (const wrong of ['Bearer secret-2', 'Bearer secret-11', 'Bearer ', 'Basic secret-1', 'secret-1'])
      expect(await status('/v1/model', wrong)).toBe(401);
    expect(await status('/v1/model', 'Bearer secret-1')).toBe(200);
    expect(await status('/v1/model', 'bearer secret-1')).toBe(200);
    const refused = await post('/v1/extract', { text: 'x' });
    expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await problemIn(refused)).toMatchObject({ status: 401, code: 'E_TOKEN' });
  });
});

describe('headers', () => {
  test('keep browsers from guessing, framing and fetching from elsewhere', async () => {
    const { app } = fakeApp();
    for (const path of ['/', '/docs', '/v1/model', '/nowhere']) {
      const { headers } = await app.request(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toMatch(/https?:|\*/);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('let pages of chosen origins ask', async () => {
    const { app } = fakeApp({ allowOrigins: ['https://good.example'], token: 'x' });
    const preflight = async (origin: string): Promise<Response> =>
      app.request('/v1/extract', { method: 'OPTIONS', headers: { origin } });
    const good = await preflight('https://good.example');
    expect(good.status).toBe(204);
    expect(good.headers.get('access-control-allow-origin')).toBe('https://good.example');
    expect(good.headers.get('access-control-allow-headers')).toContain('Content-Type');
    const other = await preflight('https://other.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('access-control-allow-methods')).toBeNull();
  });
});

describe('readiness', () => {
  test('follows the model and the end of the server', async () => {
    const gate = new Gate();
    const { app, engine, post } = fakeApp({ gate, holds: true });
    const ready = async (): Promise<[number, unknown]> => {
      const response = await app.request('/readyz');
      return [response.status, await response.json()];
    };
    expect(await ready()).toEqual([200, { status: 'ready' }]);
    engine.lose();
    expect(await ready()).toEqual([503, { status: 'loading' }]);
    const refused = await post('/v1/extract', { text: 'x' });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await problemIn(refused)).toMatchObject({ status: 503, code: 'E_UNAVAILABLE' });
    engine.restore();
    const accepted = post('/v1/extract', { text: 'x' });
    await turn();
    let drained = false;
    const draining = gate.drain().then(() => (drained = true));
    expect(await ready()).toEqual([503, { status: 'draining' }]);
    expect((await post('/v1/extract', { text: 'x' })).status).toBe(503);
    expect((await app.request('/healthz')).headers.get('connection')).toBe('close');
    expect(drained).toBe(false);
    await engine.releaseAll();
    expect((await accepted).status).toBe(200);
    await draining;
  });
});

describe('metrics', () => {
  test('count requests, documents, batches, refusals', async () => {
    const { app, post } = fakeApp({ metrics: createMetrics({ process: true }) });
    await post('/v1/extract', { texts: [{ text: 'one two three' }, { text: 'four' }] });
    await post('/v1/extract', { text: 7 });
    await app.request('/some/where');
    const response = await app.request('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const values = new Map<string, number>();
    for (const line of (await response.text()).split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const cut = line.lastIndexOf(' ');
      expect(line).toMatch(/^[a-z0-9_]+(\{[^{}]*\})? [-+0-9.eInfNa]+$/);
      values.set(line.slice(0, cut), Number(line.slice(cut + 1)));
    }
    const expected: Record<string, number> = {
      'relata_http_requests_total{method="POST",route="/v1/extract",status="200"}': 1,
      'relata_http_requests_total{method="POST",route="/v1/extract",status="422"}': 1,
      'relata_http_requests_total{method="GET",route="other",status="404"}': 1,
      relata_documents_total: 2,
      relata_words_total: 4,
      'relata_rejected_total{code="E_FIELD"}': 1,
      relata_batch_documents_sum: 2,
      relata_queue_requests: 0,
      relata_queue_words: 0,
      relata_ready: 1,
    };
    for (const [name, value] of Object.entries(expected))
      expect([name, values.get(name)]).toEqual([name, value]);
    expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect([...values.keys()].some((name) => name.startsWith('nodejs_eventloop_lag'))).toBe(true);
  });
});
