/** Finds what a person names: an entity of a document, a relation of a model, a document of several. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';

/** Candidates that an error lists. */
const SHOWN = 20;

/** The name that an entity is shown by: that of its first mention. */
export const entityName = (doc: Document, entity: number): string =>
  doc.vertexSet[entity]?.[0]?.name ?? `#${entity}`;

/**
 * The index of the entity that has a mention of this name; in other case, if none has it as it stands; or of this index
 * ("3" or "#3").
 *
 * @throws RelataError `E_CHOICE` with the candidates when there is none, or more than one
 */
export function findEntity(doc: Document, name: string): number {
  const wanted = normal(name);
  const named = (same: (mention: string) => boolean): number[] =>
    doc.vertexSet.flatMap((mentions, entity) =>
      mentions.some((mention) => same(mention.name)) ? [entity] : [],
    );
  const index = /^#?\d+$/.test(wanted) ? Number(wanted.replace('#', '')) : undefined;
  const tiers = [
    named((mention) => normal(mention) === wanted),
    named((mention) => normal(mention).toLowerCase() === wanted.toLowerCase()),
    index !== undefined && index < doc.vertexSet.length ? [index] : [],
  ];
  const found = tiers.find(({ length }) => length > 0) ?? [];
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw choice(name, {
    kind: 'entity',
    where: `"${doc.title}"`,
    found: found.length,
    candidates: (found.length > 0 ? found : doc.vertexSet.map((_, entity) => entity)).map((entity) =>
      entityLine(doc, entity),
    ),
  });
}

/**
 * The index of the relation of this id, or else of this name, in any case.
 *
 * @throws RelataError `E_CHOICE` with the candidates when there is none, or more than one
 */
export function findRelation(relations: RelationVocabulary, name: string): number {
  const wanted = normal(name).toLowerCase();
  const byId = relations.relationIndex(normal(name));
  if (byId !== undefined && byId > 0) return byId;
  const all = relations.ids.slice(1);
  const found = all.filter((id) =>
    [id, relations.relationName(id)].some((text) => text.toLowerCase() === wanted),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return relations.relationIndex(only) ?? 0;
  throw choice(name, {
    kind: 'relation',
    where: 'the model',
    found: found.length,
    candidates: (found.length > 0 ? found : all).map((id) => `${id} ${relations.relationName(id)}`),
  });
}

/**
 * The document, or whatever has a title, of this title; without one the only one.
 *
 * @param items - read until the title is found
 * @throws RelataError `E_CHOICE` with the titles when there is none, or more than one
 */
export async function findTitled<T>(
  items: AsyncIterable<T> | Iterable<T>,
  {
    title,
    titleOf,
    where,
  }: { readonly title?: string | undefined; readonly titleOf: (item: T) => string; readonly where: string },
): Promise<T> {
  const titles: string[] = [];
  let only: { readonly item: T } | undefined;
  for await (const item of items) {
    if (title !== undefined && normal(titleOf(item)) === normal(title)) return item;
    only = titles.length === 0 ? { item } : undefined;
    titles.push(titleOf(item));
  }
  if (title === undefined && only) return only.item;
  throw choice(title, {
    kind: 'document',
    where,
    found: title === undefined ? titles.length : 0,
    candidates: titles,
  });
}

function choice(
  asked: string | undefined,
  detail: {
    readonly kind: 'entity' | 'relation' | 'document';
    readonly where: string;
    readonly found: number;
    readonly candidates: readonly string[];
  },
): Error {
  const { candidates } = detail;
  const near = (text: string): boolean =>
    asked !== undefined && text.toLowerCase().includes(normal(asked).toLowerCase());
  // What holds the words that were asked for comes first.
  const sorted = [...candidates.filter(near), ...candidates.filter((text) => !near(text))];
  return fail('E_CHOICE', { ...detail, asked, candidates: sorted.slice(0, SHOWN), total: candidates.length });
}

/** Such as `#3 "Paris", LOC, 4 mentions, also "City of Light"`. */
function entityLine(doc: Document, entity: number): string {
  const mentions = doc.vertexSet[entity] ?? [];
  const [first, ...others] = [...new Set(mentions.map(({ name }) => name))];
  const type = mentions[0]?.type ?? '';
  const also = others.slice(0, 3).map((name) => `"${name}"`);
  return [
    `#${entity} "${first ?? ''}"`,
    ...(type === '' ? [] : [type]),
    `${mentions.length} ${mentions.length === 1 ? 'mention' : 'mentions'}`,
    ...(also.length > 0 ? [`also ${also.join(', ')}`] : []),
  ].join(', ');
}

const normal = (text: string): string => text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
