import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { annotate, readAnnotations } from '../../src/data/annotations.ts';
import { mentionSpan } from '../../src/data/text-document.ts';
import { segmentText } from '../../src/text/segment.ts';
import { arbText } from '../text/unicode.ts';

const document = segmentText({
  text: 'Marie Curie was born in Warsaw. She won 👍 twice in Paris.',
  title: 'Curie',
});
const per = (start: number, end: number, rest: object = {}) => ({ start, end, type: 'PER', ...rest });
const code = (name: string, message?: string) =>
  expect.objectContaining({
    code: name,
    ...(message !== undefined && { message: expect.stringContaining(message) }),
  });

describe('annotate', () => {
  it('finds the words of a span, and keeps its entity', () => {
    const { mentions, document: same } = annotate(document, [per(0, 11, { entity: 'e1' }), per(24, 30)]);
    expect(mentions).toEqual([
      { mention: { name: 'Marie Curie', sent_id: 0, pos: [0, 2], type: 'PER' }, entity: 'e1' },
      { mention: { name: 'Warsaw', sent_id: 0, pos: [5, 6], type: 'PER' } },
    ]);
    expect(same).toEqual(document);
  });

  it('splits words at borders inside them, for overlapping annotations too', () => {
    const { mentions, document: changed } = annotate(document, [per(2, 8), per(6, 11), per(0, 3)]);
    expect(changed.doc.sents[0]?.slice(0, 6)).toEqual(['Ma', 'r', 'ie', 'Cu', 'rie', 'was']);
    expect(mentions.map(({ mention }) => mention.pos)).toEqual([
      [1, 4],
      [3, 5],
      [0, 2],
    ]);
  });

  it('puts sentences together that a span reaches into', () => {
    const { mentions, document: changed } = annotate(document, [per(24, 35)]);
    expect(changed.doc.sents).toEqual([document.doc.sents.flat()]);
    expect(mentions[0]?.mention).toMatchObject({ name: 'Warsaw. She', sent_id: 0, pos: [5, 8] });
  });

  it('counts code points on request, and says when the other unit would fit', () => {
    const [start, end] = [document.text.indexOf('Paris'), document.text.indexOf('Paris') + 5];
    const paris = { text: 'Paris' };
    const ofPython = annotate(document, [per(start - 1, end - 1, paris)], { unit: 'code-points' });
    expect(ofPython.mentions[0]?.mention.name).toBe('Paris');
    expect(() => annotate(document, [per(start - 1, end - 1, paris)])).toThrow(
      code('E_ANNOTATION', '" Pari" instead of "Paris"; counted in code-points, it fits'),
    );
    expect(() => annotate(document, [per(start, end, paris)], { unit: 'code-points' })).toThrow(
      code('E_ANNOTATION', 'counted in utf-16, it fits'),
    );
    expect(() => annotate(document, [per(0, 5, paris)])).toThrow(
      code('E_ANNOTATION', '"Marie" instead of "Paris" ('),
    );
  });

  it.each([
    ['an empty span', per(3, 3)],
    ['an empty span', per(5, 3)],
    ['a span beyond', per(50, 99)],
    ['a span without a word', per(5, 6)],
  ])('refuses %s', (found, annotation) => {
    expect(() => annotate(document, [annotation])).toThrow(code('E_ANNOTATION', found));
  });

  it('cuts out of any text what was marked, less the space around it', () => {
    const arbSpans = fc.array(fc.tuple(fc.nat(120), fc.integer({ min: 1, max: 40 })), { maxLength: 6 });
    const white = /^[\p{White_Space}\ufeff]+$/u;
    fc.assert(
      fc.property(arbText, arbSpans, fc.boolean(), (text, spans, byPoint) => {
        const base = segmentText({ text, title: 'T' });
        const characters = byPoint ? [...text] : text.split('');
        const given = spans
          .map(([start, length]) => ({ start, end: start + length, type: 'X' }))
          .filter(({ end }) => end <= characters.length)
          .filter(({ start, end }) => !white.test(characters.slice(start, end).join('')));
        const { document: changed, mentions } = annotate(base, given, {
          unit: byPoint ? 'code-points' : 'utf-16',
        });
        expect(changed.words.flat().map((span) => text.slice(...span))).toEqual(changed.doc.sents.flat());
        expect(changed.doc.sents.flat().join('')).toBe(base.doc.sents.flat().join(''));
        for (const [i, { mention }] of mentions.entries()) {
          const { start, end } = given[i] ?? { start: 0, end: 0 };
          const marked = characters.slice(start, end).join('');
          const cut = text.slice(...mentionSpan(changed, mention));
          expect(mention.name).toBe(cut);
          expect(marked).toContain(cut);
          expect(marked.replaceAll(/[\p{White_Space}\ufeff]/gu, '')).toBe(
            cut.replaceAll(/[\p{White_Space}\ufeff]/gu, ''),
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('readAnnotations', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relata-annotations-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (content: string): string => {
    const path = join(folder, 'annotations');
    writeFileSync(path, content);
    return path;
  };

  it('takes an array and lines alike; ids may be numbers', async () => {
    const lines = [
      '{"start":0,"end":5,"type":"PER","entity":7,"title":null}',
      '{"start":6,"end":7,"type":"LOC","text":"x"}',
    ];
    const expected = [
      { start: 0, end: 5, type: 'PER', entity: '7' },
      { start: 6, end: 7, type: 'LOC', text: 'x' },
    ];
    expect(await readAnnotations(file(`[${lines.join()}]`))).toEqual(expected);
    expect(await readAnnotations(file(lines.join('\n')))).toEqual(expected);
  });

  it.each([
    '[{"start":-1,"end":2,"type":"X"}]',
    '[{"start":1.5,"end":2,"type":"X"}]',
    '[{"start":1,"end":2}]',
    '[3]',
  ])('refuses %s', async (content) => {
    await expect(readAnnotations(file(content))).rejects.toThrow(code('E_FIELD', 'an annotation'));
  });
});
