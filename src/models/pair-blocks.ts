/** The ordered pairs of a document in blocks of some heads and some tails: a book's are too many to hold at once. */
import { distanceRows } from '../features/distance.ts';
import type { Features, Pair } from '../features/features.ts';
import { DISTANCE_ROWS } from '../nn/pair-scorer.ts';
import { float32, int32, type Tensors } from '../runtime/session.ts';

/** Some heads and some tails, by their places in the document. */
export interface PairBlock {
  readonly heads: Int32Array;
  readonly tails: Int32Array;
}

/** The tails that a head is asked about, ascending. */
export type TailsOf = (head: number) => Int32Array;

/** Heads of a block at most. What depends on the tail alone is computed for every block: enough of them make that little. */
const BLOCK_HEADS = 256;

/** A head with more tails than this share of the entities shares no block with others that have few. */
const FREQUENT = 1 / 8;

/**
 * Blocks that hold every ordered pair once, or every one of `tailsOf`.
 *
 * @param entities - of the document; those that follow each other should be named near each other
 * @param most - pairs of a block, with those of an entity and itself
 */
export function pairBlocks(entities: number, most: number, tailsOf?: TailsOf): PairBlock[] {
  const all = Int32Array.from({ length: entities }, (_, entity) => entity);
  if (!tailsOf) {
    const heads = inParts(all, Math.min(BLOCK_HEADS, most));
    const tails = inParts(all, most / (heads[0]?.length ?? 1));
    return tails.flatMap((own) => heads.map((part) => ({ heads: part, tails: own })));
  }
  const isFrequent = all.map((head) => (tailsOf(head).length > entities * FREQUENT ? 1 : 0));
  return [0, 1].flatMap((frequent) =>
    inParts(
      all.filter((head) => isFrequent[head] === frequent),
      Math.min(BLOCK_HEADS, most),
    ).flatMap((heads) =>
      inParts(union(heads, tailsOf, entities), most / heads.length).map((tails) => ({ heads, tails })),
    ),
  );
}

/** Parts of like length, at most `most`. */
function inParts(entities: Int32Array, most: number): Int32Array[] {
  const parts = Math.ceil(entities.length / Math.max(1, Math.floor(most)));
  const at = (i: number): number => Math.round((i * entities.length) / parts);
  return Array.from({ length: parts }, (_, i) => entities.subarray(at(i), at(i + 1)));
}

/** The tails of any of `heads`, ascending. */
function union(heads: Int32Array, tailsOf: TailsOf, entities: number): Int32Array {
  const isTail = new Uint8Array(entities);
  for (const head of heads) for (const tail of tailsOf(head)) isTail[tail] = 1;
  return Int32Array.from({ length: entities }, (_, entity) => entity).filter(
    (entity) => isTail[entity] === 1,
  );
}

/** The pairs of a block, h outer, t inner. @param options.labelled - related pairs by head x entities + tail */
export function pairsOf(
  { heads, tails }: PairBlock,
  {
    entities,
    labelled,
    tailsOf,
  }: {
    readonly entities: number;
    readonly labelled: ReadonlyMap<number, Pair>;
    readonly tailsOf?: TailsOf | undefined;
  },
): Pair[] {
  const pairs: Pair[] = [];
  const isHere = new Uint8Array(entities);
  for (const tail of tails) isHere[tail] = 1;
  for (const head of heads) {
    for (const tail of tailsOf?.(head) ?? tails) {
      if (head !== tail && isHere[tail] === 1)
        pairs.push(labelled.get(head * entities + tail) ?? { head, tail, relations: [] });
    }
  }
  return pairs;
}

/**
 * Tails that are named near a head.
 *
 * @param sentences - of each entity, ascending
 * @param reach - sentences from a mention of the one to a mention of the other, at most
 */
export function tailsWithin(sentences: readonly Int32Array[], reach: number): TailsOf {
  const named: number[][] = [];
  for (const [entity, own] of sentences.entries()) for (const s of own) (named[s] ??= []).push(entity);
  /** The head that an entity was last found near. */
  const found = new Int32Array(sentences.length).fill(-1);
  return (head) => {
    const tails: number[] = [];
    let next = 0;
    for (const s of sentences[head] ?? []) {
      const last = Math.min(named.length - 1, s + reach);
      for (next = Math.max(next, s - reach); next <= last; next++) {
        for (const tail of named[next] ?? []) {
          if (found[tail] === head || tail === head) continue;
          found[tail] = head;
          tails.push(tail);
        }
      }
    }
    // What is found for a head twice would be empty the second time.
    for (const tail of tails) found[tail] = -1;
    return Int32Array.from(tails).sort();
  };
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
  const side = (own: Int32Array) => {
    const rows = new Float32Array(own.length * width);
    for (const [row, entity] of own.entries())
      rows.set(vectors.subarray(entity * width, (entity + 1) * width), row * width);
    return float32(rows, [own.length, width]);
  };
  const [headRow, tailRow] = [rowsOf(heads, entities.length), rowsOf(tails, entities.length)];
  const make = (): Int32Array => new Int32Array(pairs.length);
  const [places, headDistance, tailDistance] = [make(), make(), make()];
  for (const [p, { head, tail }] of pairs.entries()) {
    const rows = distanceRows(firstWords[head] ?? 0, firstWords[tail] ?? 0);
    const [h, t] = [headRow[head] as number, tailRow[tail] as number];
    places[p] = h * tails.length + t;
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

/** The row of each entity among `own`. */
function rowsOf(own: Int32Array, entities: number): Int32Array {
  const rows = new Int32Array(entities);
  for (const [row, entity] of own.entries()) rows[entity] = row;
  return rows;
}
