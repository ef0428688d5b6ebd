/** Parts of a document, against the whole: the same sequences, and the same weights of the same states. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { documentParts } from '../../src/features/document-parts.ts';
import { documentFeatures, type EncodeOptions } from '../../src/features/features.ts';
import { wordVocabulary } from '../../src/text/words.ts';
import { arbDocument, encodeWith, relations } from './documents.ts';

const byWords = (unit: 'document' | 'sentence', mode: 'corrected' | 'faithful'): EncodeOptions => ({
  reads: 'words',
  vocabulary: wordVocabulary(['[BLANK]', '[UNK]', 'a', 'b', 'c', '.']),
  types: ['T'],
  unit,
  mode,
});

test.each([
  ['pieces in windows', encodeWith({ mode: 'corrected', positions: 8 }), false],
  ['the original cut', encodeWith({ mode: 'faithful', positions: 8 }), false],
  ['sentences', byWords('sentence', 'corrected'), true],
  ["the original's sentences", byWords('sentence', 'faithful'), true],
  ['words', byWords('document', 'corrected'), true],
] as const)('%s', (_, options, padded) => {
  fc.assert(
    fc.property(arbDocument({ sentences: 8 }), fc.integer({ min: 1, max: 60 }), (doc, budget) => {
      const features = documentFeatures(doc, relations, options);
      const parts = [...documentParts(features, budget, { padded })];
      expect(parts.flatMap((part) => part.features.sequences)).toEqual(features.sequences);
      for (const tag of ['coreference', 'types'] as const)
        expect(parts.flatMap((part) => [...(part.features.tags?.[tag] ?? [])])).toEqual([
          ...(features.tags?.[tag] ?? []),
        ]);
      const rows = features.entities.map(() => new Map<number, number>());
      const lost = features.entities.map((): (readonly [number, number])[] => []);
      const seen = new Set<number>();
      let first = 0;
      for (const { features: part, members } of parts) {
        expect([...members]).toEqual([...new Set(members)].sort((a, b) => a - b));
        expect(part.entities).toHaveLength(members.length);
        const lengths = part.sequences.map(({ length }) => length);
        expect(part.pieces).toBe(lengths.reduce((a, b) => a + b, 0));
        const cost = padded ? lengths.length * Math.max(...lengths) : part.pieces;
        expect(lengths.length === 1 || cost <= budget).toBe(true);
        for (const [i, row] of part.entities.entries()) {
          const entity = members[i] ?? -1;
          seen.add(entity);
          row.states.forEach((state, s) => {
            expect(state).toBeLessThan(part.pieces);
            rows[entity]?.set(first + state, row.weights[s] ?? Number.NaN);
          });
          lost[entity]?.push(...row.lost);
        }
        first += part.pieces;
      }
      expect(seen.size).toBe(features.entities.length);
      const pairsOf = (row: { states: Int32Array; weights: Float32Array }): [number, number][] =>
        [...row.states].map((state, s): [number, number] => [state, row.weights[s] ?? Number.NaN]);
      expect(rows).toEqual(features.entities.map((row) => new Map(pairsOf(row))));
      expect(lost).toEqual(features.entities.map((row) => row.lost));
    }),
  );
});
