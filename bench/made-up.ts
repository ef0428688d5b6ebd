/** Documents of an exact size, for how cost grows. */
import { Rng } from '../src/core/rng.ts';
import type { Document } from '../src/data/document.ts';
import type { Vocabulary } from '../src/text/vocabulary.ts';

export interface MadeUpSize {
  readonly documents: number;
  /** Of a document, with [CLS] and [SEP]; what windows share counts once. */
  readonly pieces: number;
  /** Of a document, two mentions of one word each. */
  readonly entities: number;
}

const SENTENCE = 25;

/** Documents of words that are one piece each. */
export function madeUpDocuments(
  { documents, pieces, entities }: MadeUpSize,
  vocabulary: Vocabulary,
): Document[] {
  const rng = Rng.fromSeed(1, 'made-up documents');
  const words = vocabulary.pieces.filter((piece) => /^[a-z]{2,}$/.test(piece));
  const count = pieces - 2;
  return Array.from({ length: documents }, (_, i) => {
    const text = Array.from({ length: count }, () => rng.pick(words));
    const mention = (name: string) => {
      const word = rng.integer(count);
      const start = word % SENTENCE;
      return { name, sent_id: Math.floor(word / SENTENCE), pos: [start, start + 1] as const, type: 'MISC' };
    };
    return {
      title: `made up ${i}`,
      sents: Array.from({ length: Math.ceil(count / SENTENCE) }, (_, s) =>
        text.slice(s * SENTENCE, (s + 1) * SENTENCE),
      ),
      vertexSet: Array.from({ length: entities }, (_, e) => [mention(`${e}`), mention(`${e}`)]),
    };
  });
}
