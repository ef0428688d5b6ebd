/** Documents as the word-level systems see them, as published and as the original code had it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Document, Entity } from '../../src/data/document.ts';
import { docredTypes } from '../../src/data/entity-types.ts';
import { loadDocuments } from '../../src/data/read.ts';
import type { EncodedDocument, Mode } from '../../src/features/encode.ts';
import { encodeWords, LONG_WORDS, type WordOptions } from '../../src/features/encode-words.ts';
import { windows } from '../../src/features/windows.ts';
import { wordVocabulary } from '../../src/text/words.ts';
import { hasShared, shared } from '../shared.ts';
import { arbDocument, documentOf } from './documents.ts';

const vocabulary = wordVocabulary(['[BLANK]', '[UNK]', 'a', 'b', 'c', '.']);
const optionsOf = (mode: Mode, unit: WordOptions['unit'] = 'document'): WordOptions => ({
  reads: 'words',
  vocabulary,
  types: ['PER', 'LOC'],
  mode,
  unit,
});
const encode = (doc: Document, mode: Mode, unit?: WordOptions['unit']): EncodedDocument =>
  encodeWords(doc, optionsOf(mode, unit));

const idsOf = ({ sequences }: EncodedDocument): number[][] => sequences.map((ids) => [...ids]);
/** Each entity's weights by state. */
const weightsOf = ({ entities }: EncodedDocument): Record<number, number>[] =>
  entities.map(({ states, weights }) =>
    Object.fromEntries([...states].map((state, i) => [state, weights[i] ?? Number.NaN])),
  );
/** What an entity's weights sum to, lost ones too. */
const sumsOf = ({ entities }: EncodedDocument): number[] =>
  entities.map(({ weights, lost }) =>
    [...weights, ...lost.map(([, weight]) => weight)].reduce((a, b) => a + b, 0),
  );
const third = Math.fround(1 / 3);
const words = (count: number): string[] => Array<string>(count).fill('a');

describe('words and tags', () => {
  const typed = (entity: Entity | undefined, type: string): Entity =>
    (entity ?? []).map((mention) => ({ ...mention, type }));
  const plain = documentOf(
    [
      ['A', 'b', 'quux'],
      ['C', '.'],
    ],
    [
      [0, 0, 2],
      [1, 0, 1],
    ],
    [[0, 1, 3]],
    [[0, 2, 3]],
  );
  const [first, second, last] = plain.vertexSet;
  const doc = { ...plain, vertexSet: [typed(first, 'PER'), typed(second, 'LOC'), typed(last, 'THING')] };

  test.each(['corrected', 'faithful'] as const)('%s: one sequence', (mode) => {
    const encoded = encode(doc, mode);
    expect(idsOf(encoded)).toEqual([[2, 3, 1, 4, 5]]);
    // Where entities share a word the later one wins; its type counts also where it is unknown.
    expect([...(encoded.tags?.coreference ?? [])]).toEqual([1, 2, 3, 1, 0]);
    expect([...(encoded.tags?.types ?? [])]).toEqual([1, 2, 0, 1, 0]);
    expect(weightsOf(encoded)).toEqual([{ 0: 0.25, 1: 0.25, 3: 0.5 }, { 1: 0.5, 2: 0.5 }, { 2: 1 }]);
  });

  test('a sequence for each sentence, without those that have no words', () => {
    const encoded = encode(doc, 'corrected', 'sentence');
    expect(idsOf(encoded)).toEqual([
      [2, 3, 1],
      [4, 5],
    ]);
    expect([...(encoded.tags?.coreference ?? [])]).toEqual([1, 2, 3, 1, 0]);
    expect(weightsOf(encoded)).toEqual(weightsOf(encode(doc, 'corrected')));
    const gap = documentOf([['a'], [], ['b']], [[2, 0, 1]]);
    expect(idsOf(encode(gap, 'corrected', 'sentence'))).toEqual([[2], [3]]);
    expect(weightsOf(encode(gap, 'corrected', 'sentence'))).toEqual([{ 1: 1 }]);
  });

  test('a later mention of the same entity overwrites its type', () => {
    const [mention] = first ?? [];
    const twice = {
      ...plain,
      vertexSet: [[mention, { ...mention, type: 'LOC', pos: [1, 2] as const }] as Entity],
    };
    expect([...(encode(twice, 'corrected').tags?.types ?? [])]).toEqual([0, 2, 0, 0, 0]);
  });

  test('entities past the coreference table share its last row', () => {
    const sents = [words(600)];
    const many = documentOf(sents, ...sents.flat().map((_, i) => [[0, i, i + 1]] as const));
    const { tags } = encode(many, 'corrected');
    expect([0, 509, 510, 511, 599].map((i) => tags?.coreference[i])).toEqual([1, 510, 511, 511, 511]);
  });
});

describe('mentions of one entity that share words', () => {
  // [0, 4) and twice [0, 2).
  const doc = documentOf(
    [['a', 'b', 'c', '.']],
    [
      [0, 0, 4],
      [0, 0, 2],
      [0, 0, 2],
    ],
  );

  test('corrected: weights add up, to 1', () => {
    const [weights] = weightsOf(encode(doc, 'corrected'));
    const expected = [1 / 12 + 2 / 6, 1 / 12 + 2 / 6, 1 / 12, 1 / 12];
    expected.forEach((weight, state) => expect(weights?.[state]).toBeCloseTo(weight, 6));
  });

  test('faithful: the last one counts, and they sum to less', () => {
    const [weights] = weightsOf(encode(doc, 'faithful'));
    const expected = [1 / 6, 1 / 6, 1 / 12, 1 / 12];
    expected.forEach((weight, state) => expect(weights?.[state]).toBeCloseTo(weight, 6));
    expect(sumsOf(encode(doc, 'faithful'))[0]).toBeCloseTo(0.5, 6);
  });

  test.each(['document', 'sentence'] as const)('any document, by %s', (unit) => {
    fc.assert(
      fc.property(arbDocument(), (random) => {
        const count = random.sents.flat().length;
        const [corrected, faithful] = [encode(random, 'corrected', unit), encode(random, 'faithful', unit)];
        for (const sum of sumsOf(corrected)) expect(sum).toBeCloseTo(1, 5);
        for (const sum of sumsOf(faithful)) expect(sum).toBeLessThan(1 + 1e-5);
        for (const { states, lost } of corrected.entities) {
          expect(lost).toEqual([]);
          expect([...states].every((state) => state < count)).toBe(true);
        }
        expect(corrected.sequences.flatMap((ids) => [...ids])).toHaveLength(count);
        for (const { sequences, tags } of [corrected, faithful]) {
          const read = sequences.reduce((total, ids) => total + ids.length, 0);
          expect([tags?.coreference.length, tags?.types.length]).toEqual([read, read]);
        }
      }),
    );
  });
});

describe('the 512 words of the original', () => {
  const doc = documentOf(
    [words(500), words(40)],
    [[1, 11, 13]],
    [[1, 30, 31]],
    [
      [0, 0, 1],
      [1, 12, 13],
    ],
  );

  test('faithful: later words are not read and have no weight', () => {
    const encoded = encode(doc, 'faithful');
    expect(encoded.sequences.map((ids) => ids.length)).toEqual([512]);
    expect(weightsOf(encoded)).toEqual([{ 511: 0.5 }, {}, { 0: 0.5 }]);
    expect(encoded.entities.map(({ lost }) => lost)).toEqual([[], [], []]);
  });

  test('corrected: all are', () => {
    const encoded = encode(doc, 'corrected');
    expect(encoded.sequences.map((ids) => ids.length)).toEqual([540]);
    expect(weightsOf(encoded)).toEqual([{ 511: 0.5, 512: 0.5 }, { 530: 1 }, { 0: 0.5, 512: 0.5 }]);
  });
});

describe('a document of more words than are read at once', () => {
  const long = LONG_WORDS + 1;
  const doc = documentOf(
    [words(long)],
    [
      [0, 3, 4],
      [0, long - 1, long],
    ],
    [[0, 500, 501]],
    [[0, 2, 3]],
  );
  const spans = windows(long, 512);

  test('is read in overlapping windows, whose states of a word share its weight', () => {
    const encoded = encode(doc, 'corrected');
    expect(encoded.sequences.map((ids) => ids.length)).toEqual(spans.map(() => 512));
    const [first, second, third] = weightsOf(encoded);
    expect(first).toEqual({ 3: 0.5, [spans.length * 512 - 1]: 0.5 });
    const from = spans[1]?.from ?? 0;
    expect(from).toBeLessThan(500);
    expect(second).toEqual({ 500: 0.5, [512 + 500 - from]: 0.5 });
    expect(third).toEqual({ 2: 1 });
    const one = encode(
      { ...doc, sents: [words(LONG_WORDS)], vertexSet: doc.vertexSet.slice(1) },
      'corrected',
    );
    expect(one.sequences.map((ids) => ids.length)).toEqual([LONG_WORDS]);
  });

  test('numbers the entities of each window by themselves', () => {
    const { tags } = encode(doc, 'corrected');
    const [coreference, types] = [tags?.coreference ?? [], tags?.types ?? []];
    const from = spans[1]?.from ?? 0;
    // Entities 3, 1 and 2 of the document, by their first words.
    expect([2, 3, 4, 500, 512 + 500 - from, spans.length * 512 - 1].map((at) => coreference[at])).toEqual([
      1, 2, 0, 3, 1, 1,
    ]);
    expect([coreference.length, types.length]).toEqual([spans.length * 512, spans.length * 512]);
  });

  test('by sentence it is read as ever, and faithful stops after 512 words', () => {
    const cut = { ...doc, sents: [words(400), words(long - 400)], vertexSet: [] };
    expect(encode(cut, 'corrected', 'sentence').sequences.map((ids) => ids.length)).toEqual([
      400,
      long - 400,
    ]);
    expect(encode(doc, 'faithful').sequences.map((ids) => ids.length)).toEqual([512]);
  });
});

describe("the sentences of the original's SentModel", () => {
  test('the first one loses its last word, unless it has but one', () => {
    const doc = documentOf(
      [
        ['a', 'b', 'c'],
        ['.', 'a'],
      ],
      [[0, 1, 3]],
      [[0, 2, 3]],
      [[1, 0, 2]],
    );
    const encoded = encode(doc, 'faithful', 'sentence');
    expect(idsOf(encoded)).toEqual([
      [2, 3],
      [5, 2],
    ]);
    // States stand one after the other without the lost one.
    expect(weightsOf(encoded)).toEqual([{ 1: 0.5 }, {}, { 2: 0.5, 3: 0.5 }]);
    expect(encoded.entities.map(({ lost }) => lost)).toEqual([[[2, 0.5]], [[2, 1]], []]);
    const short = documentOf([['a'], ['b', 'c']], [[0, 0, 1]], [[1, 1, 2]]);
    expect(idsOf(encode(short, 'faithful', 'sentence'))).toEqual([[2], [3, 4]]);
    expect(weightsOf(encode(short, 'faithful', 'sentence'))).toEqual([{ 0: 1 }, { 2: 1 }]);
  });

  test('an empty sentence is none, and the one after it is the first', () => {
    const doc = documentOf([[], ['a', 'b'], [], ['c']], [[1, 0, 2]], [[3, 0, 1]]);
    const encoded = encode(doc, 'faithful', 'sentence');
    expect(idsOf(encoded)).toEqual([[2], [4]]);
    expect(weightsOf(encoded)).toEqual([{ 0: 0.5 }, { 1: 1 }]);
    expect(encoded.entities.map(({ lost }) => lost)).toEqual([[[1, 0.5]], []]);
  });

  test('after a sentence of more than 100 words all words take the states of others', () => {
    // Words 0-2, 3-107 and 108-111. States: 0-1, 2-101 and 102-105, for words 0-1, 3-102 and 103-106.
    const doc = documentOf(
      [words(3), words(105), ['c', 'c', 'c', 'c']],
      [[1, 99, 100]],
      [[1, 100, 101]],
      [[1, 103, 105]],
      [[2, 0, 1]],
      [
        [1, 0, 1],
        [2, 3, 4],
      ],
    );
    const encoded = encode(doc, 'faithful', 'sentence');
    expect(encoded.sequences.map((ids) => ids.length)).toEqual([2, 100, 4]);
    expect([...(encoded.sequences[2] ?? [])]).toEqual([4, 4, 4, 4]);
    expect(weightsOf(encoded)).toEqual([{ 101: 1 }, { 102: 1 }, { 105: 0.5 }, {}, { 2: 0.5 }]);
    expect(encoded.entities.map(({ lost }) => lost)).toEqual([
      [],
      [],
      [[107, 0.5]],
      [[108, 1]],
      [[111, 0.5]],
    ]);
    expect(weightsOf(encode(doc, 'corrected', 'sentence'))).toEqual([
      { 102: 1 },
      { 103: 1 },
      { 106: 0.5, 107: 0.5 },
      { 108: 1 },
      { 3: 0.5, 111: 0.5 },
    ]);
  });

  test('25 sentences are read', () => {
    const sents = Array.from({ length: 27 }, () => ['a', 'b']);
    const doc = documentOf(
      sents,
      [[24, 1, 2]],
      [[25, 0, 1]],
      [
        [0, 0, 1],
        [3, 0, 2],
        [26, 0, 1],
      ],
    );
    const encoded = encode(doc, 'faithful', 'sentence');
    expect(encoded.sequences).toHaveLength(25);
    expect(weightsOf(encoded)).toEqual([{ 48: 1 }, {}, { 0: third, 5: third / 2, 6: third / 2 }]);
    expect(encoded.entities.map(({ lost }) => lost.map(([word]) => word))).toEqual([[], [50], [52]]);
    expect(encode(doc, 'corrected', 'sentence').sequences).toHaveLength(27);
  });

  test('words past 512 have no weight', () => {
    const doc = documentOf(
      Array.from({ length: 6 }, () => words(90)),
      [[5, 61, 63]],
    );
    const encoded = encode(doc, 'faithful', 'sentence');
    // Word 511 is the 512th; its state is one less, as a word was lost.
    expect(weightsOf(encoded)).toEqual([{ 510: 0.5 }]);
    expect(encoded.entities[0]?.lost).toEqual([]);
  });
});

describe.skipIf(!hasShared)('the test documents of DocRED, as published counts have them', async () => {
  const documents = hasShared ? await loadDocuments(shared('data/docred/test.json')) : [];
  const options = { types: docredTypes, vocabulary, reads: 'words' } as const;

  test('234 of 19,539 entities have faithful weights that sum to less than 1, the smallest sum is 0.5', () => {
    const sums = documents.flatMap((doc) =>
      sumsOf(encodeWords(doc, { ...options, mode: 'faithful', unit: 'document' })),
    );
    expect(sums).toHaveLength(19_539);
    expect(sums.filter((sum) => sum < 1 - 1e-5)).toHaveLength(234);
    expect(Math.min(...sums)).toBeCloseTo(0.5, 5);
    const corrected = documents.flatMap((doc) =>
      sumsOf(encodeWords(doc, { ...options, mode: 'corrected', unit: 'document' })),
    );
    expect(corrected.every((sum) => Math.abs(sum - 1) < 1e-5)).toBe(true);
  });

  test('8 documents have a sentence of more than 100 words, which moves 68 mentions', () => {
    const long = documents.filter((doc) => doc.sents.some((sentence) => sentence.length > 100));
    expect(long).toHaveLength(8);
    let moved = 0;
    for (const doc of documents) {
      // Every mention as an entity of its own shows which states it takes.
      const apart = { ...doc, vertexSet: doc.vertexSet.flat().map((mention) => [mention]) };
      const starts = doc.sents.map((_, s) => doc.sents.slice(0, s).flat().length);
      const lostWord = (doc.sents[0]?.length ?? 0) - 1;
      /** The word of the document that each state is of. */
      const read = doc.sents
        .flatMap((sentence, s) => sentence.slice(0, 100).map((_, k) => (starts[s] ?? 0) + k))
        .filter((word) => word !== lostWord);
      const rows = encodeWords(apart, { ...options, mode: 'faithful', unit: 'sentence' }).entities;
      apart.vertexSet.forEach(([mention], i) => {
        if (!mention) return;
        const first = (starts[mention.sent_id] ?? 0) + mention.pos[0];
        const own = Array.from({ length: mention.pos[1] - mention.pos[0] }, (_, k) => first + k);
        const found = [...(rows[i]?.states ?? [])].map((state) => read[state]);
        if (found.join() !== own.filter((word) => word !== lostWord).join()) moved++;
      });
    }
    expect(moved).toBe(68);
  });

  test('115 words belong to two entities', () => {
    let [shared2, wrong] = [0, 0];
    for (const doc of documents) {
      const { tags } = encodeWords(doc, { ...options, mode: 'corrected', unit: 'document' });
      const claims = new Map<number, Set<number>>();
      const starts = doc.sents.map((_, s) => doc.sents.slice(0, s).flat().length);
      doc.vertexSet.forEach((entity, e) => {
        for (const { sent_id, pos } of entity) {
          for (let word = pos[0]; word < pos[1]; word++) {
            const place = (starts[sent_id] ?? 0) + word;
            claims.set(place, (claims.get(place) ?? new Set()).add(e + 1));
          }
        }
      });
      for (const [place, entities] of claims) {
        if (entities.size > 1) shared2++;
        if (tags?.coreference[place] !== Math.max(...entities)) wrong++;
      }
    }
    expect([shared2, wrong]).toEqual([115, 0]);
  });
});
