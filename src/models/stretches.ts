/** Cuts a stream of items into stretches that are held at once. */
import type { Item } from '../features/batch.ts';

export interface StretchLimits {
  /** Pieces or words of the first stretch. Each later one has twice as many as the one before, up to `pieces`. */
  readonly firstPieces: number;
  readonly pieces: number;
  /** Logits of a stretch's pairs, which are held until its last item is done. */
  readonly logits: number;
  /** Logits of a pair. */
  readonly classes: number;
}

/**
 * Consecutive items, as many as reach a limit: within a stretch, those of like length can run together.
 *
 * Small at first, so that results begin to come soon; then large, so that little is padded. When the items end with an
 * error, those before it still make a stretch, and then the error is thrown.
 */
export async function* stretches<I extends Item>(
  items: AsyncIterable<I> | Iterable<I>,
  { firstPieces, pieces, logits, classes }: StretchLimits,
): AsyncGenerator<I[]> {
  let stretch: I[] = [];
  let held = { pieces: 0, logits: 0 };
  let room = Math.min(firstPieces, pieces);
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      stretch.push(item);
      held.pieces += item.features.pieces;
      held.logits += item.pairs.length * classes;
      if (held.pieces < room && held.logits < logits) continue;
      yield stretch;
      [stretch, held] = [[], { pieces: 0, logits: 0 }];
      room = Math.min(2 * room, pieces);
    }
  } catch (error) {
    failure = { error };
  }
  if (stretch.length > 0) yield stretch;
  if (failure) throw failure.error;
}
