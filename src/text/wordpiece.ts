/**
 * WordPiece: a word as the ids of the longest pieces that spell it, from left to right.
 *
 * Words go in one at a time, because a word of a document must know its pieces. Everything in a word is text: one
 * that reads "[CLS]" gives the pieces of a bracket, some letters and a bracket.
 *
 * Source: BERT's WordpieceTokenizer (Devlin et al. 2019), with the limit of 100 characters of its later ports.
 */
import { basicTokens } from './basic-tokens.ts';
import { isLowercase } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A token of more characters is unknown. */
const MAX_TOKEN = 100;

/** Words kept; some ten megabytes. A corpus of a thousand documents has fewer; past it the cache starts anew. */
const CACHE_WORDS = 100_000;

/** Longer words (characters) are not kept: they do not repeat. */
const CACHE_LENGTH = 64;

export class WordPiece {
  readonly vocabulary: Vocabulary;
  readonly lowercase: boolean;
  readonly #stripAccents: boolean;
  /** Pieces that begin a word, by spelling; without the special ones, which are no text. */
  readonly #first = new Map<string, number>();
  /** Pieces that continue a word, by spelling without their prefix. */
  readonly #next = new Map<string, number>();
  /** Characters of the longest piece. */
  readonly #longest: number;
  readonly #cache = new Map<string, Int32Array>();

  /** @param options.lowercase - default: as the vocabulary says, else inferred from its pieces */
  constructor(vocabulary: Vocabulary, options: { readonly lowercase?: boolean } = {}) {
    this.vocabulary = vocabulary;
    this.lowercase = options.lowercase ?? isLowercase(vocabulary);
    this.#stripAccents = vocabulary.stripAccents ?? this.lowercase;
    const special = new Set(Object.values(vocabulary.special));
    let longest = 0;
    for (const [piece, id] of vocabulary.ids) {
      if (special.has(id)) continue;
      this.#first.set(piece, id);
      if (piece.startsWith(vocabulary.continuation)) {
        this.#next.set(piece.slice(vocabulary.continuation.length), id);
      }
      longest = Math.max(longest, piece.length);
    }
    this.#longest = longest;
  }

  /**
   * The piece ids of one word; none for a word of spaces or control characters only.
   * The array is shared between equal words: do not write to it.
   */
  pieces(word: string): Int32Array {
    const known = this.#cache.get(word);
    if (known !== undefined) return known;
    const ids: number[] = [];
    for (const token of basicTokens(word, { lowercase: this.lowercase, stripAccents: this.#stripAccents })) {
      this.#append(token, ids);
    }
    const result = Int32Array.from(ids);
    if (word.length <= CACHE_LENGTH) {
      if (this.#cache.size >= CACHE_WORDS) this.#cache.clear();
      this.#cache.set(word, result);
    }
    return result;
  }

  /** Appends the pieces of one token, or the unknown piece when pieces cannot spell all of it. */
  #append(token: string, ids: number[]): void {
    const before = ids.length;
    if (isLongerThan(token, MAX_TOKEN)) {
      ids.push(this.vocabulary.special.unk);
      return;
    }
    let pieces = this.#first;
    for (let start = 0; start < token.length;) {
      let end = Math.min(token.length, start + this.#longest);
      let id: number | undefined;
      for (; end > start; end--) {
        id = pieces.get(token.slice(start, end));
        if (id !== undefined) break;
      }
      if (id === undefined) {
        ids.length = before;
        ids.push(this.vocabulary.special.unk);
        return;
      }
      ids.push(id);
      start = end;
      pieces = this.#next;
    }
  }
}

/** Whether it has more characters (code points, of one or two units each). */
function isLongerThan(token: string, limit: number): boolean {
  return token.length > limit && (token.length > 2 * limit || [...token].length > limit);
}
