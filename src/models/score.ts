/** From logits to scores: what a one-step model, and two models in two steps, say about a document's pairs. */
import type { Item } from '../features/batch.ts';
import type { Features, Pair } from '../features/features.ts';
import { allPairs } from '../features/task.ts';
import type { PairModel, ParameterLookup } from './pair-model.ts';

/** A model and its weights. */
export interface WeightedModel {
  readonly model: PairModel;
  readonly parameter: ParameterLookup;
}

/** One model, or the two steps. */
export type ScoringModels =
  | { readonly kind: 'one-step'; readonly relation: WeightedModel }
  | { readonly kind: 'two-step'; readonly existence: WeightedModel; readonly relation: WeightedModel };

/** Scores of the pairs of one document that any relation can have. */
export interface DocumentScores {
  readonly features: Features;
  /** In one step every ordered pair; in two steps those that step 1 lets through. */
  readonly pairs: readonly Pair[];
  /** Probabilities of the relations 1, 2, ... of each pair: [P, relations]. */
  readonly scores: Float32Array;
  /** Two steps: step 1's probability that the pair is related, [P]. */
  readonly gates: Float32Array | undefined;
  /** Two steps: pairs that step 1 holds back. */
  readonly closed: readonly Pair[];
}

/** 1 / (1 + e^-x), rounded to float32 as all scores are. */
export const probability = (logit: number): number => Math.fround(1 / (1 + Math.exp(-logit)));

/**
 * Whether step 1 lets a pair through: the logit of class 1 is strictly above that of class 0.
 *
 * @returns the probability that the pair is related, as the softmax of the two; above 0.5 means yes
 */
export function gateOf(logits: Float32Array, pair: number, classes: number): { open: boolean; gate: number } {
  const margin = (logits[pair * classes + 1] ?? 0) - (logits[pair * classes] ?? 0);
  return { open: margin > 0, gate: probability(margin) };
}

/** Scores of every document, in their order. Step 2 runs on documents and pairs that step 1 let through. */
export async function* scoreDocuments(
  models: ScoringModels,
  documents: Iterable<Features>,
  batchPieces?: number,
): AsyncGenerator<DocumentScores> {
  const { relation } = models;
  if (models.kind === 'one-step') {
    for await (const { item, logits } of relation.model.score(
      withAllPairs(documents),
      relation.parameter,
      batchPieces,
    )) {
      const { features, pairs } = item;
      yield {
        features,
        pairs,
        scores: probabilities(logits, relation.model.classes),
        gates: undefined,
        closed: [],
      };
    }
    return;
  }
  const { existence } = models;
  for (const chunk of chunks(documents, CHUNK_DOCUMENTS)) {
    const gated: (Item & { readonly gates: Float32Array; readonly closed: Pair[] })[] = [];
    for await (const { item, logits } of existence.model.score(
      withAllPairs(chunk),
      existence.parameter,
      batchPieces,
    )) {
      const decided = item.pairs.map((pair, p) => ({ pair, ...gateOf(logits, p, existence.model.classes) }));
      const through = decided.filter(({ open }) => open);
      gated.push({
        features: item.features,
        pairs: through.map(({ pair }) => pair),
        gates: Float32Array.from(through, ({ gate }) => gate),
        closed: decided.filter(({ open }) => !open).map(({ pair }) => pair),
      });
    }
    const scored = new Map<Item, Float32Array>();
    const open = gated.filter((item) => item.pairs.length > 0);
    for await (const { item, logits } of relation.model.score(open, relation.parameter, batchPieces))
      scored.set(item, logits);
    for (const item of gated) {
      const scores = probabilities(scored.get(item) ?? new Float32Array(0), relation.model.classes);
      yield { features: item.features, pairs: item.pairs, scores, gates: item.gates, closed: item.closed };
    }
  }
}

/** Documents whose gates are held at once. */
const CHUNK_DOCUMENTS = 128;

/** A document with every ordered pair. */
export function* withAllPairs(documents: Iterable<Features>): Generator<Item> {
  for (const features of documents) yield { features, pairs: allPairs(features) };
}

/** Probabilities without class 0, which is never predicted: [P, R - 1]. */
function probabilities(logits: Float32Array, classes: number): Float32Array {
  const result = new Float32Array((logits.length / classes) * (classes - 1));
  let at = 0;
  for (let i = 0; i < logits.length; i++) if (i % classes !== 0) result[at++] = probability(logits[i] ?? 0);
  return result;
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}
