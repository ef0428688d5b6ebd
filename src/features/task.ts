/**
 * What a model is asked about a pair: which pairs it is trained on, and what the right answer is.
 *
 * `relation` is the one-step system; `existence` and `related-relation` are the two steps.
 */
import type { Rng } from '../core/rng.ts';
import type { Mode } from './encode.ts';
import type { Features, Pair } from './features.ts';

export type Task = 'relation' | 'existence' | 'related-relation';

/** `all` unrelated pairs, or this many for every related one. */
export type Negatives = 'all' | number;

export interface TaskOptions {
  readonly task: Task;
  readonly mode: Mode;
  readonly negatives: Negatives;
}

/**
 * The pairs of a document to train on, drawn anew at every call.
 *
 * Unrelated pairs are sampled per document, uniformly and without replacement; step 2 sees related pairs only.
 * Source: the paper's section 2.2 and its repository, config/Config.py.
 */
export function trainingPairs(features: Features, { task, negatives }: TaskOptions, rng: Rng): Pair[] {
  const { related } = features;
  if (task === 'related-relation') return [...related];
  if (negatives !== 'all' && related.length === 0) return [];
  const unrelated = unrelatedPairs(features);
  if (negatives === 'all') return [...related, ...unrelated];
  return [...related, ...rng.sample(unrelated, Math.round(related.length * negatives))];
}

/** Every ordered pair of a document, h outer, t inner. Made on demand: there are thirty times as many as related ones. */
export function allPairs({ entities, related }: Features): Pair[] {
  const count = entities.length;
  const labelled = new Map(related.map((pair) => [pair.head * count + pair.tail, pair]));
  const pairs: Pair[] = [];
  for (let head = 0; head < count; head++) {
    for (let tail = 0; tail < count; tail++) {
      if (head !== tail) pairs.push(labelled.get(head * count + tail) ?? { head, tail, relations: [] });
    }
  }
  return pairs;
}

/** The pairs that have no relation, in the same order. */
export function unrelatedPairs(features: Features): Pair[] {
  return allPairs(features).filter(({ relations }) => relations.length === 0);
}

/**
 * The number of classes R.
 *
 * The original's step 1 has all classes and uses two of them; `corrected` decides between two.
 */
export function classCount(relations: number, { task, mode }: Pick<TaskOptions, 'task' | 'mode'>): number {
  return task === 'existence' && mode === 'corrected' ? 2 : relations + 1;
}

/** Classes that are right for a pair: 0 is "not related"; step 1 uses 0 and 1. */
export function targetClasses(pair: Pair, task: Task): readonly number[] {
  if (pair.relations.length === 0) return [0];
  return task === 'existence' ? [1] : pair.relations;
}
