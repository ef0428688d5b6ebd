import { stripVTControlCharacters } from 'node:util';

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Extraction } from '../../../src/prediction/extraction.ts';
import { displayWidth, wrap } from '../../../src/text/display-width.ts';
import { type FormatOptions, write } from '../../../src/prediction/formats/index.ts';
import { anyExtractions, emptyExtractions, example, makeExtraction } from '../extractions.ts';

async function tableOf(extractions: readonly Extraction[], options?: FormatOptions): Promise<string> {
  let all = '';
  for await (const { text } of write('table', extractions, options)) all += text;
  return all;
}

test('names entities, and facts with their sentences', async () => {
  expect(await tableOf([example, ...emptyExtractions], { columns: 60 })).toBe(`Mira Holt
5 entities, 4 facts

  Mira Holt           PER   2x  Holt
  3 May 1961          TIME  1x
  Norway              LOC   2x  Norwegian
  Bergen              LOC   2x
  Northlight Systems  ORG   1x

  Mira Holt -- date of birth --> 3 May 1961  0.970  93 % sure
      [0] Mira Holt ( born 3 May 1961 ) is a Norwegian
          engineer from Bergen .
  Bergen -- country --> Norway             0.880  80 % sure
      [0] Mira Holt ( born 3 May 1961 ) is a Norwegian
          engineer from Bergen .
      [2] The company is based in Bergen , the
          second-largest city of Norway .
  Northlight Systems -- headquarters location --> Bergen  0.810  74 % sure
      [0] Mira Holt ( born 3 May 1961 ) is a Norwegian
          engineer from Bergen .
      [1] Holt founded Northlight Systems in 1989 .
  Northlight Systems -- founded by --> Mira Holt  0.420  31 % sure  below 0.500
      [1] Holt founded Northlight Systems in 1989 .

Empty
0 entities, 0 facts

No facts
0 entities, 0 facts
`);
  expect(await tableOf([])).toBe('');
});

test('paints titles bold and sentences dim', async () => {
  const painted = await tableOf([example], { paint: (style, text) => `<${style}>${text}</${style}>` });
  expect(painted).toContain('<bold>Mira Holt</bold>\n<dim>5 entities, 4 facts</dim>');
  expect(painted).toContain('      <dim>[1] Holt founded Northlight Systems in 1989 .</dim>\n');
});

test('counts two columns for wide characters, none for marks', async () => {
  expect(['漢字', 'e\u0301', '😀', '👩‍👩‍👧', '한국어', 'a\u200bb', 'ｆ', 'é', 'עברית'].map(displayWidth)).toEqual(
    [4, 1, 2, 2, 6, 2, 2, 1, 5],
  );
  const wide = makeExtraction({
    sents: [['漢字', 'ab']],
    entities: [
      { type: 'LOC', places: [[0, 0, 1]] },
      { type: 'PER', places: [[0, 1, 2]] },
    ],
  });
  expect((await tableOf([wide])).split('\n').slice(3, 5)).toEqual(['  漢字  LOC  1x', '  ab    PER  1x']);
});

test('no document writes to the terminal what it likes', async () => {
  await fc.assert(
    fc.asyncProperty(anyExtractions, async (extractions) => {
      const text = await tableOf(extractions);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(stripVTControlCharacters(text)).toBe(text);
    }),
  );
});

test('wraps at spaces, keeps every word, and no line is too long unless one word is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }),
      fc.integer({ min: 1, max: 30 }),
      (words, columns) => {
        const lines = wrap(words.join(' '), { columns });
        expect(lines.join(' ')).toBe(words.join(' '));
        for (const line of lines) expect(line.length <= columns || !line.includes(' ')).toBe(true);
      },
    ),
  );
});
