import { describe, expect, it } from 'vitest';

import { checkDocument } from '../../../src/data/check.ts';
import type { Document, Entity, Label } from '../../../src/data/document.ts';
import { relationInfo } from '../../../src/data/sample/relation-info.ts';
import { sampleCorpus } from '../../../src/data/sample/sample-corpus.ts';

const corpus = sampleCorpus({ documents: 500, seed: 1 });
const docs = [...corpus.train, ...corpus.dev, ...corpus.test];
const facts = docs.flatMap((doc) => (doc.labels ?? []).map((label) => ({ doc, label })));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const sentencesOf = (entity: Entity | undefined): Set<number> =>
  new Set((entity ?? []).map((m) => m.sent_id));
const typeOf = (doc: Document, entity: number): string => doc.vertexSet[entity]?.[0]?.type ?? '';
const key = ({ h, r, t }: Label): string => `${h} ${r} ${t}`;

describe('sampleCorpus', () => {
  it('splits 80/10/10 and keeps at least one document for dev and test', () => {
    expect([corpus.train.length, corpus.dev.length, corpus.test.length]).toEqual([400, 50, 50]);
    const small = sampleCorpus({ documents: 3, seed: 1 });
    expect([small.train.length, small.dev.length, small.test.length]).toEqual([1, 1, 1]);
    expect(() => sampleCorpus({ documents: 2, seed: 1 })).toThrow('at least 3');
  });

  it('is the same from the same seed, another from another, and grows at its end', () => {
    expect(sampleCorpus({ documents: 500, seed: 1 })).toEqual(corpus);
    expect(sampleCorpus({ documents: 500, seed: 2 }).train[0]).not.toEqual(corpus.train[0]);
    expect(sampleCorpus({ documents: 1000, seed: 1 }).train.slice(0, 400)).toEqual(corpus.train);
  });

  it('has unique titles', () => {
    const { train, dev, test } = sampleCorpus({ documents: 3000, seed: 3 });
    expect(new Set([...train, ...dev, ...test].map((doc) => doc.title)).size).toBe(3000);
  });

  it('passes the check of documents without a problem', () => {
    const problems = docs.flatMap((doc, index) => {
      const place = { file: 'sample', index };
      return checkDocument(doc, place, { relations: new Set(relationInfo.keys()) }).problems;
    });
    expect(problems).toEqual([]);
  });

  it('names every mention by the words that it spans', () => {
    for (const { sents, vertexSet } of docs) {
      for (const { name, sent_id, pos } of vertexSet.flat()) {
        expect(sents[sent_id]?.slice(...pos).join(' ')).toBe(name);
      }
    }
  });

  it('has the sizes that were meant', () => {
    const words = docs.map((doc) => doc.sents.flat().length);
    const entities = docs.map((doc) => doc.vertexSet.length);
    expect(Math.min(...words)).toBeGreaterThan(60);
    expect(Math.max(...words)).toBeLessThan(180);
    expect(Math.min(...entities)).toBeGreaterThanOrEqual(10);
    expect(mean(entities)).toBeLessThan(20);
    expect(Math.min(...docs.map((doc) => doc.sents.length))).toBeGreaterThanOrEqual(6);
    expect(Math.max(...docs.map((doc) => doc.sents.length))).toBeLessThan(10);
    const perEntity = mean(docs.flatMap((doc) => doc.vertexSet.map((entity) => entity.length)));
    expect(perEntity).toBeGreaterThan(1.1);
    expect(perEntity).toBeLessThan(1.6);
  });

  it('leaves about 95 % of pairs unrelated', () => {
    const pairs = docs.reduce((sum, { vertexSet: { length } }) => sum + length * (length - 1), 0);
    const related = docs.reduce(
      (sum, doc) => sum + new Set((doc.labels ?? []).map((l) => `${l.h} ${l.t}`)).size,
      0,
    );
    expect(1 - related / pairs).toBeGreaterThan(0.94);
    expect(1 - related / pairs).toBeLessThan(0.965);
  });

  it('states some facts in one sentence and others across sentences', () => {
    const across = facts.filter(({ doc, label }) => {
      const tailSentences = sentencesOf(doc.vertexSet[label.t]);
      return [...sentencesOf(doc.vertexSet[label.h])].every((sentence) => !tailSentences.has(sentence));
    });
    expect(across.length / facts.length).toBeGreaterThan(0.28);
    expect(across.length / facts.length).toBeLessThan(0.45);
  });
});

describe('labels of the sample corpus', () => {
  it('use every relation, each between the types that it is for', () => {
    const kinds = new Set(
      facts.map(({ doc, label }) => `${label.r} ${typeOf(doc, label.h)} ${typeOf(doc, label.t)}`),
    );
    expect([...kinds].sort()).toEqual(
      [
        [
          'P108 PER ORG',
          'P112 ORG PER',
          'P131 LOC LOC',
          'P159 ORG LOC',
          'P17 LOC LOC',
          'P17 ORG LOC',
          'P19 PER LOC',
        ],
        ['P20 PER LOC', 'P26 PER PER', 'P27 PER LOC', 'P50 MISC PER', 'P569 PER TIME', 'P570 PER TIME'],
        ['P571 ORG TIME', 'P577 MISC TIME'],
      ]
        .flat()
        .sort(),
    );
    expect(new Set(facts.map(({ label }) => label.r))).toEqual(new Set(relationInfo.keys()));
  });

  it('name a pair and relation once, with several relations for some pairs', () => {
    for (const { labels = [] } of docs) expect(new Set(labels.map(key)).size).toBe(labels.length);
    const several = docs.filter(
      ({ labels = [] }) => new Set(labels.map((l) => `${l.h} ${l.t}`)).size < labels.length,
    );
    expect(several.length).toBeGreaterThan(docs.length / 4);
  });

  it('are closed: spouses both ways, and the country of what lies in a part of it', () => {
    const spouses: boolean[] = [];
    const countries: boolean[] = [];
    for (const { labels = [] } of docs) {
      const known = new Set(labels.map(key));
      for (const { h, r, t } of labels) {
        if (r === 'P26') spouses.push(known.has(`${t} P26 ${h}`));
        if (r !== 'P131' && r !== 'P159') continue;
        for (const outer of labels.filter((label) => label.r === 'P17' && label.h === t)) {
          countries.push(known.has(`${h} P17 ${outer.t}`));
        }
      }
    }
    for (const holds of [spouses, countries]) {
      expect(holds.length).toBeGreaterThan(100);
      expect(holds).not.toContain(false);
    }
  });

  it('have evidence that names the head and the tail', () => {
    for (const { doc, label } of facts) {
      expect(label.evidence.length).toBeGreaterThan(0);
      for (const entity of [label.h, label.t]) {
        const named = sentencesOf(doc.vertexSet[entity]);
        expect(label.evidence.some((sentence) => named.has(sentence))).toBe(true);
      }
    }
  });

  it('are as many as the text says', () => {
    // Counted from the words alone: a label too few or too many shows.
    const wordings: Record<string, RegExp> = {
      P19: /born (and later died )?in/g,
      P20: /died in/g,
      P26: /married/g,
      P27: /, was a|\) was a/g,
      P50: /novel (written )?by/g,
      P108: /worked for|employed by/g,
      P112: /founded by/g,
      P131: /is a town|is a part/g,
      P159: /headquarters in|based in/g,
      P569: /born on|–/g,
      P570: /–/g,
      P571: /founded by/g,
      P577: /published on/g,
    };
    for (const doc of docs) {
      const text = doc.sents.flat().join(' ');
      for (const [relation, wording] of Object.entries(wordings)) {
        const told = [...text.matchAll(wording)].length * (relation === 'P26' ? 2 : 1);
        expect([relation, doc.labels?.filter((label) => label.r === relation).length]).toEqual([
          relation,
          told,
        ]);
      }
    }
  });
});
