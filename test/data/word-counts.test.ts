import { expect, test } from 'vitest';

import { wordCounts } from '../../src/data/word-counts.ts';
import { adaDocument } from './documents.ts';

test('words are counted over sentences and documents, as they are spelt', () => {
  const odd = { ...adaDocument, sents: [[], ['ada', '__proto__', 'constructor', '__proto__']] };
  const counts = wordCounts([adaDocument, odd]);
  const found = ['Ada', 'ada', 'in', '.', '__proto__', 'constructor', 'toString'].map((word) =>
    counts.get(word),
  );
  expect(found).toEqual([2, 1, 2, 2, 2, 1, undefined]);
  expect([...counts.values()].reduce((a, b) => a + b, 0)).toBe(12 + 4);
});
