/**
 * A document as a tagger of mentions reads it: sequences that are cut at the ends of sentences, and of every word how it is
 * written and where its state is.
 *
 * Tags need what stands near, so sequences do not overlap. A sentence that is too long for the encoder is cut between words.
 */
import type { Document } from '../data/document.ts';
import type { WordPiece } from '../text/wordpiece.ts';
import type { WordVocabulary } from '../text/words.ts';
import { AFFIXES, affixRows, wordShape } from './word-surface.ts';

export type TagEncodeOptions =
  | {
      readonly reads: 'pieces';
      readonly wordPiece: WordPiece;
      /** Longest sequence of the encoder, in pieces, with [CLS] and [SEP]. */
      readonly positions: number;
    }
  | { readonly reads: 'words'; readonly vocabulary: WordVocabulary };

export interface TagSequence {
  /** Pieces with [CLS] and [SEP], or words. */
  readonly ids: Int32Array;
  /** Of each word: the place in `ids` of its first piece; of words: its own. */
  readonly states: Int32Array;
  /** Of each word; see `wordShape`. */
  readonly shapes: Int32Array;
  /** Of each word its `AFFIXES` rows. */
  readonly affixes: Int32Array;
  /** The position in the document of the first word. */
  readonly first: number;
}

/** Words of a word-level sequence, more only where it is one sentence: a paragraph or two. */
const WORDS = 256;
/** Words of one sequence: a longer sentence is cut, so that a file without sentence ends needs no memory without bounds. */
const LONGEST_SENTENCE = 1024;

/** The sequences of a document: each of its words is in one of them, in their order. */
export function* tagSequences(doc: Document, options: TagEncodeOptions): Generator<TagSequence> {
  const room = options.reads === 'pieces' ? options.positions - 2 : WORDS;
  let first = 0;
  let words: ReadWord[] = [];
  let size = 0;
  for (const sentence of doc.sents) {
    for (const part of parts(sentence, options, room)) {
      const added = part.reduce((sum, word) => sum + sizeOf(word), 0);
      if (words.length > 0 && size + added > room) {
        yield sequenceOf(words, first, options);
        first += words.length;
        [words, size] = [[], 0];
      }
      words.push(...part);
      size += added;
    }
  }
  if (words.length > 0) yield sequenceOf(words, first, options);
}

/** A word and its ids. */
interface ReadWord {
  readonly word: string;
  readonly ids: ArrayLike<number>;
}

/** A word without a piece counts too: sequences are bounded in words. */
const sizeOf = ({ ids }: ReadWord): number => Math.max(1, ids.length);

/** A sentence in parts that fit: itself, where it does. */
function parts(sentence: readonly string[], options: TagEncodeOptions, room: number): ReadWord[][] {
  const limit = options.reads === 'pieces' ? room : Math.max(room, LONGEST_SENTENCE);
  const result: ReadWord[][] = [];
  let size = Infinity;
  for (const word of sentence) {
    const ids =
      options.reads === 'words'
        ? [options.vocabulary.id(word)]
        : options.wordPiece.pieces(word).slice(0, room);
    const read = { word, ids };
    if (size + sizeOf(read) > limit) {
      result.push([]);
      size = 0;
    }
    result.at(-1)?.push(read);
    size += sizeOf(read);
  }
  return result;
}

function sequenceOf(words: readonly ReadWord[], first: number, options: TagEncodeOptions): TagSequence {
  const flat = words.flatMap(({ ids }) => Array.from(ids));
  const states = new Int32Array(words.length);
  const affixes = new Int32Array(words.length * AFFIXES);
  const special = options.reads === 'pieces' ? options.wordPiece.vocabulary.special : undefined;
  const before = special ? 1 : 0;
  let at = 0;
  words.forEach(({ word, ids }, w) => {
    // A word without a piece takes the state of the piece before it, or of the first one.
    states[w] = ids.length > 0 ? before + at : Math.max(Math.min(before, flat.length), before + at - 1);
    affixes.set(affixRows(word), w * AFFIXES);
    at += ids.length;
  });
  return {
    ids: Int32Array.from(special ? [special.cls, ...flat, special.sep] : flat),
    states,
    shapes: Int32Array.from(words, ({ word }) => wordShape(word)),
    affixes,
    first,
  };
}
