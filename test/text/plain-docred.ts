/** Documents of DocRED put together to plain text, so that splitting it again can be compared with their words. */
import type { Document } from '../../src/data/document.ts';
import type { Span, TextDocument } from '../../src/data/text-document.ts';

const NO_SPACE_BEFORE = /^(?:[.,;:!?)\]}%]|['’](?:s|re|ve|ll|d|m)$|n['’]t$|\.+$)/;
const NO_SPACE_AFTER = /^[([{$£€#]$/;
/** Without spaces around them where they stand between words. */
const TIGHT = /^[-–—/]$/;

/** The text of a document, one space between sentences, and where in it each word stands. */
export function plainText(doc: Document): TextDocument {
  let text = '';
  const words = doc.sents.map((sentence) => {
    let quoted = false;
    let glue = true;
    if (text !== '') text += ' ';
    return sentence.map((word, w): Span => {
      const closes = word === '"' && quoted;
      const tight = TIGHT.test(word) && w > 0 && w < sentence.length - 1 && word !== '–' && word !== '—';
      if (!glue && !closes && !tight && !NO_SPACE_BEFORE.test(word)) text += ' ';
      if (word === '"') quoted = !quoted;
      glue = NO_SPACE_AFTER.test(word) || tight || (word === '"' && quoted);
      text += word;
      return [text.length - word.length, text.length];
    });
  });
  return { doc, text, words };
}

export interface Agreement {
  /** Shares of the gold's: words that are words here, sentence ends that are ends here, mentions that begin and end with words of one sentence. */
  readonly words: number;
  readonly sentenceEnds: number;
  readonly mentions: number;
  /** Share of the sentence ends here that are the gold's. */
  readonly precision: number;
  /** Mentions that are not aligned, with their surroundings. */
  readonly lost: readonly string[];
  readonly missed: readonly string[];
  readonly extra: readonly string[];
}

/** How far words and sentences that were found agree with the gold's, over documents with the same texts. */
export function agreement(pairs: readonly { gold: TextDocument; found: TextDocument }[]): Agreement {
  const hits = { words: 0, ends: 0, mentions: 0 };
  const all = { words: 0, ends: 0, mentions: 0, found: 0 };
  const [lost, missed, extra]: [string[], string[], string[]] = [[], [], []];
  for (const { gold, found } of pairs) {
    const { text } = gold;
    const spans = new Set(found.words.flat().map(([start, end]) => `${start} ${end}`));
    all.words += gold.words.flat().length;
    hits.words += gold.words.flat().filter(([start, end]) => spans.has(`${start} ${end}`)).length;
    const ends = new Set(found.words.map((sentence) => sentence.at(-1)?.[1] ?? 0));
    const goldEnds = new Set(gold.words.map((sentence) => sentence.at(-1)?.[1] ?? 0));
    all.ends += goldEnds.size;
    all.found += ends.size;
    for (const end of goldEnds) {
      if (ends.has(end)) hits.ends++;
      else missed.push(`${text.slice(Math.max(0, end - 40), end)}¦${text.slice(end, end + 30)}`);
    }
    for (const end of ends) {
      if (!goldEnds.has(end))
        extra.push(`${text.slice(Math.max(0, end - 40), end)}¦${text.slice(end, end + 30)}`);
    }
    const starts = new Map(
      found.words.flatMap((sentence, s) => sentence.map(([start]) => [start, s] as const)),
    );
    const stops = new Map(found.words.flatMap((sentence, s) => sentence.map(([, end]) => [end, s] as const)));
    for (const { sent_id, pos } of gold.doc.vertexSet.flat()) {
      const [start] = gold.words[sent_id]?.[pos[0]] ?? [0];
      const [, end] = gold.words[sent_id]?.[pos[1] - 1] ?? [0, 0];
      all.mentions++;
      const sentence = starts.get(start);
      if (sentence !== undefined && sentence === stops.get(end)) hits.mentions++;
      else
        lost.push(
          `${text.slice(Math.max(0, start - 15), start)}⟦${text.slice(start, end)}⟧${text.slice(end, end + 15)}`,
        );
    }
  }
  return {
    words: hits.words / all.words,
    sentenceEnds: hits.ends / all.ends,
    mentions: hits.mentions / all.mentions,
    precision: hits.ends / all.found,
    lost,
    missed,
    extra,
  };
}
