/**
 * A document as the word-level systems see it: lower-cased words with the entity, and the type, that each belongs to.
 *
 * A recurrent encoder reads the document as one sequence, SentModel every sentence for itself. `corrected` reads all of
 * it, and an entity's vector is the mean over its mentions of the mean over their words; a document of more than
 * `LONG_WORDS` is read in overlapping windows, as a BERT reads it, and each sequence numbers its own entities: numbers that no
 * training document reaches would say nothing. `faithful` does what the original code did: it stops
 * after 512 words, weights of overlapping mentions overwrite each other, and SentModel cuts sentences in its own way (see
 * `originalSentences`). Source: DocRED baselines, gen_data.py and config/Config.py.
 */
import type { Document } from '../data/document.ts';
import { sentenceStarts } from '../data/word-distance.ts';
import { COREFERENCE_ROWS } from '../nn/word-embeddings.ts';
import type { WordVocabulary } from '../text/words.ts';
import { type EncodedDocument, mentionWeights, type Mode, weightRow } from './encode.ts';
import { placesIn, windows } from './windows.ts';

export interface WordOptions {
  readonly reads: 'words';
  readonly vocabulary: WordVocabulary;
  /** Entity types; others are unknown. */
  readonly types: readonly string[];
  /** What the encoder reads at once. */
  readonly unit: 'document' | 'sentence';
  readonly mode: Mode;
}

/** Words of a document that are read as one sequence at most: steps of a loop. Documents of DocRED have some 200, rarely 500. */
export const LONG_WORDS = 8192;
/** Words of a window of a longer one: as many as the original reads of a document. */
const WINDOW_WORDS = 512;

/** Words of a document that the original reads. */
const FAITHFUL_WORDS = 512;
/** Words of a sentence, and sentences of a document, that the original's SentModel reads. */
const FAITHFUL_SENTENCE = 100;
const FAITHFUL_SENTENCES = 25;

/** The words that are read, by their places in the document, and where the state of each word is. */
interface Reading {
  readonly sequences: readonly (readonly number[])[];
  /** The states of a word of the document, one in each sequence that holds it; none where it is not read. */
  readonly statesOf: (word: number) => readonly number[];
}

export function encodeWords(doc: Document, options: WordOptions): EncodedDocument {
  const words = doc.sents.flat();
  const { sequences, statesOf } = reading(doc, words.length, options);
  const { coreference, types } = tagsOf(doc, words.length, options.types);
  const numbered = sequences.flatMap((places) => {
    const own = places.map((word) => coreference[word] ?? 0);
    // Entities past the end of the table share its last row.
    return (isLong(words.length, options) ? renumbered(own) : own).map((number) =>
      Math.min(number, COREFERENCE_ROWS - 1),
    );
  });
  const starts = sentenceStarts(doc);
  const faithful = options.mode === 'faithful';
  const entities = doc.vertexSet.map((entity) => {
    const sums = new Map<number, number>();
    const lost: [number, number][] = [];
    const weights = [...mentionWeights(entity, starts)];
    for (const [word, weight] of faithful ? new Map(weights) : weights) {
      const states = statesOf(word);
      for (const state of states) sums.set(state, (sums.get(state) ?? 0) + weight / states.length);
      // Past the end of the original's rows there is not even a weight.
      if (states.length === 0 && word < FAITHFUL_WORDS) lost.push([word, weight]);
    }
    return weightRow(sums, lost);
  });
  return {
    sequences: sequences.map((places) =>
      Int32Array.from(places, (word) => options.vocabulary.id(words[word] ?? '')),
    ),
    tags: {
      coreference: Int32Array.from(numbered),
      types: Int32Array.from(sequences.flat(), (word) => types[word] ?? 0),
    },
    entities,
    // A lost word is past everything that any document of a batch has: its row is 0.
    states: 0,
  };
}

const isLong = (words: number, { mode }: Pick<WordOptions, 'mode'>): boolean =>
  mode === 'corrected' && words > LONG_WORDS;

/** Numbers of entities as 1, 2, ... in the order of their first words; 0 stays. */
function renumbered(entities: readonly number[]): number[] {
  const numbers = new Map([[0, 0]]);
  return entities.map((entity) => {
    const number = numbers.get(entity) ?? numbers.size;
    numbers.set(entity, number);
    return number;
  });
}

function reading(doc: Document, count: number, { unit, mode }: WordOptions): Reading {
  const places = Array.from({ length: count }, (_, word) => word);
  const starts = sentenceStarts(doc);
  if (mode === 'faithful') {
    if (unit === 'sentence') return originalSentences(doc, starts);
    return {
      sequences: [places.slice(0, FAITHFUL_WORDS)],
      statesOf: (word) => (word < FAITHFUL_WORDS ? [word] : []),
    };
  }
  const statesOf = (word: number): number[] => [word];
  if (unit === 'document') {
    if (!isLong(count, { mode })) return { sequences: [places], statesOf };
    const spans = windows(count, WINDOW_WORDS);
    return { sequences: spans.map(({ from, to }) => places.slice(from, to)), statesOf: placesIn(spans) };
  }
  const sentences = doc.sents.map((sentence, s) => {
    const start = starts[s] ?? 0;
    return places.slice(start, start + sentence.length);
  });
  return { sequences: sentences.filter((sentence) => sentence.length > 0), statesOf };
}

/**
 * Sentences as the original's SentModel has them.
 *
 * It reads the first 100 words of each, counts a sentence's length as the number of its word positions above 0, so that the
 * first sentence loses its last word, and lays states out one sentence after the other by their cut lengths, so that a
 * sentence of more than 100 words shifts the states of all words after it.
 */
function originalSentences(doc: Document, starts: readonly number[]): Reading {
  const states = new Map<number, number>();
  const sequences: number[][] = [];
  let [place, row] = [0, 0];
  doc.sents.slice(0, FAITHFUL_SENTENCES).forEach((sentence, s) => {
    const start = starts[s] ?? 0;
    const cut = Math.min(sentence.length, FAITHFUL_SENTENCE);
    const read = start === 0 ? Math.max(1, cut - 1) : cut;
    for (let i = 0; i < cut; i++, place++) if (i < read && place < FAITHFUL_WORDS) states.set(place, row + i);
    if (cut > 0) sequences.push(Array.from({ length: read }, (_, i) => start + i));
    if (cut > 0) row += read;
  });
  return {
    sequences,
    statesOf: (word) => {
      const state = states.get(word);
      return state === undefined ? [] : [state];
    },
  };
}

/** Tags of every word of a document; where mentions share a word the later entity, and the later mention, wins. */
function tagsOf(
  doc: Document,
  count: number,
  known: readonly string[],
): { coreference: Int32Array; types: Int32Array } {
  const [coreference, types] = [new Int32Array(count), new Int32Array(count)];
  const starts = sentenceStarts(doc);
  doc.vertexSet.forEach((entity, e) => {
    for (const { sent_id, pos, type } of entity) {
      const start = starts[sent_id] ?? 0;
      coreference.fill(e + 1, start + pos[0], start + pos[1]);
      types.fill(known.indexOf(type) + 1, start + pos[0], start + pos[1]);
    }
  });
  return { coreference, types };
}
