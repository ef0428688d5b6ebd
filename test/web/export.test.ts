import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';

import type { Extraction } from '../../src/prediction/extraction.ts';
import { factRecords } from '../../src/prediction/formats/fact-record.ts';
import { entryOfExtraction } from '../../web/model/entry.ts';
import { fileName, toCsv, toJson, toJsonLines } from '../../web/model/export.ts';
import { open } from '../../web/model/open.ts';
import { shown } from '../../web/model/shown.ts';
import { madeExtraction, madeText } from './made.ts';

const plain = madeExtraction(madeText, { title: 'A, "B"\r\nC', theta: 0 });
const extraction: Extraction = {
  ...plain,
  document: { ...plain.document, labels: [{ h: 0, t: 1, r: 'P19', evidence: [] }] },
};
const entry = entryOfExtraction(extraction);

describe('what is saved', () => {
  test('as JSON opens again, with the facts above the threshold and nothing else changed', () => {
    const opened = open(toJson(entry, shown(entry, { theta: 0.5 })));
    const expected = { ...extraction, facts: extraction.facts.filter(({ score }) => score > 0.5) };
    expect(opened).toEqual({ kind: 'results', extractions: [expected] });
    expect(expected.facts).toHaveLength(3);
  });

  test('as CSV is read by another program, whatever is in a title', () => {
    const view = shown(entry, { theta: 0.5 });
    const rows: Record<string, string>[] = parse(toCsv(entry, view), { columns: true });
    expect(
      rows.map((row) => [row['document'], row['head'], row['relation_name'], row['tail'], row['status']]),
    ).toEqual([
      ['A, "B"\r\nC', 'Marie Curie', 'place of birth', 'Warsaw', 'right'],
      ['A, "B"\r\nC', 'Warsaw', 'country', 'Poland', 'wrong'],
      ['A, "B"\r\nC', 'Marie Curie', 'spouse', 'Pierre', 'wrong'],
    ]);
    expect(rows.map(({ score }) => Number(score))).toEqual([0.93, 0.88, 0.61]);
    expect(rows[2]?.['evidence_sentences']).toBe('2');
  });

  test('as JSON Lines has a fact a line, as the command line writes it, and whether it is right', () => {
    const lines = toJsonLines(entry, shown(entry, { theta: 0.9 }))
      .trimEnd()
      .split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        ...factRecords(extraction)[0],
        head: 'Marie Curie',
        r: 'P19',
        tail: 'Warsaw',
        score: 0.93,
        evidence: [0],
        status: 'right',
      },
    ]);
  });
});

test('a file is named after the document, with what every system allows', () => {
  expect(fileName('Ada / Lovelace: "notes"?', 'csv')).toBe('Ada-Lovelace-notes.csv');
  expect(fileName('../..', 'json')).toBe('relata.json');
  expect(fileName('Ḥāfiẓ 東京', 'png')).toBe('Ḥāfiẓ-東京.png');
});
