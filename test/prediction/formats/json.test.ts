/** JSON and JSON lines, read back with JSON.parse. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import type { FactRecord, MentionRecord } from '../../../src/prediction/formats/fact-record.ts';
import { anyExtractions, emptyExtractions, example } from '../extractions.ts';
import { graphOf, type ReadEntity, textOf } from './graph.ts';

const linesOf = (text: string): FactRecord[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as FactRecord);

test('json gives back every extraction as it was', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      expect(JSON.parse(await textOf('json', extractions))).toStrictEqual({
        format: 1,
        results: extractions,
      });
    }),
  );
});

test('jsonl gives back every fact, on one line, with all that it needs', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const records = linesOf(await textOf('jsonl', extractions));
      const expected = graphOf(extractions).facts;
      const entity = (
        title: string,
        name: string,
        type: string,
        mentions: readonly MentionRecord[],
      ): ReadEntity => ({
        title,
        name,
        type,
        mentions: mentions.map(({ sentence, start, end, text }) => ({ sentence, start, end, text })),
      });
      expect(
        records.map((record) => ({
          title: record.title,
          head: entity(record.title, record.head, record.head_type, record.head_mentions),
          tail: entity(record.title, record.tail, record.tail_type, record.tail_mentions),
          relation: record.r,
          name: record.relation,
          score: record.score,
          probability: record.probability,
          threshold: record.threshold,
          gate: record.gate,
          evidence: record.evidence_sentences,
          model: [record.model.name, record.model.id, record.model.version],
        })),
      ).toStrictEqual(expected);
      for (const record of records) {
        expect(record.evidence).toEqual(record.evidence_sentences.map(({ sentence }) => sentence));
        for (const mention of [...record.head_mentions, ...record.tail_mentions]) {
          expect(mention.in_evidence).toBe(record.evidence.includes(mention.sentence));
        }
      }
    }),
  );
});

test('a line begins like one of `relata predict`', async () => {
  const [line] = linesOf(await textOf('jsonl', [example]));
  expect(Object.entries(line ?? {}).slice(0, 10)).toEqual([
    ['title', 'Mira Holt'],
    ['h_idx', 0],
    ['t_idx', 1],
    ['r', 'P569'],
    ['relation', 'date of birth'],
    ['head', 'Mira Holt'],
    ['tail', '3 May 1961'],
    ['score', 0.97],
    ['gate', 0.99],
    ['evidence', [0]],
  ]);
  expect(line?.head_mentions).toEqual([
    { sentence: 0, start: 0, end: 9, text: 'Mira Holt', in_evidence: true },
    { sentence: 1, start: 68, end: 72, text: 'Holt', in_evidence: false },
  ]);
});

test.each<[string, readonly Extraction[]]>([
  ['no documents', []],
  ['documents without facts', emptyExtractions],
])('%s', async (_, extractions) => {
  expect(await textOf('jsonl', extractions)).toBe('');
  expect(JSON.parse(await textOf('json', extractions))).toEqual({ format: 1, results: extractions });
});
