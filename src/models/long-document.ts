/**
 * Documents of any length: read part by part, their pairs scored block by block, in memory that depends on neither.
 *
 * An entity's vector is a sum over the words of its mentions, so the parts' vectors add up to it, and pairs across parts are
 * scored like all others. Differs from one reading of the whole by rounding only.
 */
import { fail } from '../core/errors.ts';
import type { Item } from '../features/batch.ts';
import { documentParts } from '../features/document-parts.ts';
import { LONG_WORDS } from '../features/encode-words.ts';
import type { Features, Pair } from '../features/features.ts';
import { type Gated, passGate } from './gate.ts';
import { blockTensors, type PairBlock, pairBlocks, pairsOf, tailsWithin } from './pair-blocks.ts';
import type { PairModel } from './pair-model.ts';
import { PAIR_PROGRAM } from './program.ts';
import type { ScoringModels, WeightedModel } from './scoring-models.ts';
import { budgetOf, isWordSystem } from './systems.ts';

/** From where on a document is long, and how much of one is held at once. */
export interface LongLimits {
  /** Pieces of all sequences of a BERT. */
  readonly pieces: number;
  /** Words of all sequences of a word-level system. */
  readonly words: number;
  /** Entities x entities x classes. */
  readonly logits: number;
  /** Logits of a block of pairs. */
  readonly block: number;
  /** Sentences between the nearest mentions of a pair that is scored, where the features tell; default: any number. */
  readonly reach?: number | undefined;
}

/**
 * Eight windows of 512 pieces; 64 MB of logits, with DocRED's relations 415 entities; blocks of 16 MB, of which three or four
 * are in memory. DocRED's largest documents have some 700 pieces and 42 entities.
 */
export const longLimits: LongLimits = {
  pieces: 4096,
  words: LONG_WORDS,
  logits: 2 ** 24,
  block: 2 ** 22,
};

/** Scored pairs of a long document. */
export interface ScoredBlock {
  readonly item: Item & Partial<Omit<Gated, 'pairs'>>;
  /** [P, R] of the item's pairs. */
  readonly logits: Float32Array;
  /** Whether this is not the last block of the document. */
  readonly hasMore: boolean;
}

/** Whether a document is read in parts. @param model - that scores relations */
export function isLong({ config, classes }: PairModel, features: Features, limits: LongLimits): boolean {
  if (features.entities.length ** 2 * classes > limits.logits) return true;
  // Context-Aware cannot be cut; what is too much for it is its attention between pairs.
  if (config.system === 'context-aware') return false;
  return features.pieces > limits[isWordSystem(config.system) ? 'words' : 'pieces'];
}

/**
 * Scores of all pairs of a document, or of those within reach, block by block; at least one, which may be empty.
 *
 * Step 1 scores all pairs of a block, step 2 those that it lets through, and reads the document only if there is one.
 *
 * @throws RelataError `E_LONG_DOCUMENT` for a system, or an older export, that cannot; as `PairModel.entityVectors`
 */
export async function* scoreBlocks(
  models: ScoringModels,
  features: Features,
  { batchPieces, limits }: { readonly batchPieces: number | undefined; readonly limits: LongLimits },
): AsyncGenerator<ScoredBlock> {
  const { relation } = models;
  const steps = models.kind === 'two-step' ? [models.existence, relation] : [relation];
  for (const { model } of steps) refuseUncut(model, features);
  const entities = features.entities.length;
  const labelled = new Map(features.related.map((pair) => [pair.head * entities + pair.tail, pair]));
  const gate = models.kind === 'two-step' ? gateScorer(models.existence, features, batchPieces) : undefined;
  const score = blockScorer(relation, features, batchPieces);

  const { sentences } = features;
  const tailsOf = sentences && limits.reach !== undefined ? tailsWithin(sentences, limits.reach) : undefined;
  const blocks = pairBlocks(entities, Math.floor(limits.block / relation.model.classes), tailsOf);
  if (blocks.length === 0) {
    const gated = gate ? { gates: new Float32Array(0), closed: [] } : {};
    yield { item: { features, pairs: [], ...gated }, logits: new Float32Array(0), hasMore: false };
  }
  for (const [i, block] of blocks.entries()) {
    const all = pairsOf(block, { entities, labelled, tailsOf });
    const asked = gate ? await gate(block, all) : { pairs: all };
    const logits = await score(block, asked.pairs);
    yield { item: { features, ...asked }, logits, hasMore: i < blocks.length - 1 };
  }
}

/** Pairs of a block by step 1. */
function gateScorer(
  existence: WeightedModel,
  features: Features,
  batchPieces: number | undefined,
): (block: PairBlock, pairs: readonly Pair[]) => Promise<Gated> {
  const score = blockScorer(existence, features, batchPieces);
  return async (block, pairs) => passGate(pairs, await score(block, pairs), existence.model.classes);
}

/** Logits [P, R] of pairs of a block. */
type BlockScorer = (block: PairBlock, pairs: readonly Pair[]) => Promise<Float32Array>;

/** Reads the document when the first pair is asked about. */
function blockScorer(
  weighted: WeightedModel,
  features: Features,
  batchPieces: number | undefined,
): BlockScorer {
  const { model, parameter } = weighted;
  let reading: Promise<Float32Array> | undefined;
  return async (block, pairs) => {
    if (pairs.length === 0) return new Float32Array(0);
    reading ??= entityVectors(weighted, features, batchPieces);
    const vectors = await reading;
    return model.blockLogits(blockTensors(block, pairs, { vectors, features }), parameter);
  };
}

/** Vectors of all entities of a document, [E, D], part by part. */
async function entityVectors(
  { model, parameter }: WeightedModel,
  features: Features,
  batchPieces: number | undefined,
): Promise<Float32Array> {
  const { system } = model.config;
  const parts = documentParts(features, budgetOf(system, batchPieces), { padded: isWordSystem(system) });
  let sums = new Float32Array(0);
  for (const { features: part, members } of parts) {
    if (members.length === 0) continue;
    const vectors = await model.entityVectors(part, parameter);
    const width = vectors.length / members.length;
    if (sums.length === 0) sums = new Float32Array(features.entities.length * width);
    members.forEach((entity, row) => {
      for (let i = 0; i < width; i++) {
        const at = entity * width + i;
        sums[at] = (sums[at] as number) + (vectors[row * width + i] as number);
      }
    });
  }
  return sums;
}

function refuseUncut(model: PairModel, { title, pieces, entities }: Features): void {
  const { cutProblem } = model;
  if (cutProblem === undefined) return;
  const size = `${pieces} ${isWordSystem(model.config.system) ? 'words' : 'pieces'} and ${entities.length} entities`;
  throw fail('E_LONG_DOCUMENT', {
    title,
    size,
    ...(cutProblem === 'attention'
      ? {
          reason: 'Context-Aware looks at all pairs of a document at once',
          help: 'Use a model of another system (`relata train --system`), or split the document.',
        }
      : {
          reason: `this exported model has no ${PAIR_PROGRAM}, as older ones do not`,
          help: 'Export it again with this version (`relata export`).',
        }),
  });
}
