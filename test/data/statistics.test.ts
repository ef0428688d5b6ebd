import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { FactCounter } from '../../src/data/fact-counter.ts';
import { loadDocuments, readDocuments } from '../../src/data/read.ts';
import { statistics, type Statistics } from '../../src/data/statistics.ts';
import { Triples } from '../../src/data/triples.ts';
import { hasShared, shared } from '../shared.ts';
import { adaDocument } from './documents.ts';

/** A document whose entities have the given names, one word each, with labels "head relation tail". */
function named(entities: readonly (readonly string[])[], labels: readonly string[]): Document {
  return {
    title: 'x',
    sents: [['w']],
    vertexSet: entities.map((names) => names.map((name) => ({ name, sent_id: 0, pos: [0, 1], type: 'X' }))),
    labels: labels.map((label) => {
      const [h = '', r = '', t = ''] = label.split(' ');
      return { h: Number(h), t: Number(t), r, evidence: [] };
    }),
  };
}

function facts(...documents: Document[]) {
  const counter = new FactCounter();
  for (const doc of documents) counter.add(doc);
  return counter.counts();
}

describe('FactCounter', () => {
  it('knows an entity by its first mention', () => {
    const a = named([['Paris', 'City of Light'], ['France']], ['0 P17 1']);
    const b = named([['City of Light', 'Paris'], ['France']], ['0 P17 1']);
    const c = named([['PARIS'], ['france']], ['0 P17 1']);
    const d = named([['Paris'], ['France']], ['0 P131 1']);
    expect(facts(a, a)).toEqual({ firstMention: 1, caseFolded: 1, anyMention: 1, transitive: 1, names: 2 });
    expect(facts(a, b)).toEqual({ firstMention: 2, caseFolded: 2, anyMention: 1, transitive: 1, names: 2 });
    expect(facts(a, c)).toEqual({ firstMention: 2, caseFolded: 1, anyMention: 2, transitive: 2, names: 3 });
    expect(facts(a, d)).toEqual({ firstMention: 2, caseFolded: 2, anyMention: 2, transitive: 2, names: 3 });
  });

  it('connects facts through others only in the transitive rule', () => {
    const a = named([['A'], ['Z']], ['0 r 1']);
    const b = named([['B'], ['Z']], ['0 r 1']);
    const both = named([['A', 'B'], ['Z']], ['0 r 1']);
    // A and B come as two facts, and the entry that has both names connects them afterwards.
    expect(facts(a, b, both)).toMatchObject({ anyMention: 2, transitive: 1, firstMention: 2 });
    expect(facts(both, a, b)).toMatchObject({ anyMention: 1, transitive: 1, firstMention: 2 });
  });

  it('agrees with sets of strings', () => {
    const name = fc.constantFrom('a', 'A', 'b', 'c', 'd');
    const entity = fc.uniqueArray(name, { minLength: 1, maxLength: 3 });
    const label = fc.tuple(fc.nat(2), fc.constantFrom('r', 's'), fc.nat(2)).map((parts) => parts.join(' '));
    const document = fc.tuple(fc.tuple(entity, entity, entity), fc.array(label)).map(([e, l]) => named(e, l));
    fc.assert(
      fc.property(fc.array(document), (documents) => {
        const first = new Set<string>();
        const folded = new Set<string>();
        const groups: Set<string>[] = [];
        const seen = new Set<string>();
        let fresh = 0;
        for (const { vertexSet, labels = [] } of documents) {
          for (const { h, t, r } of labels) {
            const heads = vertexSet[h]?.map((mention) => mention.name) ?? [];
            const tails = vertexSet[t]?.map((mention) => mention.name) ?? [];
            first.add(`${heads[0]} ${r} ${tails[0]}`);
            folded.add(`${heads[0]} ${r} ${tails[0]}`.toLowerCase());
            const keys = heads.flatMap((head) => tails.map((tail) => `${head} ${r} ${tail}`));
            if (!keys.some((key) => seen.has(key))) fresh++;
            const group = new Set(keys);
            for (let g = groups.length - 1; g >= 0; g--) {
              if (!keys.some((key) => groups[g]?.has(key))) continue;
              for (const key of groups.splice(g, 1)[0] ?? []) group.add(key);
            }
            groups.push(group);
            for (const key of keys) seen.add(key);
          }
        }
        expect(facts(...documents)).toEqual({
          firstMention: first.size,
          caseFolded: folded.size,
          anyMention: fresh,
          transitive: groups.length,
          names: seen.size,
        });
      }),
    );
  });
});

describe('Triples', () => {
  it('numbers as a map of strings does, while it grows', () => {
    const triples = new Triples();
    const map = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const [a, b, c] = [(i * 7919) % 61, (i * 104_729) % 53, i % 3] as const;
      const key = `${a} ${b} ${c}`;
      if (!map.has(key)) map.set(key, map.size);
      expect(triples.of(a, b, c)).toBe(map.get(key));
    }
    expect(triples.size).toBe(map.size);
    expect(map.size).toBeGreaterThan(5000);
    const order: string[] = [];
    triples.forEach((a, b, c) => order.push(`${a} ${b} ${c}`));
    expect(order).toEqual([...map.keys()]);
  });
});

describe('statistics', () => {
  it('counts by hand', async () => {
    const second: Document = {
      ...adaDocument,
      title: 'B',
      labels: [
        { h: 0, t: 1, r: 'P19', evidence: [] }, // in sentence 0
        { h: 0, t: 1, r: 'P20', evidence: [1] },
        { h: 1, t: 0, r: 'P19', evidence: [0, 1] }, // the reverse
        { h: 2, t: 2, r: 'P17', evidence: [] }, // h = t
        { h: 0, t: 1, r: 'P19', evidence: [] }, // repeated
        { h: 1, t: 2, r: 'P17', evidence: [1] }, // across sentences
      ],
    };
    const { labels: _, ...unlabelled } = adaDocument;
    const empty = { ...adaDocument, labels: [] };
    const result = await statistics([adaDocument, second, unlabelled, empty], {
      piecesOf: (word) => word.length,
    });
    expect(result).toMatchObject({
      documents: 4,
      labelledDocuments: 3,
      documentsWithoutFacts: 1,
      relations: 3,
      relationsObserved: 3,
      instances: 8,
      facts: 5,
      sentences: 8,
      words: 48,
      pieces: 4 * (3 + 8 + 3 + 4 + 2 + 6 + 1 + 3 + 4 + 2 + 7 + 1),
      entities: 12,
      mentions: 16,
      pairs: 24,
      relatedPairs: 2 + 3,
      imbalance: (18 - 5) / 5,
      reversedPairs: 2,
      selfLabels: 1,
      repeatedLabels: 1,
      relationsPerPair: { '1': 4, '2': 1 },
      crossSentenceLabels: 2,
      crossSentenceShare: 2 / 7,
      evidence: 3 + 4,
      evidencePerLabel: { '0': 3, '1': 3, '2': 2 },
      longestSentence: 7,
      documentsPastEncoder: 0,
      mentionTypes: { PER: 8, LOC: 8 },
    });
    expect(result.relationCounts).toEqual([
      { relation: 'P19', count: 4 },
      { relation: 'P17', count: 3 },
      { relation: 'P20', count: 1 },
    ]);
    expect(result.perDocument.labels).toEqual({ total: 8, mean: 2, max: 6 });
  });

  it('counts nothing in an empty file', async () => {
    const result = await statistics([], { relations: new Set(['P17']) });
    expect(result).toMatchObject({
      documents: 0,
      relations: 1,
      relationsObserved: 0,
      pairs: 0,
      imbalance: null,
    });
    expect(result).not.toHaveProperty('pieces');
  });
});

function of(file: string, noRelation: string[] = []): Promise<Statistics> {
  return statistics(readDocuments(shared(`data/${file}`), { noRelation }));
}

describe.skipIf(!hasShared)('real corpora', () => {
  it('has the sizes that are known', async () => {
    expect(await of('docred/train.json')).toMatchObject({
      documents: 847,
      instances: 10_015,
      relationsObserved: 95,
    });
    expect(await of('docred/dev.json')).toMatchObject({
      documents: 200,
      instances: 2606,
      relationsObserved: 91,
    });
    expect(await of('dwie/dev.json')).toMatchObject({ documents: 98, instances: 2624 });
    expect(await of('cdr/train.json', ['NR'])).toMatchObject({ documents: 500, relationsObserved: 1 });
  });

  it("has the sizes of DocRED's test documents", async () => {
    const result = await of('docred/test.json');
    expect(result).toMatchObject({
      documents: 1000,
      labelledDocuments: 0,
      instances: 0,
      facts: 0,
      entities: 19_539,
      mentions: 26_704,
      pairs: 392_158,
      longestSentence: 142,
      mentionTypes: { LOC: 8320, PER: 4995, TIME: 4156, ORG: 3950, MISC: 3921, NUM: 1362 },
    });
    expect(result.perDocument).toMatchObject({
      words: { max: 508 },
      sentences: { max: 21 },
      pairs: { max: 1722 },
    });
  });

  it('knows the name facts of training documents', async () => {
    const known = new Set(
      (JSON.parse(readFileSync(shared('data/docred/train_annotated.fact'), 'utf8')) as string[][]).map(
        (fact) => fact.join('\t'),
      ),
    );
    const documents = await loadDocuments(shared('data/docred/train.json'));
    const own = new Set<string>();
    // The first 447 are of the training set whose facts the file holds.
    for (const { vertexSet, labels = [] } of documents.slice(0, 447)) {
      for (const { h, t, r } of labels) {
        for (const head of vertexSet[h] ?? [])
          for (const tail of vertexSet[t] ?? []) own.add(`${head.name}\t${tail.name}\t${r}`);
      }
    }
    expect([...own].filter((fact) => !known.has(fact))).toEqual([]);
    expect(facts(...documents.slice(0, 447)).names).toBe(own.size);
  });
});
