/** `relata evaluate --model` of a tagger: how well it finds mentions. */
import type { Document } from '../data/document.ts';
import type { MentionScores } from '../evaluation/mention-scores.ts';
import { openTagger } from '../models/open-tagger.ts';
import { evaluateTagger } from '../prediction/evaluate-tagger.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { Progress } from './terminal.ts';

/** @throws RelataError as `openTagger` and `evaluateTagger` */
export async function runTagger(
  folder: string,
  documents: readonly Document[],
  { batchPieces, ...engine }: SessionOptions & { readonly batchPieces?: number | undefined },
): Promise<MentionScores> {
  const tagger = await openTagger(folder, engine);
  const progress = new Progress({ label: 'tag', unit: 'documents', total: documents.length });
  try {
    return await evaluateTagger(tagger, documents, {
      batchPieces,
      onDocument: (done) => progress.update(done),
    });
  } finally {
    progress.done();
    await tagger.dispose();
  }
}
