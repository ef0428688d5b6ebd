import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import { openSystem } from '../../src/models/open-system.ts';
import { predict } from '../../src/prediction/predict.ts';
import { explanationAnswer, extractAnswer, modelAnswer } from '../../src/server/response-schemas.ts';
import { saveTwoStepBert } from '../models/saved.ts';
import { corpus, relations } from '../models/tiny.ts';
import { relata, type Result, start, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const model = join(folder, 'model');
saveTwoStepBert(model);

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Served {
  readonly url: string;
  readonly child: ChildProcess;
  readonly done: Promise<Result>;
}

/** `relata serve` with a tiny model, once it is ready. */
async function served(...args: readonly string[]): Promise<Served> {
  const { child, done } = start(['serve', '--model', model, '--port', '0', '--threads', '1', ...args]);
  running.push(child);
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said += text;
      const [, found] = /^(http:\S+) serves model;/m.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(said)));
  });
  return { url, child, done };
}

const post = async (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

const documents = [...corpus.train, ...corpus.dev];

describe('relata serve', () => {
  test('finds the facts that predict finds, explains them, and ends on SIGTERM', async () => {
    const { url, child, done } = await served();
    const system = await openSystem(model, { threads: 1 });
    const expected: string[][] = [];
    for await (const { facts } of predict(system, documents))
      expected.push(facts.map(({ head, tail, relation }) => `${head} ${tail} ${relation}`).sort());
    await system.dispose();
    expect(expected.flat().length).toBeGreaterThan(0);

    const response = await post(`${url}/v1/extract`, { documents });
    expect(response.status).toBe(200);
    const { results } = extractAnswer.parse(await response.json());
    expect(results.map(({ title }) => title)).toEqual(documents.map(({ title }) => title));
    const found = results.map(({ facts }) =>
      facts.map(({ head, tail, relation }) => `${head} ${tail} ${relation}`),
    );
    expect(found.map((facts) => facts.toSorted())).toEqual(expected);

    // Many at a time: each gets its own.
    const single = await Promise.all(
      documents.map(async (document, i) => {
        const answer = extractAnswer.parse(await (await post(`${url}/v1/extract`, { document })).json());
        return {
          i,
          facts: answer.results[0]?.facts.map(({ head, tail, relation }) => `${head} ${tail} ${relation}`),
        };
      }),
    );
    for (const { i, facts } of single) expect(facts?.toSorted()).toEqual(expected[i]);

    const [document] = documents;
    const explained = await post(`${url}/v1/explain`, { document, head: 0, tail: 1 });
    expect(explanationAnswer.parse(await explained.json())).toMatchObject({
      title: document?.title,
      head: 0,
      tail: 1,
    });
    const nobody = await post(`${url}/v1/explain`, { document, head: 'Nobody', tail: 1 });
    expect([nobody.status, await nobody.json()]).toMatchObject([422, { code: 'E_CHOICE' }]);
    const text = await post(`${url}/v1/extract`, { text: 'Ada was here.' });
    expect([text.status, await text.json()]).toMatchObject([422, { code: 'E_NO_TAGGER' }]);

    const about = modelAnswer.parse(await (await fetch(`${url}/v1/model`)).json());
    expect(about).toMatchObject({
      name: 'model',
      system: 'bert',
      twoSteps: true,
      threshold: 0.25,
      mentions: null,
    });
    expect(about.relations).toHaveLength(relations.size - 1);

    child.kill('SIGTERM');
    const { code, err } = await done;
    expect(code).toBe(0);
    const lines = err
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as { msg: string }] : []));
    const line = lines.find(({ msg }) => msg === 'request');
    expect(line).toMatchObject({
      method: 'POST',
      route: '/v1/extract',
      status: 200,
      documents: documents.length,
    });
    expect(err).not.toContain(document?.sents[0]?.slice(0, 3).join(' '));
  });

  test('answers what it had accepted before SIGTERM', async () => {
    const { url, child, done } = await served();
    // Large enough to take a while: each document is one of its own to the queue.
    const many = Array.from({ length: 100 }, (_, i) => ({
      ...documents[i % documents.length],
      title: `${i}`,
    }));
    const accepted = post(`${url}/v1/extract`, { documents: many });
    for (;;) {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      if (/^relata_batch_words_count [1-9]/m.test(metrics)) break;
    }
    child.kill('SIGTERM');
    const { results } = extractAnswer.parse(await (await accepted).json());
    expect(results.map(({ title }) => title)).toEqual(many.map(({ title }) => title));
    expect((await done).code).toBe(0);
  });

  test('asks for the token of a file', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, '  a-secret \n');
    const { url } = await served('--token-file', file);
    expect((await fetch(`${url}/v1/model`)).status).toBe(401);
    expect((await fetch(`${url}/v1/model`, { headers: { Authorization: 'Bearer a-secret' } })).status).toBe(
      200,
    );
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('does not begin without a model, a token, or an address', async () => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, ' \n');
    const noToken = await relata('serve', '--model', model, '--port', '0', '--token-file', empty);
    expect([noToken.code, noToken.err]).toMatchObject([3, expect.stringContaining('E_FIELD')]);
    const noModel = await relata(
      'serve',
      '--model',
      join(folder, 'none'),
      '--port',
      '0',
      '--log-level',
      'silent',
    );
    expect([noModel.code, noModel.err]).toMatchObject([4, expect.stringContaining('E_FILE_MISSING')]);
    const noPort = await relata('serve', '--model', model, '--port', '65536');
    expect([noPort.code, noPort.err]).toMatchObject([2, expect.stringContaining('from 0 to 65535')]);
    const { url } = await served();
    const taken = await relata(
      'serve',
      '--model',
      model,
      '--port',
      new URL(url).port,
      '--log-level',
      'silent',
    );
    expect([taken.code, taken.err]).toMatchObject([2, expect.stringContaining('E_USAGE')]);
  });

  test('lists every limit with its default and unit', async () => {
    const { out } = await relata('serve', '--help');
    const help = out.replaceAll(/\s+/g, ' ');
    for (const [flag, unit, value] of [
      ['--max-body', 'bytes', 8_000_000],
      ['--max-documents', 'documents', 100],
      ['--max-words', 'words', 10_000],
      ['--max-entities', 'entities', 300],
      ['--timeout', 'seconds', 60],
      ['--max-queue', 'requests', 256],
    ])
      expect(help).toMatch(new RegExp(`${flag} <${unit}> [^(]*\\(default: ${value}\\)`));
  });

  test('a second signal ends it at once', async () => {
    const { url, child, done } = await served();
    const hanging = new AbortController();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{')),
    });
    const headers = { 'Content-Type': 'application/json' };
    const request = fetch(`${url}/v1/extract`, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
      signal: hanging.signal,
    } as RequestInit);
    request.catch(() => undefined);
    while (!/^relata_http_requests_active 2$/m.test(await (await fetch(`${url}/metrics`)).text())) continue;
    child.kill('SIGTERM');
    while ((await fetch(`${url}/readyz`)).status !== 503) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect((await done).code).toBe(null);
  });
});
