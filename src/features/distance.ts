/** The distance feature of a pair. Source: DocRED baselines, config/Config.py. */
import type { Document } from '../data/document.ts';
import { DISTANCE_ZERO } from '../nn/pair-scorer.ts';

const LARGEST_BUCKET = 9;

/** Signed bucket of a distance in words: 0, 1, 2-3, 4-7, ... 256 and more. */
export function distanceBucket(distance: number): number {
  if (distance === 0) return 0;
  const bucket = Math.min(LARGEST_BUCKET, 1 + Math.floor(Math.log2(Math.abs(distance))));
  return distance < 0 ? -bucket : bucket;
}

/** Rows of the table for the head's and the tail's side: 10 + b and 10 - b. */
export function distanceRows(headWord: number, tailWord: number): { head: number; tail: number } {
  const bucket = distanceBucket(headWord - tailWord);
  return { head: DISTANCE_ZERO + bucket, tail: DISTANCE_ZERO - bucket };
}

/** Document positions, in words, of the first LISTED mention of each entity, which need not be the earliest. */
export function firstWords(doc: Document): Int32Array {
  const starts = sentenceStarts(doc);
  return Int32Array.from(doc.vertexSet, ([mention]) =>
    mention ? (starts[mention.sent_id] ?? 0) + mention.pos[0] : 0,
  );
}

/** The document position of each sentence's first word. */
export function sentenceStarts(doc: Document): number[] {
  let words = 0;
  return doc.sents.map((sentence) => {
    const start = words;
    words += sentence.length;
    return start;
  });
}
