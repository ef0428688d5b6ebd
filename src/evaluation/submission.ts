/**
 * Submissions: predicted facts in the form that DocRED's evaluation server takes.
 *
 * A JSON array of facts, or one fact a line, either gzipped. Fields beyond the five known ones are ignored:
 * published systems write indices, scores and more.
 */
import { fail } from '../core/errors.ts';
import { writeAtomic } from '../core/files.ts';
import { parseElement } from '../data/elements.ts';
import { show } from '../data/problem.ts';
import { readElements } from '../data/read.ts';

/** A predicted fact. */
export interface Prediction {
  /** Of the document. */
  readonly title: string;
  /** Head and tail entity: indices into `vertexSet`. */
  readonly h_idx: number;
  readonly t_idx: number;
  /** Relation id, such as P17. */
  readonly r: string;
  /** Sentence indices. */
  readonly evidence?: readonly number[];
}

/** Facts per piece of text that is written at once. */
const BATCH = 4096;

/**
 * The facts of a file, in its order.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD` with the index and field of the first wrong fact
 */
export async function readSubmission(path: string): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for await (const element of readElements(path)) {
    predictions.push(checked(parseElement(element, path), `${path}, fact ${element.index}`));
  }
  return predictions;
}

/** Writes the facts as a JSON array, one fact a line, atomically. */
export function writeSubmission(path: string, predictions: Iterable<Prediction>): void {
  writeAtomic(path, linesOf(predictions));
}

function* linesOf(predictions: Iterable<Prediction>): Generator<string> {
  let lines: string[] = [];
  let separator = '[\n';
  for (const { title, h_idx, t_idx, r, evidence } of predictions) {
    lines.push(separator, JSON.stringify({ title, h_idx, t_idx, r, evidence }));
    separator = ',\n';
    if (lines.length >= BATCH) {
      yield lines.join('');
      lines = [];
    }
  }
  lines.push(separator === '[\n' ? '[]\n' : '\n]\n');
  yield lines.join('');
}

function checked(value: unknown, where: string): Prediction {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('E_FIELD', { expected: 'a fact to be an object', found: show(value), where });
  }
  const fact = value as Record<string, unknown>;
  const wrong = (field: string, expected: string) =>
    fail('E_FIELD', {
      expected: `${field} to be ${expected}`,
      found: show(fact[field]),
      where: `${where}, ${field}`,
    });
  const { title, h_idx, t_idx, r, evidence } = fact;
  if (typeof title !== 'string') throw wrong('title', 'a text');
  if (!isIndex(h_idx)) throw wrong('h_idx', 'an entity index');
  if (!isIndex(t_idx)) throw wrong('t_idx', 'an entity index');
  if (typeof r !== 'string') throw wrong('r', 'a relation id');
  if (evidence === undefined) return { title, h_idx, t_idx, r };
  if (!Array.isArray(evidence) || !evidence.every(isIndex))
    throw wrong('evidence', 'an array of sentence indices');
  return { title, h_idx, t_idx, r, evidence };
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
