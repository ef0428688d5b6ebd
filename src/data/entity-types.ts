/** Entity types. */
import type { Document } from './document.ts';

/** DocRED's, in the order of its ner2id.json, where 0 means that a word is in no entity. */
export const docredTypes = ['ORG', 'LOC', 'TIME', 'PER', 'MISC', 'NUM'] as const;

/** The types of these documents: DocRED's where there are no others, else those that occur, sorted. */
export function entityTypes(documents: readonly Document[]): string[] {
  const found = new Set(documents.flatMap(({ vertexSet }) => vertexSet.flat().map(({ type }) => type)));
  const own = (docredTypes as readonly string[]).filter((type) => found.delete(type));
  return found.size === 0 ? [...docredTypes] : [...own, ...found].sort();
}
