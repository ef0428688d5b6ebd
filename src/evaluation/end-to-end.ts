/**
 * The honest score of extraction from words alone: facts between entities that were found, against gold facts between gold ones.
 *
 * An entity that was found stands for every gold entity of which it has a mention: the same words of the same sentence. A
 * predicted fact is right when a gold fact of its relation holds between gold entities that its own stand for. Every gold fact
 * is counted once: of two predictions of it, as when an entity fell into two, the one with the lower score is wrong.
 */
import type { Document, Entity } from '../data/document.ts';

/** A document as it was read: its own entities, and facts between them. */
export interface ReadDocument {
  readonly vertexSet: readonly Entity[];
  readonly facts: readonly {
    readonly head: number;
    readonly tail: number;
    readonly relation: string;
    readonly score: number;
  }[];
}

export interface EndToEndScores {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  readonly correct: number;
  readonly predicted: number;
  readonly gold: number;
  /** Share of gold entities that some found entity stands for. */
  readonly entitiesFound: number;
}

/**
 * Scores documents, read and gold, in the same order.
 *
 * @param gold - their labels count as they stand; each fact once
 */
export function endToEndScores(read: Iterable<ReadDocument>, gold: readonly Document[]): EndToEndScores {
  const counts = { correct: 0, predicted: 0, gold: 0, entities: 0, found: 0 };
  let index = 0;
  for (const document of read) {
    const doc = gold[index++];
    if (!doc) break;
    const standsFor = matches(document.vertexSet, doc.vertexSet);
    const open = new Set((doc.labels ?? []).map(({ h, t, r }) => factKey(h, r, t)));
    counts.gold += open.size;
    counts.predicted += document.facts.length;
    counts.entities += doc.vertexSet.length;
    counts.found += new Set(standsFor.flat()).size;
    for (const { head, tail, relation } of document.facts.toSorted((a, b) => b.score - a.score)) {
      const claimed = (standsFor[head] ?? [])
        .flatMap((h) => (standsFor[tail] ?? []).map((t) => factKey(h, relation, t)))
        .find((key) => open.has(key));
      if (claimed === undefined) continue;
      open.delete(claimed);
      counts.correct++;
    }
  }
  const { correct, predicted, gold: all } = counts;
  return {
    f1: correct === 0 ? 0 : (2 * correct) / (predicted + all),
    precision: predicted === 0 ? 0 : correct / predicted,
    recall: all === 0 ? 0 : correct / all,
    correct,
    predicted,
    gold: all,
    entitiesFound: counts.entities === 0 ? 0 : counts.found / counts.entities,
  };
}

const factKey = (head: number, relation: string, tail: number): string =>
  JSON.stringify([head, relation, tail]);

/** For each found entity the gold entities that it shares a mention with, ascending. */
function matches(found: readonly Entity[], gold: readonly Entity[]): number[][] {
  const place = ({ sent_id, pos }: Entity[number]): string => `${sent_id} ${pos[0]} ${pos[1]}`;
  const owners = new Map<string, Set<number>>();
  gold.forEach((entity, g) => {
    for (const mention of entity)
      owners.set(place(mention), (owners.get(place(mention)) ?? new Set()).add(g));
  });
  return found.map((entity) => {
    const own = new Set(entity.flatMap((mention) => [...(owners.get(place(mention)) ?? [])]));
    return [...own].toSorted((a, b) => a - b);
  });
}
