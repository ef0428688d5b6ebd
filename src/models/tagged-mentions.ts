/** The mentions that the scores of a document's words say there are. */
import { fail } from '../core/errors.ts';
import type { Document, Mention } from '../data/document.ts';
import { tagCount } from '../features/bio.ts';
import { decodeTags } from './decode-tags.ts';

/** What a mention's words are, by what stands around them. */
interface Found {
  readonly mention: Omit<Mention, 'type'>;
  /** For each type, the probability that exactly these words are a mention of it: [T]. */
  readonly probabilities: Float64Array;
}

/** Of a type that one place all but excludes: another place can still speak for it. */
const LEAST_SHARE = 3e-4;

/**
 * The mentions in the order of the text. No mention goes beyond its sentence.
 *
 * In a document one name has one type, the one that its mentions together speak for most: a place alone often does not
 * tell. Source of the idea: Gale, Church and Yarowsky 1992, one sense per discourse. On DocRED's development documents this
 * is worth 0.8 of F1.
 *
 * @param logits - [W, K], the words of all sentences one after the other
 * @returns with the probability that exactly these words are a mention of the type: that they are a mention at all, times
 * what the mentions of the name say about the type on average
 * @throws RelataError `E_SCORE` when a logit is NaN, as those of weights that overflowed are
 */
export function taggedMentions(
  doc: Document,
  logits: Float32Array,
  types: readonly string[],
): (Mention & { readonly score: number })[] {
  const wrong = logits.findIndex(Number.isNaN);
  if (wrong >= 0) throw fail('E_SCORE', { position: wrong });
  const found = foundIn(doc, logits, types.length);
  const names = new Map<string, Found[]>();
  for (const one of found) {
    const key = nameOf(one);
    const own = names.get(key);
    if (own) own.push(one);
    else names.set(key, [one]);
  }
  const typed = new Map([...names].map(([name, own]) => [name, typeOf(own)]));
  return found.map((one) => {
    const { type, share } = typed.get(nameOf(one)) ?? { type: 0, share: 0 };
    const score = Math.min(1, sum(one.probabilities) * share);
    return { ...one.mention, type: types[type] ?? '', score };
  });
}

function foundIn(doc: Document, logits: Float32Array, T: number): Found[] {
  const K = tagCount(T);
  let row = 0;
  return doc.sents.flatMap((sentence, sent_id) => {
    const own = logits.subarray(row * K, (row + sentence.length) * K);
    row += sentence.length;
    return decodeTags(own, T).map(({ start, end, probabilities }) => ({
      mention: { name: sentence.slice(start, end).join(' '), sent_id, pos: [start, end] as const },
      probabilities,
    }));
  });
}

const nameOf = ({ mention }: Found): string => mention.name.toLowerCase();

/** The type with the largest product of shares, and the mean of its shares. */
function typeOf(mentions: readonly Found[]): { readonly type: number; readonly share: number } {
  const shares = mentions.map(({ probabilities }) => {
    const all = sum(probabilities) || 1; // 0 where all are too small for a number
    return probabilities.map((p) => p / all);
  });
  const logs = (mentions[0]?.probabilities ?? new Float64Array(0)).map((_, t) =>
    shares.reduce((total, own) => total + Math.log(Math.max(LEAST_SHARE, own[t] ?? 0)), 0),
  );
  const type = logs.indexOf(Math.max(...logs));
  return { type, share: shares.reduce((total, own) => total + (own[type] ?? 0), 0) / shares.length };
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
