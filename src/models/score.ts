/** From logits to scores: what a one-step model, and two models in two steps, say about a document's pairs. */
import { lookAhead } from '../core/look-ahead.ts';
import type { Item } from '../features/batch.ts';
import type { Features, Pair } from '../features/features.ts';
import { allPairs } from '../features/task.ts';
import { DocumentRuns } from './document-runs.ts';
import { type Gated, passGate, probability } from './gate.ts';
import { isLong, type LongLimits, longLimits, scoreBlocks } from './long-document.ts';
import type { ScoringModels, WeightedModel } from './scoring-models.ts';

/** Scores of the pairs of one document that any relation can have; of a long one, of a block of its pairs. */
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
  /** Whether the next scores are of other pairs of this very document. */
  readonly hasMore: boolean;
  readonly #classes: number;

  /** @param classes - R */
  constructor(
    { features, pairs, gates, closed = [] }: Item & Partial<Omit<Gated, 'pairs'>>,
    logits: Float32Array,
    classes: number,
    hasMore = false,
  ) {
    [this.features, this.pairs, this.gates, this.closed] = [features, pairs, gates, closed];
    [this.logits, this.#classes, this.hasMore] = [logits, classes, hasMore];
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

/**
 * Scores of every document, in their order. Step 2 runs on documents and pairs that step 1 let through.
 *
 * Works ahead as `PairModel.score` does; the steps follow each other without a wait for all documents. A long document's scores
 * come in several pieces, one after the other: all but the last have `hasMore`. Documents before it are done by then.
 *
 * @param limits - from where on a document is long
 * @throws RelataError as `PairModel.score` and `scoreBlocks`
 */
export async function* scoreDocuments(
  models: ScoringModels,
  documents: AsyncIterable<Features> | Iterable<Features>,
  batchPieces?: number,
  limits: LongLimits = longLimits,
): AsyncGenerator<DocumentScores> {
  const { model } = models.relation;
  const source = new DocumentRuns(documents, (features) => isLong(model, features, limits));
  try {
    do {
      yield* scoreShort(models, source.short(), batchPieces);
      const features = source.takeLong();
      if (!features) continue;
      const blocks = scoreBlocks(models, features, { batchPieces, limits });
      for await (const { item, logits, hasMore } of lookAhead(blocks))
        yield new DocumentScores(item, logits, model.classes, hasMore);
    } while (!source.isDone);
  } finally {
    await source.close();
  }
}

/** Scores of documents that are read as a whole. */
async function* scoreShort(
  models: ScoringModels,
  documents: AsyncIterable<Features>,
  batchPieces: number | undefined,
): AsyncGenerator<DocumentScores> {
  const { model, parameter } = models.relation;
  const items: AsyncIterable<Item & Partial<Omit<Gated, 'pairs'>>> =
    models.kind === 'two-step'
      ? letThrough(models.existence, documents, batchPieces)
      : withAllPairs(documents);
  for await (const { item, logits } of model.score(items, parameter, batchPieces)) {
    yield new DocumentScores(item, logits, model.classes);
  }
}

/** Documents with the pairs that step 1 lets through. */
async function* letThrough(
  { model, parameter }: WeightedModel,
  documents: AsyncIterable<Features>,
  batchPieces: number | undefined,
): AsyncGenerator<Item & Gated> {
  for await (const { item, logits } of model.score(withAllPairs(documents), parameter, batchPieces))
    yield { features: item.features, ...passGate(item.pairs, logits, model.classes) };
}

/** A document with every ordered pair. */
export async function* withAllPairs(
  documents: AsyncIterable<Features> | Iterable<Features>,
): AsyncGenerator<Item> {
  for await (const features of documents) yield { features, pairs: allPairs(features) };
}
