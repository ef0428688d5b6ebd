/** Cuts a stream of items into stretches that are held at once. */

export interface StretchLimits {
  /** Pieces or words of the first stretch. Each later one has twice as many as the one before, up to `pieces`. */
  readonly firstPieces: number;
  readonly pieces: number;
  /** Logits of a stretch, which are held until its last item is done; default: any number. */
  readonly logits?: number;
}

/**
 * Consecutive items, as many as reach a limit: within a stretch, those of like length can run together.
 *
 * Small at first, so that results begin to come soon; then large, so that little is padded. When the items end with an
 * error, those before it still make a stretch, and then the error is thrown.
 *
 * @param sizeOf - pieces, or words, that an item's sequences have, and the logits that it asks for
 */
export async function* stretches<I>(
  items: AsyncIterable<I> | Iterable<I>,
  sizeOf: (item: I) => { readonly pieces: number; readonly logits: number },
  { firstPieces, pieces, logits = Infinity }: StretchLimits,
): AsyncGenerator<I[]> {
  let stretch: I[] = [];
  let held = { pieces: 0, logits: 0 };
  let room = Math.min(firstPieces, pieces);
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      stretch.push(item);
      const size = sizeOf(item);
      held.pieces += size.pieces;
      held.logits += size.logits;
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
