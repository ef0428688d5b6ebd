/** The two files for Neo4j, read back with csv-parse and split by the importer's rules. */
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import { anyExtractions, emptyExtractions, example, makeExtraction } from '../extractions.ts';
import { encodable, filesOf, graphOf, type ReadEntity, type ReadGraph, zip } from './graph.ts';

type Row = Readonly<Record<string, string | number | null>>;

/** What a field without quotes is, is known from its column; an empty one is null. */
const read = (text: string | undefined): Row[] =>
  parse(text ?? '', {
    columns: true,
    record_delimiter: '\n',
    cast: (value, { quoting, header }) => (header || quoting ? value : value === '' ? null : Number(value)),
  }) as Row[];

/** With the importer's own settings: lists parted by `;`, null for no field. */
const list = (row: Row | undefined, key: string): string[] => {
  const value = row?.[`${key}`];
  return typeof value === 'string' ? value.split(';') : [];
};
const numbers = (row: Row, key: string): number[] => list(row, key).map(Number);
const string = (row: Row, key: string): string => {
  const value = row[key];
  if (typeof value !== 'string') throw new Error(`no text in ${key}`);
  return value;
};
const number = (row: Row, key: string): number | null => {
  const value = row[key];
  if (typeof value === 'string' || value === undefined) throw new Error(`no number in ${key}`);
  return value;
};

function readBack(files: Record<string, string>): ReadGraph {
  const nodes = new Map<string, ReadEntity>();
  for (const row of read(files['nodes.csv'])) {
    expect(list(row, ':LABEL')).toEqual(['Entity', string(row, 'type').replaceAll(';', '\u037e')]);
    expect(nodes.has(string(row, 'id:ID'))).toBe(false);
    nodes.set(string(row, 'id:ID'), {
      title: string(row, 'document'),
      name: string(row, 'name'),
      type: string(row, 'type'),
      mentions: zip(
        numbers(row, 'mention_sentences:int[]'),
        numbers(row, 'mention_starts:int[]'),
        numbers(row, 'mention_ends:int[]'),
        list(row, 'mentions:string[]'),
      ),
    });
  }
  const facts = read(files['relationships.csv']).map((row) => {
    const [head, tail] = [nodes.get(string(row, ':START_ID')), nodes.get(string(row, ':END_ID'))];
    if (!head || !tail) throw new Error('a relationship of nodes that are not there');
    expect(row[':TYPE']).toBe(row['relation']);
    return {
      title: string(row, 'document'),
      head,
      tail,
      relation: string(row, 'relation'),
      name: string(row, 'name'),
      score: number(row, 'score:double') ?? NaN,
      probability: number(row, 'probability:double'),
      threshold: number(row, 'threshold:double') ?? NaN,
      gate: number(row, 'gate:double'),
      evidence: zip(
        numbers(row, 'evidence:int[]'),
        numbers(row, 'evidence_starts:int[]'),
        numbers(row, 'evidence_ends:int[]'),
        list(row, 'evidence_text:string[]'),
      ),
      model: [string(row, 'model'), string(row, 'model_id'), string(row, 'relata_version')] as const,
    };
  });
  return { entities: [...nodes.values()], facts };
}

const asCsv = (text: string, inList = false): string => {
  const line = encodable(text).replaceAll(/\r|\n/g, ' ');
  return inList ? line.replaceAll(';', '\u037e') : line;
};

test('gives back every entity and fact', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const files = await filesOf('csv', extractions);
      expect(readBack(files)).toStrictEqual(graphOf(extractions, asCsv));
    }),
  );
});

test('no field spans lines, which the importer refuses unless it is told', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const files = await filesOf('csv', extractions);
      for (const text of Object.values(files))
        expect(text.split(/[\r\n]/).length - 2).toBe(read(text).length);
    }),
  );
});

test('the header names types that the importer knows, and null is not an empty text', async () => {
  const one = makeExtraction({
    title: 'a "b"; c',
    sents: [['x;', 'y']],
    entities: [{ type: 'T;U', places: [[0, 0, 1]], name: '' }],
    facts: [{ head: 0, tail: 0, relation: 'P1', name: '', score: 0.25 }],
  });
  const { 'nodes.csv': nodes, 'relationships.csv': relationships } = await filesOf('csv', [one]);
  expect(nodes).toBe(
    'id:ID,name,:LABEL,type,document,mentions:string[],mention_sentences:int[],mention_starts:int[],mention_ends:int[]\n' +
      '"urn:relata:document:a%20%22b%22%3B%20c#entity-0","","Entity;T\u037eU","T;U","a ""b""; c","x\u037e","0","0","2"\n',
  );
  expect(relationships?.split('\n')[1]).toContain(
    ',"P1","P1","",0.25,,0.5,,"a ""b""; c","0","x\u037e y","0","4",',
  );
  expect('\u037e'.normalize('NFC')).toBe(';');
});

test('titles that came before get a number, so that ids differ', async () => {
  const { 'nodes.csv': nodes } = await filesOf('csv', [example, example, example]);
  expect(new Set(read(nodes).map((row) => row['id:ID'])).size).toBe(3 * example.entities.length);
});

test.each<[string, readonly Extraction[]]>([
  ['no documents', []],
  ['documents without facts', emptyExtractions],
])('%s give headers', async (_, extractions) => {
  const files = await filesOf('csv', extractions);
  expect(Object.keys(files)).toEqual(['nodes.csv', 'relationships.csv']);
  for (const text of Object.values(files)) expect(text.split('\n')).toHaveLength(2);
});
