/** What the parts of a printed explanation share: what is explained, and how wide and colourful the page is. */
import type { Document } from '../data/document.ts';
import type { Explanation } from '../prediction/explanation.ts';
import { wrap } from './explanation-marks.ts';
import { paint, type Output } from './terminal.ts';

export interface Page {
  readonly explanation: Explanation;
  readonly doc: Document;
  readonly output: Output;
  /** Columns. */
  readonly width: number;
}

/** A heading. */
export const title = (text: string, { output }: Page): string => paint('bold', text, output);
/** A remark of any length; spaces at its beginning stand before every line. */
export const note = (text: string, { output, width }: Page): string => {
  const indent = ' '.repeat(text.length - text.trimStart().length);
  return wrap(text.trimStart(), width - indent.length)
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
