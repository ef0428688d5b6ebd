import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { segmentText } from '../../src/text/segment.ts';
import { expectSound } from './sound.ts';
import { arbText } from './unicode.ts';

const sentences = (text: string): string[] =>
  segmentText({ text, title: 'T', markdown: true }).doc.sents.map((words) => words.join(' '));

describe('Markdown', () => {
  it.each([
    ['# Marie Curie\nShe was *born* in **War**saw.', ['Marie Curie', 'She was born in War saw .']],
    ['Ada\n===\n\nText\nof two lines', ['Ada', 'Text of two lines']],
    ['- one\n- two\n  more\n1. three', ['one', 'two more', 'three']],
    ['See [the *page*](http://a.b/c "title") and ![a picture](x.png).', ['See the page and .']],
    ['See [the page][1] or <http://a.b>.\n\n[1]: http://c.d', ['See the page or .']],
    ['A `code` word.\n\n```js\nlet x;\n```\n\n    indented\n\nEnd.', ['A code word .', 'End .']],
    ['<div>no</div>\n\nYes <b>bold</b> <!-- no -->.', ['Yes bold .']],
    ['---\ntitle: no\n---\nYes.', ['Yes .']],
    ['> quoted\n> text\n\nown', ['quoted text', 'own']],
    ['| a | b |\n|---|:-:|\n| c d | e |', ['a b', 'c d e']],
    ['A \\*star\\* and [^1] note.', ['A * star * and note .']],
    ['One\n\n***\n\nTwo', ['One', 'Two']],
    ['AT&amp;T caf&eacute; a&nbsp;b', ['AT&amp;T caf&eacute; a b']],
  ])('%j', (text, expected) => {
    expect(sentences(text)).toEqual(expected);
  });

  it('has the same words in a long file as in its parts', () => {
    const part = '## Head\n\nSome *text* of [a link](x).\n\n```\ncode\n```\n\n- item\n\n';
    const document = segmentText({ text: part.repeat(300), title: 'T', markdown: true });
    expectSound(document);
    expect(document.doc.sents).toEqual(
      Array.from({ length: 300 }, () => sentences(part).map((s) => s.split(' '))).flat(),
    );
  });

  it('leaves code out that is longer than what is parsed at once', () => {
    expect(sentences(`One\n\n\`\`\`\n${'let x = 1;\n'.repeat(5000)}\`\`\`\n\nTwo`)).toEqual(['One', 'Two']);
  });

  it('never loses a place, whatever the text', () => {
    fc.assert(
      fc.property(arbText, (text) => {
        const document = segmentText({ text, title: 'T', markdown: true });
        const covered = expectSound(document);
        const plain = expectSound(segmentText({ text, title: 'T' }));
        // Markup takes characters away; it adds none but spaces that carry a mark.
        expect([...covered].filter((at) => /\S/.test(text.charAt(at)) && !plain.has(at))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['[', '*a ', '_a_ ', '> ', '- ', '`', '[a](', '<a ', '&amp;', '|a', '```\n'])(
    'survives a lot of %j',
    (piece) => {
      const text = piece.repeat(10_000 / piece.length);
      expect(expectSound(segmentText({ text, title: 'T', markdown: true })).size).toBeLessThanOrEqual(
        text.length,
      );
    },
  );
});
