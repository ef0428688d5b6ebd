import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { documentFeatures } from '../../src/features/features.ts';
import { unrelatedPairs } from '../../src/features/task.ts';
import { adaDocument } from '../data/documents.ts';
import { arbDocument, encodeWith, relations } from './documents.ts';

const options = encodeWith({ mode: 'corrected' });

describe('documentFeatures', () => {
  test('by hand: related pairs in order of appearance, each relation once; pieces of all sequences', () => {
    const label = (h: number, t: number, r: string) => ({ h, t, r, evidence: [] });
    const doc = {
      ...adaDocument,
      labels: [
        label(2, 0, 'P3'),
        label(0, 1, 'P1'),
        label(2, 0, 'P1'),
        label(2, 0, 'P3'), // repeated
        label(1, 1, 'P2'), // of itself
        label(1, 2, 'P404'), // unknown
        label(1, 0, 'Na'), // no relation
      ],
    };
    const features = documentFeatures(doc, relations, options);
    expect(features.title).toBe('Ada');
    expect(features.related).toEqual([
      { head: 2, tail: 0, relations: [3, 1] },
      { head: 0, tail: 1, relations: [1] },
    ]);
    expect([...features.firstWords]).toEqual([0, 5, 10]);
    expect(features.pieces).toBe(features.sequences.reduce((sum, ids) => sum + ids.length, 0));
    expect(features.entities).toHaveLength(3);
    expect(unrelatedPairs(features)).toEqual(
      [
        [0, 2],
        [1, 0],
        [1, 2],
        [2, 1],
      ].map(([head, tail]) => ({ head, tail, relations: [] })),
    );
  });

  test('unlabelled documents have no related pair', () => {
    const { title, sents, vertexSet } = adaDocument;
    const features = documentFeatures({ title, sents, vertexSet }, relations, options);
    expect(features.related).toEqual([]);
    expect(unrelatedPairs(features)).toHaveLength(6);
  });

  test('related and unrelated pairs are all ordered pairs, each once', () => {
    fc.assert(
      fc.property(arbDocument(), (doc) => {
        const features = documentFeatures(doc, relations, options);
        const pairs = [...features.related, ...unrelatedPairs(features)];
        const E = doc.vertexSet.length;
        expect(new Set(pairs.map(({ head, tail }) => `${head} ${tail}`)).size).toBe(E * (E - 1));
        expect(pairs).toHaveLength(E * (E - 1));
        expect(pairs.every(({ head, tail }) => head !== tail && head < E && tail < E)).toBe(true);
        expect(features.related.every((pair) => pair.relations.length > 0)).toBe(true);
      }),
    );
  });
});
