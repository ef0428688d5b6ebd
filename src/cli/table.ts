/** Tables as the commands print them. */
import { stripVTControlCharacters } from 'node:util';

import { count, paint, type Output } from './format.ts';

export interface TableOptions {
  /** One letter a column, "l" or "r"; the last one goes on. Default "lr". */
  readonly align?: string;
  /** Whether the first row is a header, which is painted bold and underlined by a rule. Default true. */
  readonly header?: boolean;
  /** Where the table is printed, which decides on colours. Default stdout. */
  readonly output?: Output;
}

/** The rows as lines with aligned columns, two spaces between them. Numbers get their thousands apart. */
export function table(rows: readonly (readonly (string | number)[])[], options: TableOptions = {}): string {
  const { align = 'lr', header = true, output = process.stdout } = options;
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : cell)));
  const widths: number[] = [];
  for (const row of cells) row.forEach((cell, c) => (widths[c] = Math.max(widths[c] ?? 0, width(cell))));
  const lines = cells.map((row) => {
    const padded = row.map((cell, c) => {
      const space = ' '.repeat((widths[c] ?? 0) - width(cell));
      return (align[c] ?? align.at(-1)) === 'r' ? space + cell : cell + space;
    });
    return padded.join('  ').trimEnd();
  });
  const [first, ...rest] = lines;
  if (!header || first === undefined) return lines.join('\n');
  const rule = widths.map((size) => '-'.repeat(size)).join('  ');
  return [paint('bold', first, output), paint('dim', rule, output), ...rest].join('\n');
}

/** Scripts whose characters take two columns. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Columns that `text` takes on a terminal. */
function width(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (/\p{M}/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}
