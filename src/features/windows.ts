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
