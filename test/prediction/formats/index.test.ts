/** What holds for every format. */
import { describe, expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import { formatOf, formats, write } from '../../../src/prediction/formats/index.ts';
import { example } from '../extractions.ts';

const held = new Set<string>(['html']);

test('are those of the help', () => {
  expect(formats).toEqual(['table', 'json', 'jsonl', 'csv', 'nquads', 'graphml', 'cypher', 'html']);
});

describe.each(formats.filter((format) => !held.has(format)))('%s', (format) => {
  test('writes each document before it asks for the next', async () => {
    let written = '';
    const seen: boolean[] = [];
    async function* documents(): AsyncGenerator<Extraction> {
      for (const title of ['One', 'Two', 'Three']) {
        seen.push(['One', 'Two', 'Three'].slice(0, seen.length).every((before) => written.includes(before)));
        yield { ...example, title };
      }
    }
    const files = new Set<string>();
    for await (const { file, text } of write(format, documents())) {
      written += text;
      files.add(file);
    }
    expect(seen).toEqual([true, true, true]);
    expect([...files]).toEqual(formatOf(format).files);
  });

  test('ends the source when its reader stops', async () => {
    let ended = false;
    async function* documents(): AsyncGenerator<Extraction> {
      try {
        for (;;) yield example;
      } finally {
        ended = true;
      }
    }
    let chunks = 0;
    for await (const _ of write(format, documents())) if (++chunks > 6) break;
    expect(ended).toBe(true);
  });
});
