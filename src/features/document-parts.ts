/**
 * A document in parts that the encoder reads one after the other.
 *
 * An entity's vector is a weighted sum over states of pieces, so the sums of all parts add up to it, and no more than one part
 * need be in memory.
 */
import type { WeightRow } from './encode.ts';
import type { Features } from './features.ts';

export interface DocumentPart {
  /** Some of the document's sequences, with the entities that have states in them. */
  readonly features: Features;
  /** Those entities, by their places in the document: ascending. */
  readonly members: Int32Array;
}

/**
 * @param budget - pieces or words of a part, with padding where there is some; a longer sequence is a part of its own
 * @param options.padded - whether every sequence costs as much as the longest of its part
 */
export function* documentParts(
  features: Features,
  budget: number,
  { padded }: { readonly padded: boolean },
): Generator<DocumentPart> {
  const cuts = cutSequences(features.sequences, budget, padded);
  const rows = splitRows(features, cuts);
  for (const [i, { from, to, first, end }] of cuts.entries()) {
    const own = rows[i] ?? [];
    const { tags } = features;
    yield {
      features: {
        title: features.title,
        sequences: features.sequences.slice(from, to),
        ...(tags && {
          tags: {
            coreference: tags.coreference.subarray(first, end),
            types: tags.types.subarray(first, end),
          },
        }),
        entities: own.map(({ states, weights, lost }) => ({
          states: Int32Array.from(states),
          weights: Float32Array.from(weights),
          lost,
        })),
        states: features.states,
        pieces: end - first,
        firstWords: Int32Array.from(own, ({ entity }) => features.firstWords[entity] ?? 0),
        related: [],
      },
      members: Int32Array.from(own, ({ entity }) => entity),
    };
  }
}

/** Sequences [from, to), which have the states [first, end). */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly end: number;
}

function cutSequences(sequences: readonly Int32Array[], budget: number, padded: boolean): Cut[] {
  const cuts: Cut[] = [];
  let [from, first, end, longest] = [0, 0, 0, 0];
  for (const [i, { length }] of sequences.entries()) {
    const widest = Math.max(longest, length);
    const cost = padded ? (i - from + 1) * widest : end - first + length;
    if (i > from && cost > budget) {
      cuts.push({ from, to: i, first, end });
      [from, first, longest] = [i, end, length];
    } else {
      longest = widest;
    }
    end += length;
  }
  if (sequences.length > from) cuts.push({ from, to: sequences.length, first, end });
  return cuts;
}

interface PartRow {
  readonly entity: number;
  readonly states: number[];
  readonly weights: number[];
  readonly lost: WeightRow['lost'];
}

/** The rows of each part, states counted from its first. Words, and entities, without a state go with the first part. */
function splitRows({ entities, pieces }: Features, cuts: readonly Cut[]): PartRow[][] {
  const partOf = new Int32Array(pieces);
  cuts.forEach(({ first, end }, i) => partOf.fill(i, first, end));
  const parts = cuts.map((): PartRow[] => []);
  for (const [entity, row] of entities.entries()) {
    const rowIn = (i: number): PartRow | undefined => {
      const last = parts[i]?.at(-1);
      if (last?.entity === entity) return last;
      const made = { entity, states: [], weights: [], lost: i === 0 ? row.lost : [] };
      parts[i]?.push(made);
      return made;
    };
    if (row.lost.length > 0 || row.states.length === 0) rowIn(0);
    row.states.forEach((state, s) => {
      const i = partOf[state] ?? 0;
      const own = rowIn(i);
      own?.states.push(state - (cuts[i]?.first ?? 0));
      own?.weights.push(row.weights[s] ?? 0);
    });
  }
  return parts;
}
