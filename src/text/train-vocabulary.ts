/**
 * A WordPiece vocabulary learnt from training text, for encoders that start from random weights.
 *
 * Words begin as characters; the most frequent pair of neighbours is merged into one piece, again and again. Pair
 * counts are kept up to date where a merge touches them, so that a merge costs its own occurrences only.
 *
 * Source: Sennrich et al. 2016 (byte pair encoding), with the "##" of WordPiece; this is what the published trainers
 * of WordPiece vocabularies do. Differs: equal counts go by the age of their pieces, so that the result is the same
 * from run to run and for any order of the words.
 */
import { fail } from '../core/errors.ts';
import { basicTokens } from './basic-tokens.ts';
import { createVocabulary, SPECIAL_PIECES } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Characters kept, the most frequent ones: of a text in Chinese the rest would fill the vocabulary. */
const MAX_CHARACTERS = 2000;

/** Of all characters. A rarer one is not kept: in a large text there are thousands, and each would take two places of a common word. */
const RAREST = 1e-6;

/** A pair seen once is chance; merging it would memorise a word. */
const MIN_PAIR_COUNT = 2;

/** Tokens of more characters are left out: the tokeniser does not spell them either. */
const MAX_TOKEN = 100;

/** Pairs of symbols as one number: a * this + b. Far more symbols than any vocabulary has. */
const PAIR = 2 ** 26;

const CONTINUATION = '##';

/**
 * A vocabulary of at most `size` pieces: the special ones (ids 0 to 4), characters, then merges by the order in
 * which they were made. Smaller when the text has too few repeated pairs.
 *
 * @param words - how often each word of the training text occurs
 * @param options.size - pieces, special ones included
 * @param options.lowercase - whether text is lower-cased and its accents dropped
 * @throws RelataError `E_FIELD` when `size` leaves no room beside the special pieces
 */
export function buildVocabulary(
  words: ReadonlyMap<string, number>,
  options: { readonly size: number; readonly lowercase: boolean },
): Vocabulary {
  const { size, lowercase } = options;
  const special = Object.values(SPECIAL_PIECES);
  if (!Number.isInteger(size) || size <= special.length) {
    throw fail('E_FIELD', {
      expected: `a vocabulary size of more than the ${special.length} special pieces`,
      found: String(size),
      where: 'vocabulary size',
    });
  }
  const tokens = countTokens(words, lowercase);
  const alphabet = chooseAlphabet(tokens, size - special.length);
  const merged = merge(tokens, alphabet, size - special.length);
  return createVocabulary([...special, ...merged], { lowercase });
}

function countTokens(words: ReadonlyMap<string, number>, lowercase: boolean): Map<string, number> {
  const tokens = new Map<string, number>();
  for (const [word, count] of words) {
    for (const token of basicTokens(word, { lowercase })) {
      tokens.set(token, (tokens.get(token) ?? 0) + count);
    }
  }
  return tokens;
}

/**
 * One-character pieces, at most `room`. A character that was seen inside a longer token may stand anywhere in one,
 * so it gets both forms; one that was only seen alone (punctuation, ideographs) gets the plain form.
 */
function chooseAlphabet(tokens: ReadonlyMap<string, number>, room: number): string[] {
  const counts = new Map<string, number>();
  const joined = new Set<string>();
  for (const [token, count] of tokens) {
    const characters = [...token];
    for (const character of characters) {
      counts.set(character, (counts.get(character) ?? 0) + count);
      if (characters.length > 1) joined.add(character);
    }
  }
  const chosen: string[] = [];
  let used = 0;
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || compare(a, b));
  const all = byCount.reduce((sum, [, count]) => sum + count, 0);
  for (const [character, count] of byCount.slice(0, MAX_CHARACTERS)) {
    if (count < all * RAREST) break;
    used += joined.has(character) ? 2 : 1;
    if (used > room) break;
    chosen.push(character);
  }
  chosen.sort(compare);
  return [...chosen, ...chosen.filter((c) => joined.has(c)).map((c) => CONTINUATION + c)];
}

/** The alphabet and the pieces merged from it, at most `room` in all. */
function merge(tokens: ReadonlyMap<string, number>, alphabet: readonly string[], room: number): string[] {
  const pieces = [...alphabet];
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const words: number[][] = [];
  const weights: number[] = [];
  for (const [token, count] of tokens) {
    const characters = [...token];
    if (characters.length < 2 || characters.length > MAX_TOKEN) continue;
    const symbols = characters.map((c, i) => ids.get(i === 0 ? c : CONTINUATION + c) ?? -1);
    if (symbols.includes(-1)) continue;
    words.push(symbols);
    weights.push(count);
  }

  const pairs = new Pairs();
  for (const [word, symbols] of words.entries()) {
    for (let i = 1; i < symbols.length; i++) {
      pairs.add(symbols[i - 1] as number, symbols[i] as number, weights[word] as number, word);
    }
  }
  pairs.queueChanged();

  while (pieces.length < room) {
    const best = pairs.takeBest();
    if (best === undefined) break;
    const [left, right, where] = best;
    const piece = (pieces[left] as string) + (pieces[right] as string).slice(CONTINUATION.length);
    // Two ways of cutting may spell one piece.
    let id = ids.get(piece);
    if (id === undefined) {
      id = pieces.length;
      pieces.push(piece);
      ids.set(piece, id);
    }
    for (const word of where) {
      words[word] = replacePair(words[word] as number[], left, right, id, (a, b, sign) =>
        pairs.add(a, b, sign * (weights[word] as number), word),
      );
    }
    pairs.queueChanged();
  }
  return pieces;
}

/** `symbols` with every (left, right) as `id`, from left to right; reports the pairs that this ends and begins. */
function replacePair(
  symbols: readonly number[],
  left: number,
  right: number,
  id: number,
  report: (a: number, b: number, sign: 1 | -1) => void,
): number[] {
  const result: number[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const found = symbols[i] === left && symbols[i + 1] === right;
    result.push(found ? id : (symbols[i] as number));
    if (found) i++;
  }
  if (result.length === symbols.length) return result;
  for (let i = 1; i < symbols.length; i++) report(symbols[i - 1] as number, symbols[i] as number, -1);
  for (let i = 1; i < result.length; i++) report(result[i - 1] as number, result[i] as number, 1);
  return result;
}

/** Counts of neighbours, where they occur, and a queue of the most frequent. */
class Pairs {
  readonly #counts = new Map<number, number>();
  /** Words that hold a pair, or held it once. */
  readonly #words = new Map<number, Set<number>>();
  readonly #changed = new Set<number>();
  /** A binary heap of [count when queued, pair]; an entry whose count has changed since is void. */
  readonly #heap: [count: number, pair: number][] = [];

  add(left: number, right: number, count: number, word: number): void {
    const pair = left * PAIR + right;
    this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + count);
    this.#changed.add(pair);
    if (count < 0) return;
    const words = this.#words.get(pair);
    if (words === undefined) this.#words.set(pair, new Set([word]));
    else words.add(word);
  }

  /** Queues every pair whose count changed, under its new count. */
  queueChanged(): void {
    for (const pair of this.#changed) {
      const count = this.#counts.get(pair) ?? 0;
      if (count >= MIN_PAIR_COUNT) this.#push([count, pair]);
    }
    this.#changed.clear();
  }

  /** The most frequent pair, the oldest symbols first among equals, with the words that hold it; removes it. */
  takeBest(): [left: number, right: number, words: Iterable<number>] | undefined {
    for (let top = this.#pop(); top !== undefined; top = this.#pop()) {
      const [count, pair] = top;
      if (this.#counts.get(pair) !== count) continue;
      const words = this.#words.get(pair) ?? [];
      this.#words.delete(pair);
      return [Math.floor(pair / PAIR), pair % PAIR, words];
    }
    return undefined;
  }

  #push(item: [number, number]): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(item, heap[up] as [number, number])) break;
      heap[at] = heap[up] as [number, number];
      at = up;
    }
    heap[at] = item;
  }

  #pop(): [number, number] | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const item = heap.pop();
    if (item === undefined || heap.length === 0) return top;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < heap.length && before(heap[right] as [number, number], heap[child] as [number, number])) {
        child = right;
      }
      if (!before(heap[child] as [number, number], item)) break;
      heap[at] = heap[child] as [number, number];
      at = child;
    }
    heap[at] = item;
    return top;
  }
}

function before(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
