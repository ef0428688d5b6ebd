/** The formats that facts are written in; each turns a stream of extractions into text. */
import type { Extraction } from '../extraction.ts';
import { csv } from './csv.ts';
import { cypher } from './cypher.ts';
import type { Chunk, FormatOptions, FormatWriter } from './format.ts';
import { graphml } from './graphml.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import { nquads } from './nquads.ts';
import { table } from './table.ts';

export type { Chunk, FormatOptions, FormatWriter } from './format.ts';

const writers = { table, json, jsonl, csv, nquads, graphml, cypher, html } satisfies Record<
  string,
  FormatWriter
>;

export type Format = keyof typeof writers;

/** Their names, in the order of `--help`. */
export const formats = Object.keys(writers) as Format[];

/** What a format is about, without writing anything: its files, media type and description. */
export const formatOf = (format: Format): FormatWriter => writers[format];

/**
 * Extractions in a format, piece by piece; no format but `html` holds more than one of them.
 *
 * A format of several files (`formatOf(format).files`) wants a folder; its pieces say which file they belong to, and come in turns.
 * Those of one file can be joined as they come.
 */
export function write(
  format: Format,
  extractions: AsyncIterable<Extraction> | Iterable<Extraction>,
  options: FormatOptions = {},
): AsyncGenerator<Chunk> {
  return writers[format].write(extractions, options);
}
