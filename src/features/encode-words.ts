/**
 * A document as the word-level systems see it: lower-cased words with the entity, and the type, that each belongs to.
 *
 * A recurrent encoder reads the document as one sequence, SentModel every sentence for itself. `corrected` reads all of
 * it, and an entity's vector is the mean over its mentions of the mean over their words. `faithful` does what the
 * original code did: it stops after 512 words, weights of overlapping mentions overwrite each other, and SentModel cuts
 * sentences in its own way (see `originalSentences`). Source: DocRED baselines, gen_data.py and config/Config.py.
 */
import type { Document } from '../data/document.ts';
import { sentenceStarts } from '../data/word-distance.ts';
import { COREFERENCE_ROWS } from '../nn/word-embeddings.ts';
import type { WordVocabulary } from '../text/words.ts';
import { type EncodedDocument, mentionWeights, type Mode, weightRow } from './encode.ts';

export interface WordOptions {
  readonly reads: 'words';
  readonly vocabulary: WordVocabulary;
  /** Entity types; others are unknown. */
  readonly types: readonly string[];
  /** What the encoder reads at once. */
  readonly unit: 'document' | 'sentence';
  readonly mode: Mode;
}

/** Words of a document that the original reads. */
const FAITHFUL_WORDS = 512;
/** Words of a sentence, and sentences of a document, that the original's SentModel reads. */
const FAITHFUL_SENTENCE = 100;
const FAITHFUL_SENTENCES = 25;

/** The words that are read, by their places in the document, and where the state of each word is. */
interface Reading {
  readonly sequences: readonly (readonly number[])[];
  /** The state of a word of the document; undefined where it has none. */
  readonly stateOf: (word: number) => number | undefined;
}

export function encodeWords(doc: Document, options: WordOptions): EncodedDocument {
  const words = doc.sents.flat();
  const { sequences, stateOf } = reading(doc, words.length, options);
  const { coreference, types } = tagsOf(doc, words.length, options.types);
  const read = sequences.flat();
  const starts = sentenceStarts(doc);
  const faithful = options.mode === 'faithful';
  const entities = doc.vertexSet.map((entity) => {
    const sums = new Map<number, number>();
    const lost: [number, number][] = [];
    const weights = [...mentionWeights(entity, starts)];
    for (const [word, weight] of faithful ? new Map(weights) : weights) {
      const state = stateOf(word);
      if (state !== undefined) sums.set(state, (sums.get(state) ?? 0) + weight);
      // Past the end of the original's rows there is not even a weight.
      else if (word < FAITHFUL_WORDS) lost.push([word, weight]);
    }
    return weightRow(sums, lost);
  });
  return {
    sequences: sequences.map((places) =>
      Int32Array.from(places, (word) => options.vocabulary.id(words[word] ?? '')),
    ),
    tags: {
      coreference: Int32Array.from(read, (word) => coreference[word] ?? 0),
      types: Int32Array.from(read, (word) => types[word] ?? 0),
    },
    entities,
    // A lost word is past everything that any document of a batch has: its row is 0.
    states: 0,
  };
}

function reading(doc: Document, count: number, { unit, mode }: WordOptions): Reading {
  const places = Array.from({ length: count }, (_, word) => word);
  const starts = sentenceStarts(doc);
  if (mode === 'faithful') {
    if (unit === 'sentence') return originalSentences(doc, starts);
    return {
      sequences: [places.slice(0, FAITHFUL_WORDS)],
      stateOf: (word) => (word < FAITHFUL_WORDS ? word : undefined),
    };
  }
  const stateOf = (word: number): number => word;
  if (unit === 'document') return { sequences: [places], stateOf };
  const sentences = doc.sents.map((sentence, s) => {
    const start = starts[s] ?? 0;
    return places.slice(start, start + sentence.length);
  });
  return { sequences: sentences.filter((sentence) => sentence.length > 0), stateOf };
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
  return { sequences, stateOf: (word) => states.get(word) };
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
      // Entities past the end of the table share its last row.
      coreference.fill(Math.min(e + 1, COREFERENCE_ROWS - 1), start + pos[0], start + pos[1]);
      types.fill(known.indexOf(type) + 1, start + pos[0], start + pos[1]);
    }
  });
  return { coreference, types };
}
