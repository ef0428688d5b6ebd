/** Tables as the commands print them. */
import { displayWidth } from '../text/display-width.ts';
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
  for (const row of cells)
    row.forEach((cell, c) => (widths[c] = Math.max(widths[c] ?? 0, displayWidth(cell))));
  const lines = cells.map((row) => {
    const padded = row.map((cell, c) => {
      const space = ' '.repeat((widths[c] ?? 0) - displayWidth(cell));
      return (align[c] ?? align.at(-1)) === 'r' ? space + cell : cell + space;
    });
    return padded.join('  ').trimEnd();
  });
  const [first, ...rest] = lines;
  if (!header || first === undefined) return lines.join('\n');
  const rule = widths.map((size) => '-'.repeat(size)).join('  ');
  return [paint('bold', first, output), paint('dim', rule, output), ...rest].join('\n');
}
