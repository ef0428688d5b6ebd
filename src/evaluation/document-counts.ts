/** Facts counted by document: what two runs are compared by. */
import type { Document } from '../data/document.ts';
import { type DocumentFact, goldFacts, goldTest } from './facts.ts';
import type { TrainFacts } from './train-facts.ts';

export interface DocumentCounts {
  /** Predicted facts of each document. */
  readonly predicted: Int32Array;
  readonly correct: Int32Array;
  /** Correct facts that training states; null where training is not known. */
  readonly correctInTrain: Int32Array | null;
  /** Distinct gold facts. */
  readonly gold: Int32Array;
  /** Predicted facts of titles that no document has: wrong, and part of no document. */
  readonly elsewhere: number;
}

/**
 * The counts of all documents, whose sums are the counts of `evaluateSubmission`.
 *
 * @param facts - each once
 */
export function documentCounts(
  facts: Iterable<DocumentFact>,
  documents: readonly Document[],
  options: { readonly trainFacts?: TrainFacts | undefined } = {},
): DocumentCounts {
  const { trainFacts } = options;
  const isGold = goldTest(documents);
  const [predicted, correct, inTrain] = [0, 0, 0].map(() => new Int32Array(documents.length)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  let elsewhere = 0;
  for (const fact of facts) {
    const { document, head, tail, relation } = fact;
    const doc = documents[document];
    if (doc === undefined) {
      elsewhere++;
      continue;
    }
    increase(predicted, document);
    if (!isGold(fact)) continue;
    increase(correct, document);
    const known = trainFacts?.has(doc.vertexSet[head] ?? [], doc.vertexSet[tail] ?? [], relation);
    if (known === true) increase(inTrain, document);
  }
  const gold = Int32Array.from(documents, (doc, document) => goldFacts(doc, document).length);
  return { predicted, correct, correctInTrain: trainFacts === undefined ? null : inTrain, gold, elsewhere };
}

function increase(counts: Int32Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}
