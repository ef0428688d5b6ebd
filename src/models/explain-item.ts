/** The least that a model must read to score one pair, with the same result: the other sequences cannot change it. */
import type { Item } from '../features/batch.ts';
import type { WeightRow } from '../features/encode.ts';
import type { Features } from '../features/features.ts';
import type { PairModelConfig } from './systems.ts';

/**
 * Whether a pair is scored by the vectors of its own two entities. Sequences are read one by one, so that one without a mention
 * of the two is nothing to it.
 */
export const scoresApart = ({ system }: Pick<PairModelConfig, 'system'>): boolean =>
  system !== 'context-aware';

/**
 * A document as far as one pair needs it: its two entities, and the sequences that name them.
 *
 * @returns an item with one pair
 */
export function pairItem(
  features: Features,
  { head, tail }: { readonly head: number; readonly tail: number },
  config: Pick<PairModelConfig, 'system'>,
): Item {
  if (!scoresApart(config)) return { features, pairs: [{ head, tail, relations: [] }] };
  const both = {
    ...features,
    entities: [head, tail].flatMap((entity) => features.entities[entity] ?? []),
    firstWords: Int32Array.of(features.firstWords[head] ?? 0, features.firstWords[tail] ?? 0),
    related: [],
  };
  return {
    features: withSequences(both, usedSequences(both)),
    pairs: [{ head: 0, tail: 1, relations: [] }],
  };
}

/** Sequences that hold a state of an entity, ascending; the first one where none does. */
export function usedSequences({ sequences, entities }: Features): number[] {
  const of = sequenceOfStates(sequences);
  const used = new Set(entities.flatMap(({ states }) => Array.from(states, (state) => of[state] ?? 0)));
  return used.size === 0 ? [0] : [...used].sort((a, b) => a - b);
}

/**
 * A document of some of its sequences. States of the others are left out of the entities.
 *
 * @param kept - indices, ascending
 * @param options.lost - whether words without a state keep their weight; default true
 */
export function withSequences(
  features: Features,
  kept: readonly number[],
  { lost = true }: { readonly lost?: boolean } = {},
): Features {
  const places = statePlaces(features, kept);
  const moved = new Map(Array.from(places, (state, place) => [state, place]));
  const pick = (row: WeightRow): WeightRow => {
    const own = Array.from(row.states, (state, i) => [moved.get(state), row.weights[i] ?? 0] as const).filter(
      (entry): entry is readonly [number, number] => entry[0] !== undefined,
    );
    return {
      states: Int32Array.from(own, ([state]) => state),
      weights: Float32Array.from(own, ([, weight]) => weight),
      lost: lost ? row.lost : [],
    };
  };
  const { tags } = features;
  const tagged = (ids: Int32Array): Int32Array => Int32Array.from(places, (state) => ids[state] ?? 0);
  return {
    ...features,
    sequences: kept.map((sequence) => features.sequences[sequence] ?? new Int32Array(0)),
    ...(tags && { tags: { coreference: tagged(tags.coreference), types: tagged(tags.types) } }),
    entities: features.entities.map(pick),
    pieces: places.length,
  };
}

/** For every state of the kept sequences, its place among the states of all. */
export function statePlaces({ sequences }: Features, kept: readonly number[]): Int32Array {
  const starts: number[] = [];
  let start = 0;
  for (const { length } of sequences) {
    starts.push(start);
    start += length;
  }
  return Int32Array.from(
    kept.flatMap((sequence) => Array.from(sequences[sequence] ?? [], (_, i) => (starts[sequence] ?? 0) + i)),
  );
}

function sequenceOfStates(sequences: Features['sequences']): Int32Array {
  return Int32Array.from(sequences.flatMap((sequence, s) => Array.from(sequence, () => s)));
}
