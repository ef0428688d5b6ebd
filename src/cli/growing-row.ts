/** A row of a table that grows while something runs: its widths cannot wait for the rows to come. */

/** Characters of the narrowest column. */
const NARROWEST = 9;

export interface GrowingRow {
  readonly header: string;
  readonly row: string;
}

/** @param cells - names of columns and what stands in them, from left to right */
export function growingRow(cells: readonly (readonly [name: string, value: string])[]): GrowingRow {
  const line = (column: 0 | 1): string =>
    cells.map((cell) => cell[column].padStart(Math.max(NARROWEST, cell[0].length + 2))).join('');
  return { header: line(0), row: line(1) };
}
