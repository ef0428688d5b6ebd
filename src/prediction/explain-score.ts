/** Logits of single pairs, also of those that step 1 holds back. */
import type { Item } from '../features/batch.ts';
import { isLong, longLimits, scoreBlocks } from '../models/long-document.ts';
import type { WeightedModel } from '../models/scoring-models.ts';

interface ScoreOptions {
  readonly batchPieces?: number | undefined;
  /** Whether no item may run beside another; default false. */
  readonly oneByOne?: boolean;
}

/**
 * The logits [R] of every item, in their order.
 *
 * @param items - of one pair each
 * @throws RelataError `E_LONG_DOCUMENT` for a document that is too long for its system; `E_ENGINE`
 */
export async function scoreItems(
  weighted: WeightedModel,
  items: readonly Item[],
  { batchPieces, oneByOne = false }: ScoreOptions,
): Promise<Float32Array[]> {
  const { model, parameter } = weighted;
  const found = new Map<Item, Float32Array>();
  const short = items.filter(({ features }) => !isLong(model, features, longLimits));
  for (const group of oneByOne ? short.map((item) => [item]) : [short])
    for await (const { item, logits } of model.score(group, parameter, batchPieces)) found.set(item, logits);
  for (const item of items)
    if (!found.has(item)) found.set(item, await scoreLong(weighted, item, batchPieces));
  return items.map((item) => found.get(item) ?? new Float32Array(model.classes));
}

/** In parts: all pairs of the item's entities, of which one is looked at. */
async function scoreLong(
  relation: WeightedModel,
  { features, pairs: [pair] }: Item,
  batchPieces: number | undefined,
): Promise<Float32Array> {
  const { classes } = relation.model;
  const blocks = scoreBlocks({ kind: 'one-step', relation }, features, { batchPieces, limits: longLimits });
  for await (const { item, logits } of blocks) {
    const row = item.pairs.findIndex(({ head, tail }) => head === pair?.head && tail === pair.tail);
    if (row >= 0) return logits.slice(row * classes, (row + 1) * classes);
  }
  return new Float32Array(classes);
}
