/** Small documents that the tests of this folder change and break. */
import type { Document } from '../../src/data/document.ts';

/** Two sentences, three entities, two labels; sound in every respect. */
export const adaDocument = {
  title: 'Ada',
  sents: [
    ['Ada', 'Lovelace', 'was', 'born', 'in', 'London', '.'],
    ['Ada', 'died', 'in', 'England', '.'],
  ],
  vertexSet: [
    [
      { name: 'Ada Lovelace', sent_id: 0, pos: [0, 2], type: 'PER' },
      { name: 'Ada', sent_id: 1, pos: [0, 1], type: 'PER' },
    ],
    [{ name: 'London', sent_id: 0, pos: [5, 6], type: 'LOC' }],
    [{ name: 'England', sent_id: 1, pos: [3, 4], type: 'LOC' }],
  ],
  labels: [
    { h: 0, t: 1, r: 'P19', evidence: [0] },
    { h: 1, t: 2, r: 'P17', evidence: [0, 1] },
  ],
} satisfies Document;

/** A copy whose parts may be changed to anything. */
export function changed(change: (doc: Loose) => void, doc: unknown = adaDocument): unknown {
  const copy = structuredClone(doc) as Loose;
  change(copy);
  return copy;
}

export interface Loose {
  [key: string]: unknown;
  title?: unknown;
  sents: unknown[][];
  vertexSet: Record<string, unknown>[][];
  labels: Record<string, unknown>[];
}
