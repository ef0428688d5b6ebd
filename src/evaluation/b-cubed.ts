/**
 * How well mentions were grouped into entities: B-cubed.
 *
 * Source: Bagga and Baldwin 1998, Algorithms for scoring coreference chains; every mention weighs the same.
 */

/** The entity of each mention of a document, by any number or name; both lists are of the same mentions. */
export interface Clustering {
  readonly gold: readonly (number | string)[];
  readonly found: readonly (number | string)[];
}

export interface BCubed {
  /** Mean over mentions: the share of the mentions of its found entity that are its gold entity's. 1 without mentions. */
  readonly precision: number;
  /** The same with the two exchanged. */
  readonly recall: number;
  readonly f1: number;
  /** Share of the gold entities that were found with all of their mentions and no other. 1 without entities. */
  readonly exact: number;
  readonly mentions: number;
  readonly entities: number;
}

/** The scores over all mentions of all documents. */
export function bCubed(documents: Iterable<Clustering>): BCubed {
  let [precision, recall, mentions, entities, same] = [0, 0, 0, 0, 0];
  for (const { gold, found } of documents) {
    const goldSizes = sizes(gold);
    const foundSizes = sizes(found);
    const both = new Map<number | string, Map<number | string, number>>();
    for (const [i, entity] of gold.entries()) {
      const row = both.get(entity) ?? new Map<number | string, number>();
      const other = found[i] ?? '';
      both.set(entity, row.set(other, (row.get(other) ?? 0) + 1));
    }
    for (const [entity, row] of both) {
      const size = goldSizes.get(entity) ?? 0;
      for (const [other, shared] of row) {
        const otherSize = foundSizes.get(other) ?? 0;
        precision += shared ** 2 / otherSize;
        recall += shared ** 2 / size;
        if (shared === size && shared === otherSize) same++;
      }
    }
    mentions += gold.length;
    entities += goldSizes.size;
  }
  const [p, r] = [share(precision, mentions), share(recall, mentions)];
  return {
    precision: p,
    recall: r,
    f1: p + r === 0 ? 0 : (2 * p * r) / (p + r),
    exact: share(same, entities),
    mentions,
    entities,
  };
}

const share = (part: number, of: number): number => (of === 0 ? 1 : part / of);

function sizes(entities: readonly (number | string)[]): Map<number | string, number> {
  const counts = new Map<number | string, number>();
  for (const entity of entities) counts.set(entity, (counts.get(entity) ?? 0) + 1);
  return counts;
}
