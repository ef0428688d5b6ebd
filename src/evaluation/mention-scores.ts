/**
 * How well mentions are found: by exact words and type, over all and by type, and by exact words alone.
 *
 * Source: Tjong Kim Sang and De Meulder 2003 (CoNLL): a mention is right when its first word, its last word and its type are.
 * Mentions that are listed twice count once.
 */
import type { Document, Mention } from '../data/document.ts';

/** Precision is 0 where nothing was found, recall where there is nothing to find. */
export interface MentionScore {
  /** Distinct mentions. */
  readonly gold: number;
  readonly found: number;
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface MentionScores extends MentionScore {
  /** By words alone, whatever the type. */
  readonly untyped: MentionScore;
  /** Of every type that is gold or was found, sorted by its name. */
  readonly byType: readonly (MentionScore & { readonly type: string })[];
}

/** @param found - the mentions of each document, in the order of the documents */
export function mentionScores(
  documents: readonly Document[],
  found: readonly (readonly Mention[])[],
): MentionScores {
  const [typed, untyped] = [new Map<string, Counts>(), { gold: 0, found: 0, right: 0 }];
  documents.forEach(({ vertexSet }, d) => {
    const [gold, own] = [vertexSet.flat(), found[d] ?? []];
    const words = (mention: Mention): string => `${mention.sent_id} ${mention.pos[0]} ${mention.pos[1]}`;
    count(untyped, gold.map(words), own.map(words));
    for (const type of new Set([...gold, ...own].map((mention) => mention.type))) {
      const ofType = (mentions: readonly Mention[]): string[] =>
        mentions.filter((mention) => mention.type === type).map(words);
      const counts = typed.get(type) ?? { gold: 0, found: 0, right: 0 };
      typed.set(type, counts);
      count(counts, ofType(gold), ofType(own));
    }
  });
  const all = { gold: 0, found: 0, right: 0 };
  for (const counts of typed.values()) {
    all.gold += counts.gold;
    all.found += counts.found;
    all.right += counts.right;
  }
  const byType = [...typed].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...scoreOf(all),
    untyped: scoreOf(untyped),
    byType: byType.map(([type, counts]) => ({ type, ...scoreOf(counts) })),
  };
}

interface Counts {
  gold: number;
  found: number;
  right: number;
}

function count(counts: Counts, gold: readonly string[], found: readonly string[]): void {
  const [expected, own] = [new Set(gold), new Set(found)];
  counts.gold += expected.size;
  counts.found += own.size;
  for (const words of own) if (expected.has(words)) counts.right++;
}

function scoreOf({ gold, found, right }: Counts): MentionScore {
  return {
    gold,
    found,
    right,
    precision: found === 0 ? 0 : right / found,
    recall: gold === 0 ? 0 : right / gold,
    f1: gold + found === 0 ? 0 : (2 * right) / (gold + found),
  };
}
