/**
 * Gradients of tables that are looked up, as dense as the optimiser wants them: all rows, most of them zeros.
 *
 * A batch reads a few hundred of the 30,000 rows of a word table, so only the rows that the last batch touched are
 * cleared before the next. The rest is never written, and takes no memory where the system gives zeros on demand.
 */
import type { ParameterLookup } from '../models/tensors.ts';
import type { ParameterSpec } from '../nn/parameters.ts';

export class TableGradients {
  /** Rows of each table that may hold something. */
  readonly #touched: ReadonlyMap<string, { readonly width: number; readonly rows: Set<number> }>;
  /** Where all other rows are known to be zeros. */
  #known: ParameterLookup | undefined;

  /** @param tables - that are only looked up: what `add` is told of others is added to what lies there */
  constructor(tables: readonly ParameterSpec[]) {
    this.#touched = new Map(
      tables.map(({ name, shape }) => [name, { width: widthOf(shape), rows: new Set<number>() }]),
    );
  }

  /**
   * Makes all tables zeros.
   *
   * @param gradient - finds the tables, whose buffers may move from call to call. While it is the same function,
   *   nobody else may write to them
   */
  clear(gradient: ParameterLookup): void {
    for (const [name, { width, rows }] of this.#touched) {
      const table = gradient(name);
      if (gradient === this.#known) for (const row of rows) table.fill(0, row * width, (row + 1) * width);
      else clearAll(table);
      rows.clear();
    }
    this.#known = gradient;
  }

  /** Adds rows [N, D] to the rows of a table [V, D] that index [N] names, always in the same order. */
  add(
    { name, shape }: Pick<ParameterSpec, 'name' | 'shape'>,
    gradient: ParameterLookup,
    { index, rows }: { readonly index: ArrayLike<number>; readonly rows: ArrayLike<number> },
  ): void {
    const touched = this.#touched.get(name)?.rows;
    if (gradient !== this.#known) this.#known = undefined;
    const width = widthOf(shape);
    const table = gradient(name);
    for (let n = 0; n < index.length; n++) {
      const row = index[n] as number;
      touched?.add(row);
      const to = row * width;
      const from = n * width;
      for (let d = 0; d < width; d++) table[to + d] = (table[to + d] as number) + (rows[from + d] as number);
    }
  }
}

const widthOf = (shape: readonly number[]): number => Number(shape[1]);

/** Writes only where it has to: reading does not make the system give a page of its own to zeros. */
function clearAll(table: Float32Array): void {
  for (let i = 0; i < table.length; i++) if (table[i] !== 0) table[i] = 0;
}
