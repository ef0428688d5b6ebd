/** The ordered pairs of a document in blocks of some heads and some tails: a book's are too many to hold at once. */
import { distanceRows } from '../features/distance.ts';
import type { Features, Pair } from '../features/features.ts';
import { DISTANCE_ROWS } from '../nn/pair-scorer.ts';
import { float32, int32, type Tensors } from '../runtime/session.ts';

/** Entities [from, to). */
interface Range {
  readonly from: number;
  readonly to: number;
}

export interface PairBlock {
  readonly heads: Range;
  readonly tails: Range;
}

/** Heads of a block at most. What depends on the tail alone is computed for every block: enough of them make that little. */
const BLOCK_HEADS = 256;

/**
 * Blocks that hold every ordered pair once, by tails and then by heads.
 *
 * @param entities - of the document
 * @param most - pairs of a block, with those of an entity and itself
 */
export function pairBlocks(entities: number, most: number): PairBlock[] {
  const heads = ranges(entities, Math.min(BLOCK_HEADS, most));
  const [widest] = heads;
  if (!widest) return [];
  const tails = ranges(entities, Math.max(1, Math.floor(most / (widest.to - widest.from))));
  return tails.flatMap((own) => heads.map((range) => ({ heads: range, tails: own })));
}

/** Ranges of like length, at most `most`. */
function ranges(count: number, most: number): Range[] {
  const parts = Math.ceil(count / Math.max(1, Math.floor(most)));
  const at = (i: number): number => Math.round((i * count) / parts);
  return Array.from({ length: parts }, (_, i) => ({ from: at(i), to: at(i + 1) }));
}

/** The pairs of a block, h outer, t inner. @param labelled - related pairs by head x entities + tail */
export function pairsOf(
  { heads, tails }: PairBlock,
  entities: number,
  labelled: ReadonlyMap<number, Pair>,
): Pair[] {
  const pairs: Pair[] = [];
  for (let head = heads.from; head < heads.to; head++) {
    for (let tail = tails.from; tail < tails.to; tail++) {
      if (head !== tail) pairs.push(labelled.get(head * entities + tail) ?? { head, tail, relations: [] });
    }
  }
  return pairs;
}

/**
 * Some pairs of a block as the program takes them; names as in `blockInputs`.
 *
 * @param vectors - of all entities of the document, [E, D]
 */
export function blockTensors(
  { heads, tails }: PairBlock,
  pairs: readonly Pair[],
  { vectors, features }: { readonly vectors: Float32Array; readonly features: Features },
): Tensors {
  const { firstWords, entities } = features;
  const width = vectors.length / entities.length;
  const side = ({ from, to }: Range) =>
    float32(vectors.subarray(from * width, to * width), [to - from, width]);
  const make = (): Int32Array => new Int32Array(pairs.length);
  const [places, headDistance, tailDistance] = [make(), make(), make()];
  for (const [p, { head, tail }] of pairs.entries()) {
    const rows = distanceRows(firstWords[head] ?? 0, firstWords[tail] ?? 0);
    const [h, t] = [head - heads.from, tail - tails.from];
    places[p] = h * (tails.to - tails.from) + t;
    headDistance[p] = h * DISTANCE_ROWS + rows.tail;
    tailDistance[p] = t * DISTANCE_ROWS + rows.head;
  }
  const index = (data: Int32Array) => int32(data, [pairs.length]);
  return {
    heads: side(heads),
    tails: side(tails),
    places: index(places),
    headDistance: index(headDistance),
    tailDistance: index(tailDistance),
  };
}
