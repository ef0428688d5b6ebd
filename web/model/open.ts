/** Finds out what a file is by what it holds: results, DocRED documents, a submission, relation names, or plain text. */
import type { Document } from '../../src/data/document.ts';
import { type Extraction, RESULTS_FORMAT } from '../../src/prediction/extraction.ts';
import { check, isObject, Misfit } from './check.ts';
import type { Submitted } from './entry.ts';

export type Opened =
  | { readonly kind: 'results'; readonly extractions: readonly Extraction[] }
  | { readonly kind: 'documents'; readonly documents: readonly Document[] }
  | { readonly kind: 'submission'; readonly facts: readonly Submitted[] }
  | { readonly kind: 'names'; readonly names: ReadonlyMap<string, string> }
  | { readonly kind: 'text'; readonly text: string };

/** Larger files would fill a browser's memory as text and as objects. In bytes. */
export const MOST_BYTES = 96 * 1024 * 1024;

/**
 * What `text`, the content of a file, is.
 *
 * JSON is told by its fields; what does not begin like JSON is a text to read.
 *
 * @throws Misfit that says what was expected, what was found, and where
 */
export function open(text: string): Opened {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (!start.startsWith('{') && !start.startsWith('[')) return { kind: 'text', text };
  const value = parse(start);
  if (isObject(value) && 'results' in value) {
    const { results, format = RESULTS_FORMAT } = value;
    if (format !== RESULTS_FORMAT)
      throw new Misfit(
        `Expected results of format ${RESULTS_FORMAT}, got ${JSON.stringify(format)}: another version of Relata wrote this file.`,
      );
    if (!Array.isArray(results)) throw new Misfit('Expected "results" to be an array.');
    return {
      kind: 'results',
      extractions: results.map((result, i) => check.extraction(result, `result ${i}`)),
    };
  }
  if (isObject(value) && !('sents' in value) && !('entities' in value))
    return { kind: 'names', names: namesOf(value) };
  const items = Array.isArray(value) ? value : [value];
  const [first] = items;
  if (first === undefined) return { kind: 'submission', facts: [] };
  if (isObject(first) && 'entities' in first && 'facts' in first) {
    return { kind: 'results', extractions: items.map((item, i) => check.extraction(item, `result ${i}`)) };
  }
  if (isObject(first) && 'sents' in first) {
    return { kind: 'documents', documents: items.map((item, i) => check.document(item, `document ${i}`)) };
  }
  if (isObject(first) && 'h_idx' in first) {
    return { kind: 'submission', facts: items.map((item, i) => check.submitted(item, `fact ${i}`)) };
  }
  throw new Misfit(
    'Expected results of Relata, documents of DocRED, a submission (title, h_idx, t_idx, r), relation names, or plain text, but this JSON is none of them.',
  );
}

/** One value, or one on each line. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length < 2 || !text.startsWith('{')) throw unreadable(error);
    return lines.map((line, i): unknown => {
      try {
        return JSON.parse(line);
      } catch (problem) {
        throw i === 0 ? unreadable(error) : unreadable(problem, `line ${i + 1}`);
      }
    });
  }
}

const unreadable = (error: unknown, where = 'the file'): Misfit =>
  new Misfit(
    `Expected ${where} to hold valid JSON: ${error instanceof Error ? error.message : 'it does not'}.`,
  );

/** `rel_info.json`: an object from id to name. */
function namesOf(value: Record<string, unknown>): Map<string, string> {
  const entries = Object.entries(value);
  const names = entries.flatMap(([id, name]) => (typeof name === 'string' ? [[id, name] as const] : []));
  if (names.length === 0 || names.length < entries.length) {
    throw new Misfit(
      `Expected results ("results"), a document ("sents", "vertexSet") or relation names, but the object has ${
        entries
          .slice(0, 4)
          .map(([key]) => `"${key}"`)
          .join(', ') || 'no fields'
      }.`,
    );
  }
  return new Map(names);
}
