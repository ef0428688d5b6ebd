/** The distance feature of a pair. Source: DocRED baselines, config/Config.py. */
import { wordDistanceBucket } from '../data/word-distance.ts';
import { DISTANCE_ZERO } from '../nn/pair-scorer.ts';

/** Bucket of a distance in words, with its sign. */
export function distanceBucket(distance: number): number {
  const bucket = wordDistanceBucket(distance);
  return distance < 0 ? -bucket : bucket;
}

/** Rows of the table for the head's and the tail's side: 10 + b and 10 - b. */
export function distanceRows(headWord: number, tailWord: number): { head: number; tail: number } {
  const bucket = distanceBucket(headWord - tailWord);
  return { head: DISTANCE_ZERO + bucket, tail: DISTANCE_ZERO - bucket };
}
