/** What the parts of a printed explanation share: what is explained, the width of the page, its headings, bars and numbers. */
import type { Document } from '../data/document.ts';
import type { Explanation } from '../prediction/explanation.ts';
import { wrap } from '../text/display-width.ts';
import { paint, type Output } from './terminal.ts';

export interface Page {
  readonly explanation: Explanation;
  readonly doc: Document;
  readonly output: Output;
  /** Columns. */
  readonly width: number;
}

/** For and against: blue and yellow, which the colour-blind tell apart too. */
export const colours = { plus: 'blue', minus: 'yellow' } as const;

/** 1.234 -> "+1.23". */
export function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  return `${text === '0.00' ? ' ' : value < 0 ? '-' : '+'}${text}`;
}

/** A bar of eighths of characters. @param share - of 0 to 1 @param length - of a whole one, in characters */
export function bar(share: number, length: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * length * 8);
  return '█'.repeat(eighths >> 3) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths & 7];
}

/** A heading. */
export const title = (text: string, { output }: Page): string => paint('bold', text, output);
/** A remark of any length; spaces at its beginning stand before every line. */
export const note = (text: string, { output, width }: Page): string => {
  const indent = ' '.repeat(text.length - text.trimStart().length);
  return wrap(text.trimStart(), { columns: width - indent.length })
    .map((line) => paint('dim', `${indent}${line}`, output))
    .join('\n');
};

/** The logit and score of the explained relation. */
export function explained({ explanation: { relations: all, relation } }: Page): {
  logit: number;
  score: number;
} {
  return all.find((row) => row.relation === relation) ?? { logit: 0, score: 0 };
}

/** Whether the model gives this relation as an answer. */
export const isAnswer = (page: Page): boolean =>
  explained(page).score > page.explanation.threshold && page.explanation.gate?.open !== false;

/** Characters of a whole bar. */
export const barLength = ({ width }: Page): number => (width < 70 ? 10 : 20);

/** 0.934 -> "0.93"; what would look like 0 or 1 keeps more. */
export function fixed(score: number): string {
  const text = score.toFixed(2);
  if (text === '0.00' && score > 0) return score < 0.0001 ? '<0.0001' : score.toFixed(4);
  if (text === '1.00' && score < 1) return score > 0.9999 ? '>0.9999' : score.toFixed(4);
  return text;
}

export const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(1, length - 3)).trimEnd()}...`;
