/** Where a fact stands, by a rule: the systems of the paper name relations, not sentences. */
import type { Document } from '../data/document.ts';

/**
 * Sentences that mention both entities; where there is none, the two nearest that mention one each.
 *
 * @returns sentence indices, ascending
 */
export function evidenceSentences(doc: Document, head: number, tail: number): number[] {
  const of = (entity: number): Set<number> =>
    new Set(doc.vertexSet[entity]?.map((mention) => mention.sent_id));
  const [heads, tails] = [of(head), of(tail)];
  const both = [...heads].filter((sentence) => tails.has(sentence));
  if (both.length > 0) return both.sort((a, b) => a - b);
  const pairs = [...heads].flatMap((h) => [...tails].map((t): [number, number] => [h, t]));
  const [nearest] = pairs.sort(([a, b], [c, d]) => Math.abs(a - b) - Math.abs(c - d) || a + b - c - d);
  return nearest ? nearest.toSorted((a, b) => a - b) : [];
}
