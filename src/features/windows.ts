/** Cuts a document's pieces into sequences that the encoder can take. */

/** Pieces [from, to) of a document. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * Overlapping windows of at most `limit` pieces that cover `count` pieces.
 *
 * One window when they fit. Otherwise windows are spread evenly, the last one ending with the document, so that
 * neighbours share at least a quarter of a window and no piece stands far from context on both sides.
 * Source: ATLOP's two windows for up to 1,024 pieces; here for any number.
 */
export function windows(count: number, limit: number): Window[] {
  if (count <= limit) return [{ from: 0, to: count }];
  const stride = Math.ceil(limit * 0.75);
  const last = Math.ceil((count - limit) / stride);
  return Array.from({ length: last + 1 }, (_, i) => {
    const from = Math.round((i * (count - limit)) / last);
    return { from, to: from + limit };
  });
}

/**
 * Where a piece stands in windows that follow each other: its places in all that hold it, ascending.
 *
 * @param spans - as `windows` gives them: neither their beginnings nor their ends ever fall
 * @param options.before, options.after - places that every window has besides its pieces; default 0
 */
export function placesIn(
  spans: readonly Window[],
  { before = 0, after = 0 }: { readonly before?: number; readonly after?: number } = {},
): (piece: number) => number[] {
  let count = 0;
  const firsts = spans.map(({ from, to }) => {
    const first = count + before;
    count += before + to - from + after;
    return first;
  });
  return (piece) => {
    // The first window that ends behind the piece, by halving: a book has hundreds.
    let [low, high] = [0, spans.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((spans[middle]?.to ?? 0) > piece) high = middle;
      else low = middle + 1;
    }
    const places: number[] = [];
    for (let w = low; w < spans.length; w++) {
      const { from } = spans[w] as Window;
      if (from > piece) break;
      places.push((firsts[w] as number) + piece - from);
    }
    return places;
  };
}
