/** Reads documents: DocRED's JSON array or one document a line, either of them also as gzip or xz, told apart by content. */
import { fail } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import { unpacked, type Packing } from '../core/unpacked.ts';
import { checkDocument, type CheckOptions } from './check.ts';
import type { Document } from './document.ts';
import { ElementScanner, parseElement, type Element } from './elements.ts';
import { describeProblem } from './problem.ts';

/** Problems that an error spells out; `relata check` lists all. */
const SHOWN = 10;

export type ReadOptions = Pick<CheckOptions, 'relations' | 'noRelation'>;

/**
 * The documents of `path`, one after the other, each checked once.
 *
 * Memory holds one document, whatever the size of the file. At the first document with an error the
 * rest of the file is checked too, so that the error can say how many there are.
 *
 * @param options.relations - relation ids that labels may name; default: any
 * @param options.noRelation - relation ids whose labels are dropped
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_DOCUMENT`
 */
export async function* readDocuments(path: string, options: ReadOptions = {}): AsyncGenerator<Document> {
  const problems: string[] = [];
  let total = 0;
  for await (const element of readElements(path)) {
    const place = { file: path, index: element.index };
    const checked = checkDocument(parseElement(element, path), place, { ...options, warnings: false });
    total += checked.problems.length;
    for (const problem of checked.problems) {
      if (problems.length < SHOWN) problems.push(describeProblem(problem));
    }
    if (total === 0 && checked.document !== undefined) yield checked.document;
  }
  if (total > 0) throw fail('E_DOCUMENT', { file: path, problems, total });
}

/** All documents of `path`; see `readDocuments`. */
export async function loadDocuments(path: string, options: ReadOptions = {}): Promise<Document[]> {
  const documents: Document[] = [];
  for await (const doc of readDocuments(path, options)) documents.push(doc);
  return documents;
}

/**
 * The top-level JSON values of `path` as text, unchecked.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON` when the file is cut off or not made of such values
 */
export async function* readElements(path: string): AsyncGenerator<Element> {
  if (!isFile(path)) {
    throw fail('E_FILE_MISSING', { path, expected: 'a file of documents' });
  }
  const scanner = new ElementScanner(path);
  const damaged = (reason: string, cause: unknown, packing: Packing): Error =>
    fail('E_JSON', { path, reason: `its ${packing} data is damaged: ${reason}` }, { cause });
  for await (const chunk of unpacked(path, { damaged })) yield* scanner.push(chunk);
  yield* scanner.end();
}
