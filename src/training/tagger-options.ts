/**
 * Defaults of training a tagger of mentions.
 *
 * Those of words were found by trying on DocRED (dropout of 0.3 and 0.5 in ten epochs reach the same F1); those of a BERT
 * from random weights are the ones that suit relations, with the smaller batches that tags allow.
 */
import type { TagReader } from '../models/mention-tagger.ts';
import { type Beginning, type EffectiveOptions, effectiveOptions, type TrainingOptions } from './options.ts';

/** Encoders that read words. */
const words = {
  epochs: 12,
  batchDocuments: 8,
  learningRate: 2e-3,
  dropout: 0.4,
  warmup: 0.05,
} as const;

/** A BERT from random weights. */
const fromScratch = {
  epochs: 15,
  batchDocuments: 4,
  learningRate: 5e-4,
  dropout: 0.1,
  warmup: 0.05,
} as const;

/** A published BERT: the rate and epochs of its authors, section A.3. Source: Devlin et al. 2019. */
const pretrained = {
  epochs: 4,
  batchDocuments: 4,
  learningRate: 5e-5,
  dropout: 0.1,
  warmup: 0.1,
} as const;

/** A small one bears larger rates. Source: Turc et al. 2019. */
const smallPretrained = { ...fromScratch, epochs: 8, learningRate: 3e-4 } as const;

const bert: Record<Beginning, typeof fromScratch | typeof smallPretrained | typeof pretrained> = {
  'random weights': fromScratch,
  'small pretrained': smallPretrained,
  pretrained,
};

/** The rate of what lies above a BERT and begins at random. */
const HEAD_LEARNING_RATE = 1e-3;

/** Fills in what is not given. */
export function taggerOptions(
  options: TrainingOptions,
  system: TagReader | 'bert',
  beginning: Beginning,
): EffectiveOptions {
  const defaults = system === 'bert' ? bert[beginning] : words;
  const head = system === 'bert' ? { headLearningRate: options.headLearningRate ?? HEAD_LEARNING_RATE } : {};
  const filled: TrainingOptions = {
    ...options,
    ...head,
    epochs: options.epochs ?? defaults.epochs,
    evaluateEvery: options.evaluateEvery ?? 1,
    batchDocuments: options.batchDocuments ?? defaults.batchDocuments,
    optimizer: options.optimizer ?? 'adamw',
    learningRate: options.learningRate ?? defaults.learningRate,
    weightDecay: options.weightDecay ?? 0.01,
    clipNorm: options.clipNorm ?? 1,
    warmup: options.warmup ?? defaults.warmup,
    decay: options.decay ?? 'linear',
    dropout: options.dropout ?? defaults.dropout,
  };
  return effectiveOptions(filled, system, beginning);
}
