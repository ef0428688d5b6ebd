/** Adds a document's scores to a ranking. Source: DocRED baselines, config/Config.py (section on testing). */
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { CORRECT, IN_TRAIN, type Ranking } from './ranking.ts';
import type { TrainFacts } from './train-facts.ts';

/** An ordered pair of entities. */
interface Pair {
  readonly head: number;
  readonly tail: number;
}

/** Distinct gold facts of a document, whether they can be predicted or not. */
export function goldCount(doc: Document): number {
  return new Set((doc.labels ?? []).map(({ h, t, r }) => `${h} ${t} ${r}`)).size;
}

/**
 * Adds one scored fact for every pair and relation.
 *
 * @param scores - [P, relations], relations in the order of the vocabulary, without N/A
 * @param options.trainFacts - marks gold facts that training states
 */
export function rankDocument(
  ranking: Ranking,
  doc: Document,
  pairs: readonly Pair[],
  scores: Float32Array,
  options: { readonly relations: RelationVocabulary; readonly trainFacts?: TrainFacts | undefined },
): void {
  const { relations, trainFacts } = options;
  const width = relations.size - 1;
  const flags = new Uint8Array(scores.length);
  const rows = new Map(pairs.map(({ head, tail }, p) => [head * doc.vertexSet.length + tail, p]));
  for (const { h, t, r } of doc.labels ?? []) {
    const row = rows.get(h * doc.vertexSet.length + t);
    const relation = relations.relationIndex(r);
    if (row === undefined || relation === undefined || relation === 0) continue;
    const known = trainFacts?.has(doc.vertexSet[h] ?? [], doc.vertexSet[t] ?? [], r) === true;
    flags[row * width + relation - 1] = known ? CORRECT | IN_TRAIN : CORRECT;
  }
  ranking.append(scores, flags);
}
