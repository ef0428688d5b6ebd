import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { WordCounter, wordsOf } from '../../src/text/word-counter.ts';

const lines = [
  'the cat sat',
  '',
  '\tthe\u00A0mat,  the __proto__ ',
  'internationalisation internationalisation 東京',
];

it('counts what stands between white space, as it is spelt', () => {
  const counter = new WordCounter();
  expect(counter.add(lines)).toBe(3 + 4 + 3);
  expect(counter.add(['The'])).toBe(1);
  expect([...counter.counts]).toEqual([
    ['the', 3],
    ['cat', 1],
    ['sat', 1],
    ['mat,', 1],
    ['__proto__', 1],
    ['internationalisation', 2],
    ['東京', 1],
    ['The', 1],
  ]);
  expect(wordsOf(' \r\n')).toEqual([]);
});

it('drops the rarest when there are too many, and no frequent one', () => {
  const counter = new WordCounter({ most: 4 });
  counter.add(['a a a b b c']);
  counter.add(['d']);
  expect(counter.counts.size).toBe(4);
  // The fifth goes with the others that were seen once.
  counter.add(['e']);
  expect([...counter.counts]).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
  // Where too many are as frequent as that, they go too.
  counter.add(['x x y y z']);
  expect([...counter.counts]).toEqual([['a', 3]]);
});

it('never counts too many, and never holds more than it may', () => {
  const arbWords = fc.array(fc.constantFrom(...'aaaaaaabbbbccdefghijk'), { maxLength: 200 });
  fc.assert(
    fc.property(arbWords, fc.integer({ min: 2, max: 12 }), (words, most) => {
      const [bounded, exact] = [new WordCounter({ most }), new WordCounter()];
      for (const word of words) {
        bounded.add([word]);
        exact.add([word]);
        expect(bounded.counts.size).toBeLessThanOrEqual(most);
      }
      for (const [word, count] of bounded.counts)
        expect(count).toBeLessThanOrEqual(exact.counts.get(word) ?? 0);
      const roomy = new WordCounter({ most: exact.counts.size });
      roomy.add(words);
      expect(roomy.counts).toEqual(exact.counts);
    }),
  );
});
