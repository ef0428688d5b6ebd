/**
 * The best tags of a sentence, and the mentions that they make.
 *
 * Each word has scores of its own, so the probability of a row of tags is the product of theirs, over all rows that can be:
 * `I` of a type follows `B` or `I` of that type only. Viterbi's algorithm finds the best row; forward and backward sums give
 * the probability that exactly these words are a mention of this type, whatever the tags of the other words. Letters: W words
 * of the sentence, K tags, T types.
 */
import { beginTag, insideTag, OUTSIDE } from '../features/bio.ts';

/** Words [start, end) of a sentence. */
export interface TaggedSpan {
  readonly start: number;
  readonly end: number;
  /** Index of the type. */
  readonly type: number;
  /** For each type, the probability that exactly these words are a mention of it: [T]. */
  readonly probabilities: Float64Array;
}

/**
 * The mentions of a sentence, from left to right.
 *
 * @param logits - [W, K], K = 1 + 2 T; whole numbers of rows
 */
export function decodeTags(logits: Float32Array, types: number): TaggedSpan[] {
  const K = 1 + 2 * types;
  const W = logits.length / K;
  const scores = logProbabilities(logits, K);
  const tags = bestTags(scores, W, types);
  const { before, after } = closedSums(scores, W, types);
  const all = before[W] ?? 0;
  const spans: TaggedSpan[] = [];
  for (let start = 0; start < W; start++) {
    const tag = tags[start] ?? OUTSIDE;
    if (tag % 2 === 0) continue; // outside, or a word of the mention before
    const type = (tag - 1) / 2;
    let end = start + 1;
    while (end < W && tags[end] === insideTag(type)) end++;
    const others = (before[start] ?? 0) + (after[end] ?? 0) - all;
    const probabilities = Float64Array.from({ length: types }, (_, t) => {
      let log = others + (scores[start * K + beginTag(t)] ?? 0);
      for (let w = start + 1; w < end; w++) log += scores[w * K + insideTag(t)] ?? 0;
      return Math.min(1, Math.exp(log));
    });
    spans.push({ start, end, type, probabilities });
  }
  return spans;
}

/** Logarithms of the probabilities of each word's tags, in double precision: [W, K]. */
function logProbabilities(logits: Float32Array, K: number): Float64Array {
  const result = Float64Array.from(logits);
  for (let row = 0; row < result.length; row += K) {
    const own = result.subarray(row, row + K);
    const most = own.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = own.reduce((total, x) => total + Math.exp(x - most), 0);
    const log = most + Math.log(sum);
    for (let k = 0; k < K; k++) own[k] = (own[k] ?? 0) - log;
  }
  return result;
}

/** Viterbi: the best row of tags that can be; of equal ones that with the lower last tag, and so on backwards. */
function bestTags(scores: Float64Array, W: number, types: number): Int32Array {
  const K = 1 + 2 * types;
  const from = new Int32Array(W * K);
  let best = new Float64Array(K).fill(-Infinity);
  best[OUTSIDE] = 0; // before the sentence
  for (let w = 0; w < W; w++) {
    const next = new Float64Array(K);
    const any = argmax(best);
    for (let tag = 0; tag < K; tag++) {
      // I of a type has two tags before it, all others any.
      const previous = isInside(tag) ? better(best, tag - 1, tag) : any;
      from[w * K + tag] = previous;
      next[tag] = (best[previous] ?? 0) + (scores[w * K + tag] ?? 0);
    }
    best = next;
  }
  const tags = new Int32Array(W);
  let tag = argmax(best);
  for (let w = W - 1; w >= 0; w--) {
    tags[w] = tag;
    tag = from[w * K + tag] ?? OUTSIDE;
  }
  return tags;
}

const isInside = (tag: number): boolean => tag !== OUTSIDE && tag % 2 === 0;

const better = (scores: Float64Array, a: number, b: number): number =>
  (scores[a] ?? 0) >= (scores[b] ?? 0) ? a : b;

function argmax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/**
 * Logarithms of sums over all rows of tags that can be.
 *
 * @returns `before[w]`: over the tags of words [0, w); `after[w]`: over those of words [w, W) that go on with no mention from
 * before
 */
function closedSums(
  scores: Float64Array,
  W: number,
  types: number,
): { before: Float64Array; after: Float64Array } {
  const K = 1 + 2 * types;
  const score = (w: number, tag: number): number => scores[w * K + tag] ?? 0;
  const [before, after] = [new Float64Array(W + 1), new Float64Array(W + 1)];
  // Of `before[w]`, the rows whose last word is in a mention of each type.
  let open = new Float64Array(types).fill(-Infinity);
  for (let w = 0; w < W; w++) {
    const closed = before[w] ?? 0;
    open = open.map((sum, t) => logAdd(closed + score(w, beginTag(t)), sum + score(w, insideTag(t))));
    before[w + 1] = open.reduce(logAdd, closed + score(w, OUTSIDE));
  }
  // Over the tags of words [w, W) where the word before is in a mention of each type.
  open = new Float64Array(types);
  for (let w = W - 1; w >= 0; w--) {
    const closed = open.reduce(
      (sum, rest, t) => logAdd(sum, score(w, beginTag(t)) + rest),
      score(w, OUTSIDE) + (after[w + 1] ?? 0),
    );
    open = open.map((rest, t) => logAdd(closed, score(w, insideTag(t)) + rest));
    after[w] = closed;
  }
  return { before, after };
}

/** log(e^a + e^b) */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}
