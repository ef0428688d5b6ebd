import { expect, test } from 'vitest';

import { Throughput } from '../../src/server/throughput.ts';
import { estimateWords } from '../../src/server/words.ts';

test.each([
  ['', 0],
  [' \n\t\u00a0\u3000', 0],
  ['one two  three\nfour', 4],
  ["It's done.", 5],
  ['(a, b)', 5],
  ['...', 1],
  ['!?'.repeat(1000), 2000],
  ['\0\0', 2],
  ['a\u200bb', 3],
  ['ก'.repeat(10), 5],
  ['東京は日本', 5],
  ['Ada は', 2],
  ['a'.repeat(24), 1],
  ['a'.repeat(25), 2],
  ['a'.repeat(24_000), 1000],
])('%j counts as %i', (text, words) => {
  expect(estimateWords(text)).toBe(words);
});

test('time in which two batches run counts once', () => {
  const throughput = new Throughput();
  expect(throughput.wordsPerSecond).toBe(undefined);
  throughput.add(1000, 0, 1000);
  expect(throughput.wordsPerSecond).toBe(1000);
  // 2,000 words from 500 to 2000 ms, of which 500 ms are counted already: 2,000 a second.
  throughput.add(2000, 500, 2000);
  expect(throughput.wordsPerSecond).toBeCloseTo(0.3 * 2000 + 0.7 * 1000);
  throughput.add(500, 2000, 2000);
  expect(throughput.wordsPerSecond).toBeCloseTo(1300);
});
