/** What the specification has measured on DocRED's test documents. */
import { describe, expect, test } from 'vitest';

import { readJson } from '../../src/core/files.ts';
import type { Document } from '../../src/data/document.ts';
import { firstMentionWords, sentenceStarts } from '../../src/data/word-distance.ts';
import { distanceBucket } from '../../src/features/distance.ts';
import { encodePieces } from '../../src/features/encode.ts';
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { hasShared, shared } from '../shared.ts';

describe.skipIf(!hasShared)('the 1,000 test documents of DocRED', () => {
  if (!hasShared) return;
  const docs = readJson(shared('data/docred/test.json')) as Document[];
  const wordPiece = new WordPiece(loadVocabulary(shared('data/bert-vocab/bert-base-uncased-vocab.txt')));
  const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

  test('distance buckets of all ordered pairs (section 2.8)', () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const doc of docs) {
      const words = firstMentionWords(doc);
      words.forEach((head, h) =>
        words.forEach((tail, t) => {
          const bucket = Math.abs(distanceBucket(head - tail));
          if (h !== t) counts[bucket] = (counts[bucket] ?? 0) + 1;
        }),
      );
    }
    expect(counts).toEqual([34, 382, 8_312, 17_500, 32_208, 56_970, 92_918, 119_450, 60_000, 4_384]);
  });

  test('faithful: 234 rows sum to less than 1, the smallest to 0.5; 799 mentions read a wrong vector (trap 6)', () => {
    let [below, least, mentions, shifted, over] = [0, 1, 0, 0, 0];
    for (const doc of docs) {
      const starts = sentenceStarts(doc);
      // Each mention also as an entity of its own, whose first word's place shows.
      const alone = doc.vertexSet.flatMap((entity) =>
        entity.map((mention) => [{ ...mention, pos: [mention.pos[0], mention.pos[0] + 1] as const }]),
      );
      const { entities } = encodePieces(
        { ...doc, vertexSet: [...doc.vertexSet, ...alone] },
        { reads: 'pieces', wordPiece, positions: 512, mode: 'faithful', text: 'plain' },
      );
      for (const { weights, lost } of entities.slice(0, doc.vertexSet.length)) {
        const total = sum(weights) + sum(lost.map(([, weight]) => weight));
        if (total < 1 - 1e-6) [below, least] = [below + 1, Math.min(least, total)];
      }
      const before = [0];
      for (const word of doc.sents.flat()) before.push((before.at(-1) ?? 0) + wordPiece.pieces(word).length);
      if ((before.at(-1) ?? 0) > 509) over++;
      alone.forEach(([mention], i) => {
        const start = before[(starts[mention?.sent_id ?? 0] ?? 0) + (mention?.pos[0] ?? 0)] ?? 0;
        mentions++;
        if (start < 509 && entities[doc.vertexSet.length + i]?.states[0] !== 1 + start) shifted++;
      });
    }
    expect([below, least, mentions, shifted, over]).toEqual([234, 0.5, 26_704, 799, 6]);
  });

  test('corrected: every row of every document sums to 1, documents past the limit included', () => {
    let windowed = 0;
    for (const doc of docs) {
      const options = {
        reads: 'pieces',
        wordPiece,
        positions: 512,
        mode: 'corrected',
        text: 'plain',
      } as const;
      const { entities, sequences } = encodePieces(doc, options);
      if (sequences.length > 1) windowed++;
      for (const { weights } of entities) expect(Math.abs(sum(weights) - 1)).toBeLessThan(1e-5);
    }
    expect(windowed).toBe(6);
  });
});
