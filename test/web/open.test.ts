import { describe, expect, test } from 'vitest';

import { Misfit } from '../../web/model/check.ts';
import { open } from '../../web/model/open.ts';
import { recall, remember, type Store } from '../../web/model/session.ts';
import { madeExtraction, madeText } from './made.ts';

const result = madeExtraction(madeText);
const doc = result.document;

describe('a file is known by what it holds', () => {
  test.each([
    ['results', JSON.stringify({ format: 1, results: [result] }), 'results'],
    ['one result', JSON.stringify(result), 'results'],
    ['results one a line', `${JSON.stringify(result)}\n${JSON.stringify(result)}\n`, 'results'],
    ['documents', JSON.stringify([doc]), 'documents'],
    ['documents one a line', `${JSON.stringify(doc)}\n${JSON.stringify(doc)}`, 'documents'],
    ['one document, after a byte order mark', `\uFEFF${JSON.stringify(doc)}`, 'documents'],
    ['a submission', JSON.stringify([{ title: 'T', h_idx: 0, t_idx: 1, r: 'P1' }]), 'submission'],
    ['names', JSON.stringify({ P1: 'one', P2: 'two' }), 'names'],
    ['a text', 'Marie Curie {was} born.', 'text'],
  ])('%s', (_, content, kind) => {
    expect(open(content).kind).toBe(kind);
  });

  test('and comes through unchanged', () => {
    expect(open(JSON.stringify({ format: 1, results: [result] }))).toEqual({
      kind: 'results',
      extractions: [result],
    });
  });
});

describe('a file that is wrong says what and where', () => {
  const changed = (change: (copy: typeof result) => unknown): string =>
    JSON.stringify({ results: [change(structuredClone(result))] });
  test.each([
    ['{"results": 3}', /"results" to be an array/],
    ['{"format": 2, "results": []}', /results of format 1, got 2/],
    ['{"results": [{"title": 7}]}', /a text, got 7 \(result 0\.title\)/],
    ['{ "a": 1 }', /but the object has "a"/],
    ['[{"sents": []}]', /document 0\.title/],
    ['[{"x": 1}]', /this JSON is none of them/],
    ['{"results": [', /valid JSON/],
    [
      changed((copy) => ({ ...copy, facts: [{ ...copy.facts[0], head: 99 }] })),
      /an index below 5, got 99 .*facts\[0\]\.head/,
    ],
    [changed((copy) => ({ ...copy, text: 'short' })), /an index below 6/],
    [
      JSON.stringify([
        { title: 'T', sents: [['a']], vertexSet: [[{ name: 'a', sent_id: 1, pos: [0, 1], type: 'X' }]] },
      ]),
      /an index below 1, got 1 \(document 0, "T"\.vertexSet\[0\]\[0\]\.sent_id\)/,
    ],
  ])('%s', (content, message) => {
    expect(() => open(content)).toThrow(Misfit);
    expect(() => open(content)).toThrow(message);
  });
});

describe('what a reload keeps', () => {
  const memory = (): Store & { size: () => number } => {
    const items = new Map<string, string>();
    return {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
      size: () => items.size,
    };
  };

  test('is what was shown', () => {
    const store = memory();
    const kept = { results: '[1]', selected: 2, theta: 0.3 };
    remember(store, 'key', kept);
    expect(recall(store, 'key')).toEqual(kept);
    expect(recall(store, 'other')).toBeNull();
  });

  test('is nothing when it would be too much, or is not ours', () => {
    const store = memory();
    remember(store, 'key', { results: '[1]', selected: 0, theta: 0 });
    remember(store, 'key', { results: ' '.repeat(3_000_000), selected: 0, theta: 0 });
    expect(store.size()).toBe(0);
    store.setItem('key', '{"results": 1}');
    expect(recall(store, 'key')).toBeNull();
    store.setItem('key', 'x');
    expect(recall(store, 'key')).toBeNull();
  });

  test('is nothing where the browser keeps nothing', () => {
    const full = {
      ...memory(),
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(() => remember(full, 'key', { results: '', selected: 0, theta: 0 })).not.toThrow();
    expect(recall(undefined, 'key')).toBeNull();
  });
});
