/** Where a fact stands, by a rule: the systems of the paper name relations, not sentences. */
import type { Document } from '../data/document.ts';

/** Where a fact stands. */
export interface Evidence {
  /** Sentence indices, ascending. */
  readonly sentences: number[];
  /** Sentences from the nearest mention of the one entity to that of the other; 0 within a sentence. */
  readonly apart: number;
}

/**
 * Sentences that mention both entities; where there is none, the two nearest that mention one each, of equally near ones the
 * first.
 *
 * Takes time in proportion to the sentences that mention either, each entity's found once: for all facts of a document.
 */
export function evidenceOf(doc: Document): (head: number, tail: number) => Evidence {
  const known = new Map<number, readonly number[]>();
  const sentencesOf = (entity: number): readonly number[] => {
    let sentences = known.get(entity);
    if (!sentences) {
      const all = doc.vertexSet[entity]?.map((mention) => mention.sent_id) ?? [];
      sentences = [...new Set(all)].sort((a, b) => a - b);
      known.set(entity, sentences);
    }
    return sentences;
  };
  return (head, tail) => evidenceIn(sentencesOf(head), sentencesOf(tail));
}

/** The same for a single fact. @returns sentence indices, ascending */
export const evidenceSentences = (doc: Document, head: number, tail: number): number[] =>
  evidenceOf(doc)(head, tail).sentences;

/** Goes through both at once: the nearest of a sentence are those around it. @param heads, tails - ascending */
function evidenceIn(heads: readonly number[], tails: readonly number[]): Evidence {
  const both: number[] = [];
  let nearest: number[] = [];
  let distance = Infinity;
  for (let [i, j] = [0, 0]; i < heads.length && j < tails.length;) {
    const [h, t] = [heads[i] as number, tails[j] as number];
    if (h === t) both.push(h);
    // Sentences come in their order, so the first of equally near ones stays.
    if (Math.abs(h - t) < distance) {
      distance = Math.abs(h - t);
      nearest = h < t ? [h, t] : [t, h];
    }
    if (h <= t) i++;
    if (t <= h) j++;
  }
  return { sentences: both.length > 0 ? both : nearest, apart: distance };
}
