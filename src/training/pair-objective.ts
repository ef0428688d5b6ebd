/** What a model of relations learns: the classes of pairs. */
import { Rng } from '../core/rng.ts';
import { buildBatch, type Item, targets, type Whole, wholeOf } from '../features/batch.ts';
import type { Features } from '../features/features.ts';
import { classCount, type Negatives, trainingPairs } from '../features/task.ts';
import { batchTensors } from '../models/tensors.ts';
import {
  batchForm,
  budgetOf,
  buildSystem,
  dividePairs,
  type PairModelConfig,
  partsOf,
  TRAINING_GROUPS,
} from '../models/systems.ts';
import { binaryCrossEntropy, crossEntropy } from '../nn/losses.ts';
import { float32 } from '../runtime/session.ts';
import type { Lesson, Objective } from './objective.ts';
import type { EffectiveOptions } from './options.ts';

/** Of a batch. */
export interface PairTotals {
  /** The loss is divided by them. */
  readonly pairs: number;
  /** As in `buildBatch`; default: the items that run. */
  readonly whole?: Whole;
}

/** Step 1 decides between two classes, unless it does as the original; all else is a yes or no for each class. */
const isDecision = ({ task, mode }: PairModelConfig): boolean => task === 'existence' && mode === 'corrected';

export function pairLesson(config: PairModelConfig): Lesson<Item, PairTotals> {
  const classes = classCount(config.relations, config);
  return {
    build: (graph, dropout) => {
      const { params, logits } = buildSystem(graph, config, dropout, TRAINING_GROUPS);
      const targetsPR = graph.input('targets', 'float32', ['P', classes]);
      const scale = graph.input('scale', 'float32', []);
      const loss = (isDecision(config) ? crossEntropy : binaryCrossEntropy)(logits, targetsPR, scale);
      return { params, loss, classes };
    },
    feeds: (items, { pairs, whole }) => {
      const batch = buildBatch(items, batchForm(config, TRAINING_GROUPS), whole);
      const terms = isDecision(config) ? pairs : pairs * classes;
      return {
        sizes: batch.sizes,
        tensors: {
          ...batchTensors(batch),
          targets: float32(targets(items, config.task, classes), [batch.sizes['P'] ?? 0, classes]),
          scale: float32(Float32Array.of(1 / terms), []),
        },
      };
    },
  };
}

export interface PairData {
  readonly config: PairModelConfig;
  readonly features: readonly Features[];
  readonly negatives: Negatives;
  readonly options: Pick<EffectiveOptions, 'seed' | 'batchPieces'>;
}

export function pairObjective(data: PairData): Objective<Item, PairTotals> {
  const { config, options } = data;
  const budget = budgetOf(config.system, options.batchPieces);
  return {
    ...pairLesson(config),
    documents: trainable(data),
    draw: (epoch, documents) => {
      const items = drawPairs(data, epoch, documents);
      const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
      if (pairs === 0) return undefined;
      const divided = items.flatMap((item) => dividePairs(config.system, item, budget));
      return {
        parts: partsOf(config.system, divided, budget),
        totals: { pairs, whole: wholeOf(items) },
        pieces: items.reduce((sum, item) => sum + item.features.pieces, 0),
        counts: { pairs },
      };
    },
  };
}

/** Documents that give at least one pair. */
function trainable({ features, negatives, config }: PairData): number[] {
  const needsRelated = config.task === 'related-relation' || negatives !== 'all';
  return features.flatMap(({ entities, related }, i) =>
    (needsRelated ? related.length > 0 : entities.length > 1) ? [i] : [],
  );
}

function drawPairs(data: PairData, epoch: number, documents: readonly number[]): Item[] {
  return documents.flatMap((index) => {
    const features = data.features[index];
    if (!features) return [];
    const rng = Rng.fromSeed(data.options.seed, `pairs ${epoch} ${index}`);
    return [{ features, pairs: trainingPairs(features, { ...data.config, negatives: data.negatives }, rng) }];
  });
}
