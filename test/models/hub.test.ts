/** Fetching a checkpoint, without a network: `fetch` is a small hub of our own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { encoderSource } from '../../src/models/encoder-source.ts';
import { fetchCheckpoint, type FetchProgress, isHubId } from '../../src/models/hub.ts';
import { temporaryFolder } from '../cli/relata.ts';

const cache = temporaryFolder();
const content: Readonly<Record<string, string>> = {
  'config.json': '{"vocab_size": 7}',
  'vocab.txt': '[PAD]\n[UNK]\n',
  'model.safetensors': 'weights '.repeat(1000),
};

/** How a file breaks off: with an error of the line, or as if it were over. */
type Break = 'error' | 'end';

/** A hub that holds `files`; of weights that break off it sends half. */
function hub(
  files: Readonly<Record<string, string>>,
  breaks?: Break,
): { readonly fetch: typeof fetch; readonly asked: readonly string[] } {
  const asked: string[] = [];
  const answer: typeof fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const name = url.split('?')[0]?.split('/').at(-1) ?? '';
    asked.push(url);
    const text = files[name];
    if (text === undefined) {
      return Promise.resolve(new Response('', { status: 404, headers: { 'X-Error-Code': 'EntryNotFound' } }));
    }
    if (new Headers(init?.headers).get('range') === 'bytes=0-0') {
      const headers = { etag: '"1"', 'content-range': `bytes 0-0/${text.length}` };
      return Promise.resolve(new Response(text.slice(0, 1), { status: 206, headers }));
    }
    const broken = breaks !== undefined && name === 'model.safetensors';
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(Buffer.from(broken ? text.slice(0, text.length / 2) : text));
      },
      pull: (controller) => {
        if (broken && breaks === 'error') controller.error(new Error('the line went dead'));
        else controller.close();
      },
    });
    return Promise.resolve(new Response(body));
  };
  return { fetch: answer, asked };
}

const offline: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));

describe('fetchCheckpoint', () => {
  test('fills a folder, says how far it is, and asks no second time', async () => {
    const { fetch, asked } = hub(content);
    const progress: FetchProgress[] = [];
    const folder = await fetchCheckpoint('some-one/some-bert@v1.0', {
      cache,
      fetch,
      onProgress: (step) => progress.push(step),
    });
    expect(folder).toBe(join(cache, 'some-one--some-bert', 'v1.0'));
    expect(readdirSync(folder).sort()).toEqual(Object.keys(content).sort());
    for (const [name, text] of Object.entries(content)) {
      expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
      const size = text.length;
      expect(progress.findLast(({ file }) => file === name)).toEqual({
        file: name,
        done: size,
        total: size,
      });
    }
    expect(asked.every((url) => url.includes('/some-one/some-bert/') && url.includes('v1.0'))).toBe(true);
    expect(await fetchCheckpoint('some-one/some-bert@v1.0', { cache, fetch: offline })).toBe(folder);
  });

  test.each([
    ['error', 'the line went dead'],
    ['end', 'model.safetensors ended after 4000 of 8000 bytes'],
  ] as const)(
    'a fetch that breaks off (%s) leaves nothing half-written, and goes on where it was',
    async (breaks, reason) => {
      const id = `broken-bert-${breaks}`;
      const run = fetchCheckpoint(id, { cache, fetch: hub(content, breaks).fetch });
      await expect(run).rejects.toMatchObject({ code: 'E_HUB', retryable: true });
      await expect(run).rejects.toThrow(reason);
      const folder = join(cache, id, 'main');
      expect(readdirSync(folder).sort()).toEqual(['config.json', 'vocab.txt']);
      const { fetch, asked } = hub(content);
      await fetchCheckpoint(id, { cache, fetch });
      expect(readFileSync(join(folder, 'model.safetensors'), 'utf8')).toBe(content['model.safetensors']);
      expect(asked.some((url) => url.includes('vocab.txt'))).toBe(false);
    },
  );

  test('without a network the error says what to put where', async () => {
    const run = fetchCheckpoint('bert-base-uncased', { cache, fetch: offline });
    await expect(run).rejects.toMatchObject({ code: 'E_HUB', exit: 4, retryable: true });
    await expect(run).rejects.toThrow('Expected to fetch bert-base-uncased from the hub, but could not');
    const folder = join(cache, 'bert-base-uncased', 'main');
    const help = `put config.json, vocab.txt, model.safetensors of bert-base-uncased into ${folder}`;
    await expect(run).rejects.toMatchObject({ help: expect.stringContaining(help) as string });
    // Whoever does as it says is served.
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text);
    expect(await fetchCheckpoint('bert-base-uncased', { cache, fetch: offline })).toBe(folder);
  });

  test('tokenizer.json does where there is no vocab.txt', async () => {
    const { 'vocab.txt': _, ...rest } = content;
    const files = { ...rest, 'tokenizer.json': '{}' };
    const folder = await fetchCheckpoint('modern', { cache, fetch: hub(files).fetch });
    expect(existsSync(join(folder, 'tokenizer.json'))).toBe(true);
    const offline = (): Promise<Response> => Promise.reject(new Error('no network'));
    expect(await fetchCheckpoint('modern', { cache, fetch: offline })).toBe(folder);
  });

  test('a model that lacks a file is said to', async () => {
    const { 'vocab.txt': _, ...rest } = content;
    const run = fetchCheckpoint('no-vocabulary', { cache, fetch: hub(rest).fetch });
    await expect(run).rejects.toThrow('the hub has no vocab.txt or tokenizer.json for no-vocabulary at main');
    expect(existsSync(join(cache, 'no-vocabulary', 'main', 'vocab.txt'))).toBe(false);
  });
});

describe('hub ids', () => {
  test.each(['bert-base-uncased', 'google/bert_uncased_L-2', 'a/b@v1.0', 'bert@main'])('%s is one', (id) => {
    expect(isHubId(id)).toBe(true);
  });

  test.each([
    '..',
    '../x',
    'a/..',
    'a..b',
    'a/b/c',
    '/a',
    './a',
    '.a',
    'a/.b',
    'a@..',
    'a@/b',
    'a b',
    '',
    'a\\b',
    'https://x',
  ])('%j is none, and is never fetched', async (id) => {
    expect(isHubId(id)).toBe(false);
    const run = encoderSource(id === '..' || id === '/a' ? `${id}/no-such-folder` : id, {
      vocabulary: () => Promise.reject(new Error('not asked for')),
    });
    await expect(run).rejects.toMatchObject({ code: 'E_ENCODER', exit: 4 });
  });
});
