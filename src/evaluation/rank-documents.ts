/** Ranks all scored facts of a collection. Source: DocRED baselines, config/Config.py (section on testing). */
import type { Document } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { CORRECT, IN_TRAIN, Ranking } from './ranking.ts';
import type { ScoreTally } from './score-tally.ts';
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

/** Scores of one document, or of some of its pairs. */
interface Scores {
  readonly pairs: readonly Pair[];
  /** [P, relations], relations in the order of the vocabulary, without N/A. */
  readonly scores: Float32Array;
  /** Pairs that a first step held back. */
  readonly closed: readonly Pair[];
  /** Whether the next scores are of other pairs of this very document; default false. */
  readonly hasMore?: boolean;
}

export interface RankOptions {
  readonly relations: RelationVocabulary;
  /** Marks gold facts that training states. */
  readonly trainFacts?: TrainFacts | undefined;
  /** Whether pairs that were held back are ranked too, below all others, as the original does. */
  readonly rankClosed: boolean;
  /** Counts the scores of pairs that were not held back. */
  readonly tally?: ScoreTally | undefined;
}

/** The score that the original gives to relations of pairs that step 1 held back. */
const CLOSED_SCORE = -100;

/** The ranking of all facts, and how many gold facts there are. @param scored - of each document, in their order */
export async function rankDocuments(
  scored: AsyncIterable<Scores>,
  documents: readonly Document[],
  options: RankOptions,
): Promise<{ ranking: Ranking; gold: number }> {
  const ranking = new Ranking();
  let [index, gold] = [0, 0];
  for await (const { pairs, scores, closed, hasMore = false } of scored) {
    const doc = documents[index];
    if (!hasMore) index++;
    if (!doc) continue;
    if (!hasMore) gold += goldCount(doc);
    const flags = rankPairs(ranking, doc, pairs, scores, options);
    options.tally?.addDocument(scores, flags);
    if (!options.rankClosed || closed.length === 0) continue;
    rankPairs(
      ranking,
      doc,
      closed,
      new Float32Array(closed.length * (options.relations.size - 1)).fill(CLOSED_SCORE),
      options,
    );
  }
  return { ranking, gold };
}

/** @returns what each fact is, as `Ranking.append` takes it */
function rankPairs(
  ranking: Ranking,
  doc: Document,
  pairs: readonly Pair[],
  scores: Float32Array,
  options: RankOptions,
): Uint8Array {
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
  return flags;
}
