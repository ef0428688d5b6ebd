/**
 * Relation ids and their order, which is the order of a model's outputs.
 *
 * Index 0 is always N/A. The rest follow a relation file, or, without one, the data: most frequent
 * first, equal ones by id. Other projects number relations differently, so an order is saved with a model.
 */
import { fail } from '../core/errors.ts';
import { readJson } from '../core/files.ts';
import type { Document } from './document.ts';

/** The id of "no relation" in `rel2id.json`; never the id of a relation. */
export const NO_RELATION = 'Na';

export interface RelationVocabulary {
  /** R: relations + 1. */
  readonly size: number;
  /** The id at each index; `Na` at 0. */
  readonly ids: readonly string[];
  /** English (or any) name for an id; the id itself when there is none. */
  readonly relationName: (id: string) => string;
  /** 0 for `Na`, 1 to size - 1 for a relation, undefined for an id that is not of this vocabulary. */
  readonly relationIndex: (id: string) => number | undefined;
  /** @throws RelataError `E_FIELD` when index is not at least 0 and below size */
  readonly relationId: (index: number) => string;
}

/**
 * The relations of a file: id to name, in the order that the vocabulary takes.
 *
 * `rel_info.json` maps ids to names and gives its own order (JSON puts ids that are whole numbers first).
 * `rel2id.json` maps ids to numbers, perhaps as text, and gives the order of its numbers.
 * `Na` is left out.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD`
 */
export function readRelationInfo(path: string): ReadonlyMap<string, string> {
  const value = readJson(path, 'a relation file (rel_info.json or rel2id.json)');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'an array' : String(value);
    throw fail('E_FIELD', { expected: 'relations to be an object from id to name', found, where: path });
  }
  const all: [string, unknown][] = Object.entries(value);
  const entries = all.filter(([id]) => id !== NO_RELATION);
  if (entries.length > 0 && entries.every(([, number]) => isNumber(number))) {
    return new Map(entries.sort((a, b) => Number(a[1]) - Number(b[1])).map(([id]) => [id, id]));
  }
  return new Map(
    entries.map(([id, name]) => {
      if (typeof name === 'string') return [id, name];
      const expected = 'a relation to have a text as its name (or all of them a number)';
      throw fail('E_FIELD', { expected, found: JSON.stringify(name), where: `${path}: $.${id}` });
    }),
  );
}

/** The vocabulary of `info`, in its order; `Na` comes first, given or not. */
export function relationVocabulary(info: ReadonlyMap<string, string>): RelationVocabulary {
  const ids = [NO_RELATION, ...[...info.keys()].filter((id) => id !== NO_RELATION)];
  const indices = new Map(ids.map((id, index) => [id, index]));
  return {
    size: ids.length,
    ids,
    relationName: (id) => info.get(id) ?? id,
    relationIndex: (id) => indices.get(id),
    relationId: (index) => {
      const id = ids[index];
      if (id !== undefined) return id;
      const expected = `a relation index to be at least 0 and below ${ids.length}`;
      throw fail('E_FIELD', { expected, found: String(index), where: 'relation vocabulary' });
    },
  };
}

/**
 * The vocabulary of the relations that occur, most frequent first, equal ones by id.
 *
 * @param source - documents, or how often each relation id occurs
 */
export function relationsFrom(source: Iterable<Document> | ReadonlyMap<string, number>): RelationVocabulary {
  const counts = source instanceof Map ? source : countRelations(source as Iterable<Document>);
  const order = [...(counts as ReadonlyMap<string, number>)].sort(byFrequency);
  return relationVocabulary(new Map(order.map(([id]) => [id, id])));
}

/** Label entries of each relation id. */
export function countRelations(documents: Iterable<Document>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const doc of documents) {
    for (const { r } of doc.labels ?? []) counts.set(r, (counts.get(r) ?? 0) + 1);
  }
  return counts;
}

/** Sorts [id, count] entries: most frequent first, equal ones by id (by code units, in no language). */
export function byFrequency(a: readonly [string, number], b: readonly [string, number]): number {
  if (a[1] !== b[1]) return b[1] - a[1];
  if (a[0] === b[0]) return 0;
  return a[0] < b[0] ? -1 : 1;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value));
}
