/** How far apart two entities stand, in words, in the steps that the systems of DocRED's baselines see. */
import type { Document } from './document.ts';

/** Distances of each bucket: 0, 1, and on in powers of two. */
export const wordDistances = [
  '0',
  '1',
  '2-3',
  '4-7',
  '8-15',
  '16-31',
  '32-63',
  '64-127',
  '128-255',
  '256 and more',
] as const;

/** The bucket of a distance of either sign: an index into `wordDistances`. */
export function wordDistanceBucket(distance: number): number {
  const words = Math.abs(distance);
  return words === 0 ? 0 : Math.min(wordDistances.length - 1, 1 + Math.floor(Math.log2(words)));
}

/** Document positions, in words, of the first LISTED mention of each entity, which need not be the earliest. */
export function firstMentionWords(doc: Document): number[] {
  const starts = sentenceStarts(doc);
  return doc.vertexSet.map(([mention]) => (mention ? (starts[mention.sent_id] ?? 0) + mention.pos[0] : 0));
}

/** The document position, in words, of each sentence's first word. */
export function sentenceStarts(doc: Document): number[] {
  let words = 0;
  return doc.sents.map((sentence) => {
    const start = words;
    words += sentence.length;
    return start;
  });
}
