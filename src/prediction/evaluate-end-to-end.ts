/** What a bundle is worth when it reads words alone: its own mentions, its own entities, relations between them. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import { type EndToEndScores, endToEndScores, type ReadDocument } from '../evaluation/end-to-end.ts';
import type { Bundle } from '../models/bundle.ts';
import { withEntities } from './extract.ts';
import { predict } from './predict.ts';

export interface EndToEndEvaluation {
  /** Relations between entities that were found. */
  readonly found: EndToEndScores;
  /** Relations between gold entities, at the same threshold. */
  readonly given: EndToEndScores;
  readonly theta: number;
}

/**
 * Scores a bundle on labelled documents twice: reading their words alone, and with their gold entities.
 *
 * @param options.onDocument - called after each document of each of the two runs
 * @throws RelataError `E_NO_TAGGER`, `E_NO_LABELS`, `E_ENGINE`
 */
export async function evaluateEndToEnd(
  bundle: Bundle,
  documents: readonly Document[],
  options: { readonly batchPieces?: number | undefined; readonly onDocument?: (done: number) => void } = {},
): Promise<EndToEndEvaluation> {
  if (documents.every((doc) => doc.labels === undefined))
    throw fail('E_NO_LABELS', { documents: documents.length, doing: 'scoring end to end' });
  let done = 0;
  const run = async (inputs: AsyncIterable<Document> | Iterable<Document>): Promise<EndToEndScores> => {
    const read: ReadDocument[] = [];
    for await (const { doc, facts } of predict(bundle.system, inputs, options)) {
      read.push({ vertexSet: doc.vertexSet, facts });
      options.onDocument?.(++done);
    }
    return endToEndScores(read, documents);
  };
  async function* wordsAlone(): AsyncGenerator<Document> {
    const sources = documents.map(({ title, sents }) => ({
      kind: 'document' as const,
      doc: { title, sents, vertexSet: [] },
    }));
    for await (const { document } of withEntities(bundle, sources)) yield document.doc;
  }
  return { found: await run(wordsAlone()), given: await run(documents), theta: bundle.card.threshold };
}
