/**
 * Mentions as tags of words: one outside of all, and for each type one for a mention's first word and one for those after.
 *
 * Source: Ramshaw and Marcus 1995, in the form (IOB2) in which every mention begins with B. Letters: T types, K tags.
 */
import type { Document, Mention } from '../data/document.ts';
import { sentenceStarts } from '../data/word-distance.ts';

export const OUTSIDE = 0;
/** The tag of the first word of a mention of type t. */
export const beginTag = (type: number): number => 1 + 2 * type;
/** The tag of its other words. */
export const insideTag = (type: number): number => 2 + 2 * type;
/** K for T types. */
export const tagCount = (types: number): number => 1 + 2 * types;

/**
 * The tag of every word of a document.
 *
 * A word has one tag, so of mentions that overlap the longest is kept, then the earliest, then the first listed.
 *
 * @param types - mentions of others are left out
 * @returns `lost`: distinct mentions that have no tags, because they overlap another or their type is not among `types`
 */
export function goldTags(doc: Document, types: readonly string[]): { tags: Int32Array; lost: number } {
  const starts = sentenceStarts(doc);
  const tags = new Int32Array(doc.sents.reduce((sum, { length }) => sum + length, 0));
  let lost = 0;
  const mentions = distinctMentions(doc.vertexSet.flat());
  const length = ({ pos }: Mention): number => pos[1] - pos[0];
  for (const mention of mentions.toSorted((a, b) => length(b) - length(a) || order(a, b))) {
    const type = types.indexOf(mention.type);
    const first = starts[mention.sent_id] ?? 0;
    const own = tags.subarray(first + mention.pos[0], first + mention.pos[1]);
    if (type < 0 || own.some((tag) => tag !== OUTSIDE)) {
      lost++;
      continue;
    }
    own.fill(insideTag(type)).fill(beginTag(type), 0, 1);
  }
  return { tags, lost };
}

/** Mentions of which no two have words and type in common; DocRED lists some twice. */
export function distinctMentions(mentions: readonly Mention[]): Mention[] {
  return [...new Map(mentions.map((mention) => [mentionKey(mention), mention])).values()];
}

/** Equal for mentions of the same words and type. */
const mentionKey = ({ sent_id, pos, type }: Mention): string => `${sent_id} ${pos[0]} ${pos[1]} ${type}`;

const order = (a: Mention, b: Mention): number => a.sent_id - b.sent_id || a.pos[0] - b.pos[0];
