/**
 * Checks one document: whatever JSON was read becomes a `Document`, or problems that say why not.
 *
 * Plain loops over every word and mention rather than a schema, because this runs on each document
 * that is ever read. Sentences, entities and labels have a file each.
 */
import { isObject, required, type Check, type CheckOptions } from './check-context.ts';
import { checkEntities } from './check-entities.ts';
import { checkLabels } from './check-labels.ts';
import { checkSentences } from './check-sentences.ts';
import type { Document } from './document.ts';
import { problemKinds, show, type Place, type Problem } from './problem.ts';

export type { CheckOptions } from './check-context.ts';

export interface Checked {
  /** Absent when there is an error. Holds the known keys only. */
  readonly document?: Document;
  /** In the order of the document: title, sentences, entities, labels. */
  readonly problems: readonly Problem[];
}

/**
 * The document that `value` holds, and all that is wrong or odd about it. Never throws.
 *
 * Extra keys are dropped. `sent_id` as text becomes a number, null evidence becomes none, `labels`
 * that are null are absent. Evidence outside the document is kept, because the official evaluator
 * counts it.
 *
 * @param value - parsed JSON of any shape
 * @param place - file and index, named in every problem
 */
export function checkDocument(value: unknown, place: Place, options: CheckOptions = {}): Checked {
  const problems: Problem[] = [];
  const title = isObject(value) && typeof value['title'] === 'string' ? value['title'] : '';
  const check: Check = {
    ...options,
    warnings: options.warnings ?? true,
    failed: false,
    report: (code, path, message) => {
      const { severity } = problemKinds[code];
      if (severity === 'error') check.failed = true;
      else if (!check.warnings) return;
      problems.push({ severity, code, file: place.file, index: place.index, title, path, message });
    },
  };
  if (!isObject(value)) {
    check.report('wrong-type', '$', `Expected a document to be an object, got ${show(value)}`);
    return { problems };
  }
  checkTitle(value, check);
  const sents = checkSentences(value, check);
  const vertexSet = checkEntities(value, sents, check);
  const labels = checkLabels(value, sents?.length, vertexSet?.length, check);
  if (check.failed || sents === undefined || vertexSet === undefined) return { problems };
  // Without a failure no part holds a gap.
  const document = {
    title,
    sents,
    vertexSet,
    ...(labels === undefined ? {} : { labels }),
  } as Document;
  return { document, problems };
}

function checkTitle(value: Record<string, unknown>, check: Check): void {
  const title = required(value, 'title', '$', check);
  if (title === undefined) return;
  if (typeof title !== 'string') {
    check.report('wrong-type', '$.title', `Expected title to be text, got ${show(title)}`);
  } else if (title === '') {
    check.report('title-empty', '$.title', 'Expected title to identify the document, got ""');
  }
}
