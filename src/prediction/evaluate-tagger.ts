/** What a saved tagger is worth on documents whose mentions are known. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import { mentionScores, type MentionScores } from '../evaluation/mention-scores.ts';
import type { OpenTagger } from '../models/open-tagger.ts';
import { tagMentions, type TagOptions } from './tag.ts';

/**
 * @param options.onDocument - called after each document with their number so far
 * @throws RelataError `E_FIELD` where no document has a mention; `E_ENGINE`
 */
export async function evaluateTagger(
  tagger: OpenTagger,
  documents: readonly Document[],
  { onDocument, ...options }: TagOptions & { readonly onDocument?: (done: number) => void } = {},
): Promise<MentionScores> {
  if (documents.every(({ vertexSet }) => vertexSet.length === 0)) {
    throw fail('E_FIELD', {
      expected: 'documents whose mentions are known',
      found: `${documents.length} without any`,
      where: 'the documents to score on',
    });
  }
  const found = [];
  for await (const mentions of tagMentions(tagger, documents, options)) {
    found.push(mentions);
    onDocument?.(found.length);
  }
  return mentionScores(documents, found);
}
