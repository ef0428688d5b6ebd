import { expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { docredTypes, entityTypes } from '../../src/data/entity-types.ts';
import { readJson } from '../../src/core/files.ts';
import { hasShared, shared } from '../shared.ts';

const docWith = (...types: readonly string[]): Document => ({
  title: 'made',
  sents: [['a']],
  vertexSet: types.map((type) => [{ name: 'a', sent_id: 0, pos: [0, 1], type }]),
});

test("DocRED's types, all of them and in its order, where there are no others", () => {
  expect(entityTypes([docWith('PER', 'LOC'), docWith('NUM')])).toEqual([
    'ORG',
    'LOC',
    'TIME',
    'PER',
    'MISC',
    'NUM',
  ]);
  expect(entityTypes([])).toEqual([...docredTypes]);
});

test('else those that occur, whatever the order of the documents', () => {
  const documents = [docWith('PER', 'Gene'), docWith('Disease', 'PER')];
  expect(entityTypes(documents)).toEqual(['Disease', 'Gene', 'PER']);
  expect(entityTypes(documents.toReversed())).toEqual(['Disease', 'Gene', 'PER']);
});

test.skipIf(!hasShared)("the ids are those of DocRED's ner2id.json", () => {
  const ids = readJson(shared('data/docred/ner2id.json')) as Record<string, number>;
  docredTypes.forEach((type, i) => expect(ids[type], type).toBe(i + 1));
  expect(Object.keys(ids)).toHaveLength(docredTypes.length + 1);
});
