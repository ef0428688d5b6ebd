/** Random documents, and a vocabulary whose words give no, one or several pieces. */
import * as fc from 'fast-check';

import type { Document } from '../../src/data/document.ts';
import { type RelationVocabulary, relationVocabulary } from '../../src/data/relations.ts';
import type { PieceOptions } from '../../src/features/encode.ts';
import { createVocabulary } from '../../src/text/vocabulary.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';

/** A no-break space: a word of it yields no piece. */
export const NOTHING = '\u00A0';

export const wordPiece = new WordPiece(
  createVocabulary(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', 'b', 'c', 'd', '##y', '##z', '.']),
);
export const { cls, sep, unk } = wordPiece.vocabulary.special;
/** Pieces of `a`, `b`, `c`, `d`, `##y`, `##z`, `.`. */
export const [A = 5, B = 6, C = 7, D = 8, Y = 9, Z = 10, STOP = 11] = [5, 6, 7, 8, 9, 10, 11];

export const relations: RelationVocabulary = relationVocabulary(
  new Map([
    ['P1', 'one'],
    ['P2', 'two'],
    ['P3', 'three'],
  ]),
);

export const encodeWith = (options: Partial<PieceOptions> & Pick<PieceOptions, 'mode'>): PieceOptions => ({
  reads: 'pieces',
  wordPiece,
  positions: 512,
  text: 'plain',
  ...options,
});

const word = fc.constantFrom('a', 'b', 'c', 'd', '.', 'ay', 'byz', 'cyyyz', 'dz', 'quux', NOTHING, NOTHING);

/** Sound documents of up to some hundred pieces: mentions may repeat, overlap, and consist of nothing. */
export function arbDocument(
  options: { readonly sentences?: number; readonly words?: number } = {},
): fc.Arbitrary<Document> {
  const { sentences = 4, words = 12 } = options;
  return fc
    .array(fc.array(word, { minLength: 1, maxLength: words }), { minLength: 1, maxLength: sentences })
    .chain((sents) => {
      const mention = fc
        .record({
          sent_id: fc.nat(sents.length - 1),
          at: fc.nat(10_000),
          length: fc.integer({ min: 1, max: 4 }),
        })
        .map(({ sent_id, at, length }) => {
          const size = sents[sent_id]?.length ?? 1;
          const start = at % size;
          return { name: 'x', sent_id, pos: [start, Math.min(size, start + length)] as const, type: 'T' };
        });
      const entity = fc
        .array(mention, { minLength: 1, maxLength: 3 })
        .chain((own) => fc.boolean().map((twice) => (twice ? [...own, ...own.slice(0, 1)] : own)));
      return fc
        .record({
          vertexSet: fc.array(entity, { minLength: 1, maxLength: 5 }),
          facts: fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.constantFrom('P1', 'P2', 'P3', 'P9')), {
            maxLength: 6,
          }),
        })
        .map(({ vertexSet, facts }) => ({
          title: 'random',
          sents,
          vertexSet,
          labels: facts
            .filter(([h, t]) => h < vertexSet.length && t < vertexSet.length)
            .map(([h, t, r]) => ({ h, t, r, evidence: [] })),
        }));
    });
}

/** A document whose entities have mentions at [sentence, start, end). */
export function documentOf(
  sents: readonly (readonly string[])[],
  ...entities: readonly (readonly (readonly [number, number, number])[])[]
): Document {
  return {
    title: 'made',
    sents,
    vertexSet: entities.map((mentions) =>
      mentions.map(([sent_id, start, end]) => ({ name: 'x', sent_id, pos: [start, end], type: 'T' })),
    ),
  };
}
