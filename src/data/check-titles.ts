/** The part of `relata check` that concerns a corpus: a title is the only name that a document has. */
import { problemKinds, show, type Place, type Problem } from './problem.ts';

/**
 * A function to call with each document's title in turn; it returns the problem when the title was seen.
 *
 * One checker serves one run over any number of files, so that a document that stands in two splits
 * is found too. It keeps every title in memory (100,000 of them take some 10 MB).
 */
export function createTitleChecker(): (title: string, place: Place) => Problem | undefined {
  const seen = new Map<string, Place>();
  return (title, place) => {
    const earlier = seen.get(title);
    if (earlier === undefined) {
      seen.set(title, place);
      return undefined;
    }
    const code = earlier.file === place.file ? 'title-repeated' : 'title-shared';
    const where = `${code === 'title-shared' ? `${earlier.file} ` : ''}document ${earlier.index}`;
    const message = `Expected title to be unique, got ${show(title)}, which ${where} has`;
    return { severity: problemKinds[code].severity, code, ...place, title, path: '$.title', message };
  };
}
