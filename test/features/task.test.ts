import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { targets } from '../../src/features/batch.ts';
import { documentFeatures, type Features } from '../../src/features/features.ts';
import { allPairs, classCount, targetClasses, trainingPairs } from '../../src/features/task.ts';
import { arbDocument, documentOf, encodeWith, relations } from './documents.ts';

const options = encodeWith({ mode: 'corrected' });

/** `entities` entities, of which the first are related to the last in a row. */
function featuresOf(entities: number, related: readonly (readonly [number, number, string])[]): Features {
  const doc = documentOf([['a']], ...Array.from({ length: entities }, () => [[0, 0, 1]] as const));
  const labels = related.map(([h, t, r]) => ({ h, t, r, evidence: [] }));
  return documentFeatures({ ...doc, labels }, relations, options);
}

const made = featuresOf(6, [
  [0, 1, 'P1'],
  [0, 1, 'P3'],
  [4, 2, 'P2'],
]);
const key = ({ head, tail }: { head: number; tail: number }): string => `${head} ${tail}`;
const existence = { task: 'existence', mode: 'corrected', negatives: 3 } as const;

describe('trainingPairs', () => {
  test('step 1 and one step: every related pair and three unrelated ones for each', () => {
    for (const task of ['existence', 'relation'] as const) {
      const pairs = trainingPairs(made, { task, mode: 'faithful', negatives: 3 }, Rng.fromSeed(1));
      expect(pairs.slice(0, 2)).toEqual(made.related);
      expect(pairs).toHaveLength(2 + 6);
      expect(pairs.slice(2).every((pair) => pair.relations.length === 0 && pair.head !== pair.tail)).toBe(
        true,
      );
      expect(new Set(pairs.map(key)).size).toBe(8);
    }
  });

  test('drawn anew from another generator, equal from an equal one; over draws every pair comes up', () => {
    const draw = (seed: number): string[] =>
      trainingPairs(made, existence, Rng.fromSeed(seed)).slice(2).map(key);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 1000; seed++) {
      for (const pair of draw(seed)) counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    // 28 unrelated pairs, 6 drawn each time.
    expect(counts.size).toBe(28);
    for (const count of counts.values()) expect(Math.abs(count - (1000 * 6) / 28)).toBeLessThan(70);
  });

  test('as many as there are, where there are fewer; any ratio; all on request', () => {
    const small = featuresOf(3, [
      [0, 1, 'P1'],
      [1, 0, 'P1'],
    ]);
    expect(trainingPairs(small, existence, Rng.fromSeed(1))).toHaveLength(6);
    expect(trainingPairs(made, { ...existence, negatives: 0.5 }, Rng.fromSeed(1))).toHaveLength(3);
    expect(trainingPairs(made, { ...existence, negatives: 0 }, Rng.fromSeed(1))).toEqual(made.related);
    const all = trainingPairs(made, { ...existence, task: 'relation', negatives: 'all' }, Rng.fromSeed(1));
    expect(all.map(key).sort()).toEqual(allPairs(made).map(key).sort());
  });

  test('a document without labels gives none where unrelated pairs are sampled, all where they are not', () => {
    const bare = featuresOf(4, []);
    expect(trainingPairs(bare, existence, Rng.fromSeed(1))).toEqual([]);
    expect(trainingPairs(bare, { ...existence, negatives: 'all' }, Rng.fromSeed(1))).toHaveLength(12);
    expect(trainingPairs(bare, { ...existence, task: 'related-relation' }, Rng.fromSeed(1))).toEqual([]);
  });

  test('step 2 sees related pairs only', () => {
    for (const negatives of ['all', 3] as const) {
      const step2 = { task: 'related-relation', mode: 'corrected', negatives } as const;
      expect(trainingPairs(made, step2, Rng.fromSeed(1))).toEqual(made.related);
    }
  });
});

test('allPairs goes by head, then tail, without h = t, and keeps labels', () => {
  fc.assert(
    fc.property(arbDocument(), (doc) => {
      const features = documentFeatures(doc, relations, options);
      const E = doc.vertexSet.length;
      const expected = Array.from({ length: E * E }, (_, i) => `${Math.floor(i / E)} ${i % E}`).filter(
        (pair) => {
          const [head, tail] = pair.split(' ');
          return head !== tail;
        },
      );
      const pairs = allPairs(features);
      expect(pairs.map(key)).toEqual(expected);
      expect(
        pairs
          .filter((pair) => pair.relations.length > 0)
          .map(key)
          .sort(),
      ).toEqual(features.related.map(key).sort());
    }),
  );
});

describe('targets', () => {
  const pairs = [...made.related, { head: 0, tail: 2, relations: [] }];
  const rows = (task: 'relation' | 'existence' | 'related-relation', classes: number): number[][] => {
    const flat = targets(
      [
        { features: made, pairs: pairs.slice(0, 1) },
        { features: made, pairs: pairs.slice(1) },
      ],
      task,
      classes,
    );
    return pairs.map((_, p) => [...flat.subarray(p * classes, (p + 1) * classes)]);
  };

  test('one step and step 2: 1 at each relation of a pair; class 0 for none', () => {
    const expected = [
      [0, 1, 0, 1],
      [0, 0, 1, 0],
      [1, 0, 0, 0],
    ];
    expect(rows('relation', 4)).toEqual(expected);
    expect(rows('related-relation', 4)).toEqual(expected);
  });

  test('step 1: class 1 for any relation, among two classes or, as the original, among all', () => {
    expect(classCount(3, { task: 'existence', mode: 'corrected' })).toBe(2);
    expect(rows('existence', 2)).toEqual([
      [0, 1],
      [0, 1],
      [1, 0],
    ]);
    expect(classCount(3, { task: 'existence', mode: 'faithful' })).toBe(4);
    expect(rows('existence', 4)).toEqual([
      [0, 1, 0, 0],
      [0, 1, 0, 0],
      [1, 0, 0, 0],
    ]);
  });

  test('the other tasks have every relation and N/A, in both modes', () => {
    for (const task of ['relation', 'related-relation'] as const) {
      for (const mode of ['corrected', 'faithful'] as const) expect(classCount(96, { task, mode })).toBe(97);
    }
    expect(targetClasses({ head: 0, tail: 1, relations: [2, 3] }, 'relation')).toEqual([2, 3]);
  });
});
