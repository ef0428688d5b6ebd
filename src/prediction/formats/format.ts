/** What a format is. */
import type { Extraction } from '../extraction.ts';

/** A piece of text and the name of the file that it continues, one of its format's `files`. */
export interface Chunk {
  readonly file: string;
  readonly text: string;
}

/** Only `table` looks at these. */
export interface FormatOptions {
  /** Styles a text that has no line end. Default: leaves it as it is. */
  readonly paint?: (style: 'bold' | 'dim', text: string) => string;
  /** Width of the terminal, in columns; sentences are wrapped to it. Default 100. */
  readonly columns?: number;
}

export type Extractions = AsyncIterable<Extraction> | Iterable<Extraction>;

export interface FormatWriter {
  /** One line for `--help`. */
  readonly description: string;
  /** Of each file, for HTTP. */
  readonly mediaType: string;
  /** The usual names; `extract.EXTENSION` where there is one, so that a caller may choose another. */
  readonly files: readonly [string, ...string[]];
  readonly write: (extractions: Extractions, options: FormatOptions) => AsyncGenerator<Chunk>;
}
