import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import type { Label } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { readRelationInfo, relationsFrom, relationVocabulary } from '../../src/data/relations.ts';
import { hasShared, shared } from '../shared.ts';
import { adaDocument } from './documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-relations-'));
afterAll(() => rmSync(folder, { recursive: true }));

function info(value: unknown): ReadonlyMap<string, string> {
  const path = join(folder, 'relations.json');
  writeFileSync(path, JSON.stringify(value));
  return readRelationInfo(path);
}

function label(r: string): Label {
  return { h: 0, t: 1, r, evidence: [] };
}

describe('readRelationInfo', () => {
  it('keeps the names and the order of rel_info.json', () => {
    expect([...info({ P6: 'head of government', Na: 'none', P17: 'country' })]).toEqual([
      ['P6', 'head of government'],
      ['P17', 'country'],
    ]);
    expect(info({}).size).toBe(0);
  });

  it('takes the order of rel2id.json from its numbers, text or not', () => {
    const order = ['P17', 'P131', 'P6'];
    expect([...info({ P6: 10, P131: 2, Na: 0, P17: 1 }).keys()]).toEqual(order);
    expect([...info({ P6: '10', P131: '2', Na: '0', P17: '1' }).keys()]).toEqual(order);
  });

  it.each([[['P17']], [3], [{ P17: 'country', P6: null }], [{ P17: { name: 'country' } }]])(
    'refuses %j',
    (value) => {
      expect(() => info(value)).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
    },
  );
});

describe('a vocabulary', () => {
  it('puts N/A at 0 and goes both ways', () => {
    const relations = relationVocabulary(
      new Map([
        ['P6', 'head of government'],
        ['P17', 'country'],
      ]),
    );
    expect(relations.size).toBe(3);
    expect(relations.ids).toEqual(['Na', 'P6', 'P17']);
    expect(relations.ids.map((id) => relations.relationIndex(id))).toEqual([0, 1, 2]);
    expect(relations.relationId(2)).toBe('P17');
    expect(relations.relationIndex('P1')).toBeUndefined();
    expect(relations.relationName('P17')).toBe('country');
    expect(relations.relationName('P1')).toBe('P1');
    expect(() => relations.relationId(3)).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
  });

  it('comes from data by frequency, then by id', () => {
    const documents = [
      { ...adaDocument, labels: ['b', 'a', 'c'].map(label) },
      { ...adaDocument, labels: ['c', 'Z'].map(label) },
    ];
    expect(relationsFrom(documents).ids).toEqual(['Na', 'c', 'Z', 'a', 'b']);
    expect(
      relationsFrom(
        new Map([
          ['x', 1],
          ['y', 2],
          ['Na', 9],
        ]),
      ).ids,
    ).toEqual(['Na', 'y', 'x']);
    expect(relationsFrom([]).size).toBe(1);
  });
});

describe.skipIf(!hasShared)('real relations', () => {
  it('knows the 96 of DocRED, in two orders', async () => {
    const names = readRelationInfo(shared('data/docred/rel_info.json'));
    const numbered = readRelationInfo(shared('data/docred/rel2id.json'));
    expect(names.size).toBe(96);
    expect(names.get('P17')).toBe('country');
    expect([...numbered.keys()].slice(0, 5)).toEqual(['P17', 'P131', 'P27', 'P150', 'P577']);
    expect(new Set(numbered.keys())).toEqual(new Set(names.keys()));
    const documents = await loadDocuments(shared('data/docred/train.json'));
    expect(relationsFrom(documents).size).toBe(1 + 95);
    expect(relationsFrom(documents).ids.slice(0, 4)).toEqual(['Na', 'P17', 'P131', 'P27']);
  });
});
