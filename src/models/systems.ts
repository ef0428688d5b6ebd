/** The systems of the paper by name: how each is built, and how it reads documents. */
import type { BatchForm, Item } from '../features/batch.ts';
import { fillToBudget } from '../features/budget.ts';
import type { Mode, TextVariant } from '../features/encode.ts';
import { classCount, type Task } from '../features/task.ts';
import type { Graph } from '../graph/graph.ts';
import type { BertShape } from '../nn/bert-encoder.ts';
import type { Dropout } from '../nn/dropout.ts';
import type { Feature, WordShape } from '../nn/word-embeddings.ts';
import { bert } from './bert.ts';
import { bilstm } from './bilstm.ts';
import { cnn } from './cnn.ts';
import { contextAware } from './context-aware.ts';
import { lstmSystem } from './lstm.ts';
import { sentence } from './sentence.ts';
import type { BuiltSystem, WordSystemOptions } from './word-system.ts';

/** Word-level systems, in the order of the paper's tables. */
export const wordSystems = ['cnn', 'lstm', 'bilstm', 'context-aware', 'sentence'] as const;
export type WordSystem = (typeof wordSystems)[number];
export const encoderSystems = [...wordSystems, 'bert'] as const;
export type EncoderSystem = (typeof encoderSystems)[number];

/** What decides a model's graph and what goes into it. */
export type PairModelConfig = {
  readonly task: Task;
  readonly mode: Mode;
  /** Relations without N/A. */
  readonly relations: number;
  /** What the system does without. */
  readonly without: readonly Feature[];
} & (
  | { readonly system: WordSystem; readonly encoder: WordShape }
  | { readonly system: 'bert'; readonly encoder: BertShape; readonly text: TextVariant }
);

const builders: Record<
  WordSystem,
  (graph: Graph, options: WordSystemOptions, dropout: Dropout) => BuiltSystem
> = { cnn, lstm: lstmSystem, bilstm, 'context-aware': contextAware, sentence };

/** Names as the paper's tables have them. */
export const systemLabels: Record<EncoderSystem, string> = {
  cnn: 'CNN',
  lstm: 'LSTM',
  bilstm: 'BiLSTM',
  'context-aware': 'Context-Aware',
  sentence: 'SentModel',
  bert: 'BERT',
};

export const isWordSystem = (system: string): system is WordSystem =>
  (wordSystems as readonly string[]).includes(system);

/**
 * Groups of sequences that a batch of training is padded in. Its documents are drawn at random: eight of DocRED in one group
 * cost twice the attention that they need, in three groups an eighth more. Prediction orders documents by length.
 */
export const TRAINING_GROUPS = 3;

/**
 * Builds the graph of a model.
 *
 * @param groups - of sequences that a batch of BERT comes in, as in `batchForm`
 * @returns parameters and logits [P, R]
 */
export function buildSystem(
  graph: Graph,
  config: PairModelConfig,
  dropout: Dropout,
  groups = 1,
): BuiltSystem & { readonly classes: number } {
  const classes = classCount(config.relations, config);
  const built =
    config.system === 'bert'
      ? bert(graph, { ...config, classes, groups }, dropout)
      : builders[config.system](graph, { ...config, classes }, dropout);
  return { ...built, classes };
}

/** How a model reads a batch. @param groups - of sequences of BERT that are padded alike */
export function batchForm(config: PairModelConfig, groups = 1): BatchForm {
  if (config.system === 'bert') return { reads: 'pieces', groups, context: false };
  return {
    reads: 'words',
    directions: config.system === 'lstm' ? 1 : 2,
    blank: config.system === 'cnn' && config.mode === 'faithful',
    context: config.system === 'context-aware',
  };
}

/** Pieces, or words with padding, that run at once where nothing else is asked for. */
const DEFAULT_BUDGET = { pieces: 2048, words: 16_384 } as const;

/** Entries of the attention between pairs that count as one word. */
const PAIRS_PER_WORD = 512;

/** How far a single document may exceed the budget: every part of one reads the document and scores its pairs again. */
const LARGEST_PART = 4;

/** The pieces or words that a model runs at once. */
export const budgetOf = (system: EncoderSystem, given: number | undefined): number =>
  given ?? DEFAULT_BUDGET[isWordSystem(system) ? 'words' : 'pieces'];

/** Items in parts that run at once, documents of like cost together. @param budget - as of `budgetOf` */
export function partsOf<I extends Item>(system: EncoderSystem, items: readonly I[], budget: number): I[][] {
  if (!isWordSystem(system)) return fillToBudget(items, ({ features }) => features.pieces, budget);
  // Recurrent layers pad every sequence to the longest, attention between pairs every document to the largest.
  const length = system === 'context-aware' ? contextCost : longestSequence;
  return fillToBudget(items, length, budget, { rows: ({ features }) => features.sequences.length });
}

/**
 * An item in parts of fewer pairs, where the attention of all at once would take too much memory; the parts have the same
 * logits and losses, since every part looks at all pairs of its document. Other systems never need it.
 */
export function dividePairs<I extends Item>(system: EncoderSystem, item: I, budget: number): I[] {
  if (system !== 'context-aware') return [item];
  const { features, pairs } = item;
  const context = features.entities.length * (features.entities.length - 1);
  const most = Math.max(1, Math.floor((budget * PAIRS_PER_WORD * LARGEST_PART) / Math.max(1, context)));
  if (pairs.length <= most) return [item];
  return Array.from({ length: Math.ceil(pairs.length / most) }, (_, i) => ({
    ...item,
    pairs: pairs.slice(i * most, (i + 1) * most),
  }));
}

/** Words of the longest sequence. */
function longestSequence({ features: { sequences } }: Item): number {
  return sequences.reduce((longest, { length }) => Math.max(longest, length), 0);
}

/** Words of a document, or, where it is more, the attention between its pairs. */
function contextCost({ features: { pieces, entities } }: Item): number {
  const pairs = entities.length * (entities.length - 1);
  return Math.max(pieces, Math.ceil(pairs ** 2 / PAIRS_PER_WORD));
}
