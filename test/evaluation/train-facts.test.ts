import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import type { Entity } from '../../src/data/document.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { factsOf, loadTrainFacts } from '../../src/evaluation/train-facts.ts';
import { hasShared, shared } from '../shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-facts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, value: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};
const entity = (...names: string[]): Entity =>
  names.map((name) => ({ name, sent_id: 0, pos: [0, 1] as const, type: 'X' }));

const docs = [
  {
    title: 'T',
    sents: [['w']],
    vertexSet: [entity('a', 'b'), entity('c', 'd', 'c')],
    labels: [
      { h: 0, t: 1, r: 'P1', evidence: [] },
      { h: 0, t: 1, r: 'NR', evidence: [] },
    ],
  },
];

describe('train facts', () => {
  it('are all pairs of names, in one direction, exactly spelt', () => {
    const facts = factsOf(docs);
    expect(facts.size).toBe(8);
    expect(facts.has(entity('x', 'b'), entity('d', 'y'), 'P1')).toBe(true);
    expect(facts.has(entity('d'), entity('b'), 'P1')).toBe(false);
    expect(facts.has(entity('B'), entity('d'), 'P1')).toBe(false);
    expect(facts.has(entity('b'), entity('d'), 'P2')).toBe(false);
    expect(facts.has(entity('a'), entity('b'), 'P1')).toBe(false);
  });

  it('come from documents and .fact files together', async () => {
    const paths = [
      write('train.json', docs),
      write('more.fact', [
        ['e', 'f', 'P2'],
        ['a', 'c', 'P1'],
      ]),
    ];
    const facts = await loadTrainFacts(paths, { noRelation: ['NR'] });
    expect(facts.size).toBe(5);
    expect(facts.has(entity('e'), entity('f'), 'P2')).toBe(true);
    expect((await loadTrainFacts([write('none.fact', [])])).size).toBe(0);
  });

  it('name what is wrong', async () => {
    await expect(
      loadTrainFacts([
        write('bad.fact', [
          ['a', 'b', 'P1'],
          ['a', 'b'],
        ]),
      ]),
    ).rejects.toMatchObject({
      code: 'E_FIELD',
      message: expect.stringMatching(/bad\.fact, fact 1/),
    });
    await expect(loadTrainFacts([join(folder, 'absent')])).rejects.toMatchObject({ code: 'E_FILE_MISSING' });
  });
});

describe.skipIf(!hasShared)('real train facts', () => {
  it('hold the published number of triples', async () => {
    expect((await loadTrainFacts([shared('data/docred/train_annotated.fact')])).size).toBe(52_293);
  });

  it('hold every label of a document that they were made from', async () => {
    const docs = (await loadDocuments(shared('data/docred/dev.json'))).slice(0, 50);
    const facts = factsOf(docs);
    for (const { vertexSet, labels = [] } of docs) {
      for (const { h, t, r } of labels)
        expect(facts.has(vertexSet[h] ?? [], vertexSet[t] ?? [], r)).toBe(true);
    }
  });
});
