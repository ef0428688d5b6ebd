/** Mentions of documents, by a saved tagger. */
import type { Document, Mention } from '../data/document.ts';
import { tagSequences } from '../features/tag-sequences.ts';
import { taggedMentions } from '../models/tagged-mentions.ts';
import type { OpenTagger } from '../models/open-tagger.ts';
import type { TagDocument } from '../models/tag-model.ts';

/** A mention that was found; `name` is its words, joined by a space. */
export type TaggedMention = Mention & {
  /** Probability that exactly these words are a mention of this type. */
  readonly score: number;
};

export interface TagOptions {
  /** Pieces or words that run at once; default 2048 pieces or 16384 words. */
  readonly batchPieces?: number | undefined;
}

/**
 * Mentions of each document in the order of the text, documents in their order; their `vertexSet` is not looked at.
 *
 * Documents are read and encoded while others run. A long one runs in sequences that are cut between sentences, so what the
 * engine needs does not grow with it. When reading documents fails, the mentions of all before come first.
 *
 * @throws RelataError `E_ENGINE`; and what reading the documents throws
 */
export async function* tagMentions(
  tagger: OpenTagger,
  documents: AsyncIterable<Document> | Iterable<Document>,
  options: TagOptions = {},
): AsyncGenerator<TaggedMention[]> {
  const { model, parameter, encode, about } = tagger;
  for await (const { item, logits } of model.score(encoded(), parameter, options.batchPieces))
    yield taggedMentions(item.doc, logits, about.types);

  async function* encoded(): AsyncGenerator<TagDocument & { readonly doc: Document }> {
    for await (const doc of documents) yield { doc, sequences: [...tagSequences(doc, encode)] };
  }
}
