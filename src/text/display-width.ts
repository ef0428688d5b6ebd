/** How a text looks on a terminal: its columns, and what must not reach one. */
import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Scripts whose characters take two columns; emoji do too. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

/** Columns of a text on one line; styles, combining marks and what is invisible take none. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) {
    if (!/^[\p{M}\p{Cf}]*$/u.test(segment)) columns += WIDE.test(segment) ? 2 : 1;
  }
  return columns;
}

/**
 * A text of unknown origin on one line: white space is one space, and control characters and those that turn the direction of what follows,
 * with which a document could write over the terminal, are U+FFFD.
 */
export const printable = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .trim();

/**
 * Words as lines of at most `columns`; a longer word has a line of its own.
 *
 * @param text - words with spaces between them, any number of them, or the words, which may be styled
 * @param options.indent - what every line but the first begins with
 */
export function wrap(
  text: string | readonly string[],
  { columns, indent = '' }: { readonly columns: number; readonly indent?: string },
): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  let used = 0;
  for (const word of typeof text === 'string' ? text.split(' ') : text) {
    const width = displayWidth(word);
    if (line.some((part) => part.trim() !== '') && used + 1 + width > columns) {
      lines.push(line.join(' ').trimEnd());
      [line, used] = [[], 0];
    }
    // A line that was begun for a gap does not go on with it.
    if (line.length === 0 && lines.length > 0 && word === '') continue;
    const first = line.length === 0 && lines.length > 0 ? `${indent}${word}` : word;
    used += line.length === 0 ? displayWidth(first) : 1 + width;
    line.push(first);
  }
  return [...lines, line.join(' ').trimEnd()];
}

export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
