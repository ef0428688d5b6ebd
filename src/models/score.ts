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
export class DocumentScores {
  readonly features: Features;
  /** In one step every ordered pair; in two steps those that step 1 lets through. */
  readonly pairs: readonly Pair[];
  /** Two steps: step 1's probability that the pair is related, [P]. */
  readonly gates: Float32Array | undefined;
  /** Two steps: pairs that step 1 holds back. */
  readonly closed: readonly Pair[];
  /** [P, R]. */
  readonly logits: Float32Array;
  readonly #classes: number;

  /** @param classes - R */
  constructor(
    {
      features,
      pairs,
      gates,
      closed = [],
    }: Item & { readonly gates?: Float32Array; readonly closed?: Pair[] },
    logits: Float32Array,
    classes: number,
  ) {
    [this.features, this.pairs, this.gates, this.closed] = [features, pairs, gates, closed];
    [this.logits, this.#classes] = [logits, classes];
  }

  /** Probabilities of the relations 1, 2, ... of each pair, computed anew: [P, R - 1]. Class 0 is never predicted. */
  get scores(): Float32Array {
    const result = new Float32Array(this.pairs.length * (this.#classes - 1));
    let at = 0;
    for (let p = 0; p < this.pairs.length; p++) {
      for (let k = 1; k < this.#classes; k++) {
        result[at++] = probability(this.logits[p * this.#classes + k] as number);
      }
    }
    return result;
  }

  /**
   * The scores strictly above `theta`, pair by pair: few of many, so that the others cost a comparison each.
   *
   * @param theta - a float32 of 0 to 1
   */
  *above(theta: number): Generator<{
    readonly p: number;
    readonly pair: Pair;
    readonly relation: number;
    readonly score: number;
  }> {
    // One below the logit of theta: more than rounding can move a score.
    const odds = Math.min(theta, 0.999);
    const least = Math.log(odds / (1 - odds)) - 1;
    const [{ logits, pairs }, classes] = [this, this.#classes];
    for (let p = 0; p < pairs.length; p++) {
      const row = p * classes;
      for (let relation = 1; relation < classes; relation++) {
        const logit = logits[row + relation] as number;
        if (!(logit > least)) continue;
        const score = probability(logit);
        if (score > theta) yield { p, pair: pairs[p] as Pair, relation, score };
      }
    }
  }
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

/**
 * Scores of every document, in their order. Step 2 runs on documents and pairs that step 1 let through.
 *
 * Works ahead as `PairModel.score` does; the steps follow each other without a wait for all documents.
 */
export async function* scoreDocuments(
  models: ScoringModels,
  documents: AsyncIterable<Features> | Iterable<Features>,
  batchPieces?: number,
): AsyncGenerator<DocumentScores> {
  const { model, parameter } = models.relation;
  const items: AsyncIterable<Item & Gated> =
    models.kind === 'two-step'
      ? letThrough(models.existence, documents, batchPieces)
      : withAllPairs(documents);
  for await (const { item, logits } of model.score(items, parameter, batchPieces)) {
    yield new DocumentScores(item, logits, model.classes);
  }
}

/** What step 1 says about a document. */
interface Gated {
  readonly gates?: Float32Array;
  readonly closed?: Pair[];
}

/** Documents with the pairs that step 1 lets through. */
async function* letThrough(
  { model, parameter }: WeightedModel,
  documents: AsyncIterable<Features> | Iterable<Features>,
  batchPieces: number | undefined,
): AsyncGenerator<Item & Gated> {
  for await (const { item, logits } of model.score(withAllPairs(documents), parameter, batchPieces)) {
    const [pairs, closed, gates]: [Pair[], Pair[], number[]] = [[], [], []];
    for (const [p, pair] of item.pairs.entries()) {
      const { open, gate } = gateOf(logits, p, model.classes);
      if (open) {
        pairs.push(pair);
        gates.push(gate);
      } else {
        closed.push(pair);
      }
    }
    yield { features: item.features, pairs, gates: Float32Array.from(gates), closed };
  }
}

/** A document with every ordered pair. */
export async function* withAllPairs(
  documents: AsyncIterable<Features> | Iterable<Features>,
): AsyncGenerator<Item> {
  for await (const features of documents) yield { features, pairs: allPairs(features) };
}
