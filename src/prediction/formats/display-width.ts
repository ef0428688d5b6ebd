/** How a text looks on a terminal: its columns, and what must not reach one. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Scripts whose characters take two columns; emoji do too. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

/** Columns of a text without control characters; combining marks and what is invisible take none. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) {
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

/** Lines of at most `columns`, parted at spaces; a word that is longer has a line for itself. */
export function wrap(text: string, { columns }: { readonly columns: number }): string[] {
  const lines: string[] = [];
  let [line, width] = ['', 0];
  for (const word of text.split(' ')) {
    const size = displayWidth(word);
    if (line !== '' && width + 1 + size > columns) {
      lines.push(line);
      [line, width] = ['', 0];
    }
    width += (line === '' ? 0 : 1) + size;
    line += (line === '' ? '' : ' ') + word;
  }
  return [...lines, line];
}

export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
