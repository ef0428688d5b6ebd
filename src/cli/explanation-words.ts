/** The sentences of a document with the words that moved a score, told apart by number and, where there are colours, by colour. */
import type { Document } from '../data/document.ts';
import type { Explanation } from '../prediction/explanation.ts';
import { wrap } from '../text/display-width.ts';
import { signed } from './explanation-page.ts';
import { count, paint, type Output } from './terminal.ts';

/** Words that get their number. */
const NUMBERED = 10;
/** Sentences that are shown: those with a numbered word or a mention of the pair. */
const SHOWN = 12;
/** Shares of the strongest effect from which on a word is painted strongly, clearly, weakly. */
const STRENGTHS = [0.5, 0.2, 0.07] as const;
const STYLES = {
  plus: [['bgBlue', 'whiteBright', 'bold'], ['blue', 'bold'], 'blue'],
  minus: [['bgYellow', 'black', 'bold'], ['yellow', 'bold'], 'yellow'],
} as const;

export function markedText(
  { effects, head, tail }: Explanation,
  { doc, output, width }: { readonly doc: Document; readonly output: Output; readonly width: number },
): string {
  const strongest = effects ?? [];
  const largest = Math.abs(strongest[0]?.share ?? 0);
  const shareOf = new Map(strongest.map(({ sentence, word, share }) => [`${sentence} ${word}`, share]));
  const numbered = new Set(strongest.slice(0, NUMBERED).map(({ sentence, word }) => `${sentence} ${word}`));
  const marks = bracketsOf(doc, head, tail);
  const wanted = [
    ...new Set([
      ...[head, tail].flatMap((entity) => (doc.vertexSet[entity] ?? []).map(({ sent_id }) => sent_id)),
      ...strongest.slice(0, NUMBERED).map(({ sentence }) => sentence),
    ]),
  ];
  // A book may name the two on every page: the sentences of the strongest words say most.
  const order = new Map(strongest.map(({ sentence }, i) => [sentence, i] as const).toReversed());
  const shown = wanted
    .sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity) || a - b)
    .slice(0, SHOWN)
    .sort((a, b) => a - b);
  const lines = shown.flatMap((sentence) => {
    const words = (doc.sents[sentence] ?? []).map((text, word) => {
      const key = `${sentence} ${word}`;
      const share = shareOf.get(key) ?? 0;
      const { before = '', after = '' } = marks.get(key) ?? {};
      const number = numbered.has(key) ? `(${signed(share)})` : '';
      return `${before}${painted(text, share / (largest || 1), output)}${number}${after}`;
    });
    return wrap([`[${sentence}]`, ...words], { columns: width, indent: '    ' });
  });
  const hidden = doc.sents.length - shown.length;
  if (hidden > 0)
    lines.push(
      paint(
        'dim',
        `    ${count(hidden)} more ${hidden === 1 ? 'sentence' : 'sentences'}, where less moved`,
        output,
      ),
    );
  return lines.join('\n');
}

/** @param strength - share of the strongest effect, with its sign */
function painted(text: string, strength: number, output: Output): string {
  const level = STRENGTHS.findIndex((least) => Math.abs(strength) >= least);
  const style = STYLES[strength < 0 ? 'minus' : 'plus'][level];
  return style === undefined ? text : paint(style as Parameters<typeof paint>[0], text, output);
}

/** [ ] around the mentions of the head, { } around those of the tail: by sentence and word. */
function bracketsOf(
  doc: Document,
  head: number,
  tail: number,
): Map<string, { before: string; after: string }> {
  const marks = new Map<string, { before: string; after: string }>();
  const at = (sentence: number, word: number): { before: string; after: string } => {
    const key = `${sentence} ${word}`;
    const mark = marks.get(key) ?? { before: '', after: '' };
    marks.set(key, mark);
    return mark;
  };
  for (const [entity, opening, closing] of [
    [head, '[', ']'],
    [tail, '{', '}'],
  ] as const) {
    for (const { sent_id, pos } of doc.vertexSet[entity] ?? []) {
      at(sent_id, pos[0]).before += opening;
      at(sent_id, pos[1] - 1).after += closing;
    }
  }
  return marks;
}
