/** Bars, signs and lines of a printed explanation. */
import { stripVTControlCharacters } from 'node:util';

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

/**
 * Words as lines of at most `width` characters; a longer word has a line of its own.
 *
 * @param text - words with spaces between them, any number of them, or the words, which may be painted
 * @param indent - what every line but the first begins with
 */
export function wrap(text: string | readonly string[], width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  let used = 0;
  for (const word of typeof text === 'string' ? text.split(' ') : text) {
    const { length } = stripVTControlCharacters(word);
    if (line.some((part) => part.trim() !== '') && used + 1 + length > width) {
      lines.push(line.join(' ').trimEnd());
      [line, used] = [[], 0];
    }
    // A line that was begun for a gap does not go on with it.
    if (line.length === 0 && lines.length > 0 && word === '') continue;
    const first = line.length === 0 && lines.length > 0 ? `${indent}${word}` : word;
    used += line.length === 0 ? stripVTControlCharacters(first).length : 1 + length;
    line.push(first);
  }
  return [...lines, line.join(' ').trimEnd()];
}
