/**
 * Everything that decides a training run, with its default and the source of the default.
 *
 * A pretrained encoder gets the paper's values. Random weights need others: these were found by trying, and
 * `docs/results.md` holds the trials.
 */
import { z } from 'zod';

import { modes, textVariants } from '../features/encode.ts';
import type { Negatives } from '../features/task.ts';
import { memories } from '../graph/gradients.ts';
import type { EncoderSystem } from '../models/systems.ts';
import { features } from '../nn/word-embeddings.ts';
import { partProblem } from './freeze.ts';

const share = z.number().min(0).max(1);
const positive = z.int().positive();

/** Of which encoders a default is that is not the paper's. */
const SMALL = 'from random weights or a small pretrained encoder';

/** One option: its schema, what it is for, and where its default is from. */
export const trainingOptions = {
  mode: z.enum(modes).default('corrected').describe('`faithful` reproduces the quirks of the original code'),
  text: z
    .enum(textVariants)
    .default('plain')
    .describe(
      'of bert: `sentence-cls`: the last word of each sentence becomes [CLS], as in a branch of the original',
    ),
  negatives: z
    .union([z.literal('all'), z.number().nonnegative()])
    .optional()
    .describe(
      'unrelated pairs per related one, or all; default all in one step (first BERT version), 3 in step 1 (section 2.2)',
    ),
  without: z
    .array(z.enum(features))
    .default([])
    .describe(`leave features out, as the DocRED paper's ablations do: any of ${features.join(', ')}`),
  freeze: z
    .array(z.string())
    .default([])
    .transform((lists) => lists.flatMap((list) => list.split(',')))
    .superRefine((parts, context) => {
      const message = parts.map(partProblem).find((problem) => problem !== undefined);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe(
      'of bert: parts that keep their first weights and cost no backward work and no optimiser memory, separated by commas: embeddings, encoder (all layers), encoder.N, encoder.N-M (layers, from 0)',
    ),
  epochs: positive.optional().describe(`default 200 (original train.py), ${SMALL} 20`),
  evaluateEvery: positive
    .optional()
    .describe(`epochs between evaluations on dev; default 5 (original Config.py), ${SMALL} 1`),
  patience: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'evaluations without a better dev score before training stops, 0 to never stop early; default 10 (ours), in faithful mode 0 (original)',
    ),
  batchDocuments: positive
    .optional()
    .describe(
      "documents per update; default 40 (original Config.py), of bert 30 (the paper's repository), from random weights or a small pretrained encoder 8",
    ),
  batchPieces: z
    .int()
    .min(512)
    .optional()
    .describe(
      'pieces or words that run at once: a batch above it runs in parts, with less memory and the same loss; default 2048 pieces or 16384 words',
    ),
  memory: z
    .enum(memories)
    .default('normal')
    .describe(
      'of bert: `low` keeps two sums a layer of the forward pass and computes the rest again: less than half of the memory for activations, 10 to 20 % more time, the same bits',
    ),
  optimizer: z
    .enum(['adam', 'adamw'])
    .optional()
    .describe(`default adam (original Config.py), ${SMALL} adamw`),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe(
      "default 1e-3 (original, Adam's), of bert 1e-5 (section 3.2), of a small pretrained encoder 3e-4, from random weights 5e-4",
    ),
  headLearningRate: z
    .number()
    .positive()
    .optional()
    .describe(
      'rate of everything but the encoder; default: the same rate (original Config.py), of a small encoder 1e-3',
    ),
  weightDecay: z.number().nonnegative().optional().describe(`default 0 (original Config.py), ${SMALL} 0.01`),
  clipNorm: z
    .number()
    .nonnegative()
    .optional()
    .describe(`largest norm of all gradients together, 0 for no limit; default 0 (original), ${SMALL} 1`),
  warmup: share
    .optional()
    .describe(`share of the steps over which rates rise from 0; default 0 (original), ${SMALL} 0.05`),
  decay: z
    .enum(['none', 'linear'])
    .optional()
    .describe(`how rates fall; default none (original), ${SMALL} linear`),
  beta1: share.lt(1).default(0.9).describe('of Adam (its default)'),
  beta2: share.lt(1).default(0.999).describe('of Adam (its default)'),
  epsilon: z.number().positive().default(1e-8).describe('of Adam (its default)'),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .optional()
    .describe(
      "share of the encoder's entries that are dropped; default 0.2, of cnn 0.5, of bert 0.1 (originals)",
    ),
  seed: z
    .int()
    .nonnegative()
    .max(2 ** 32 - 1)
    .default(1)
    .describe('of everything random'),
  threads: z
    .int()
    .nonnegative()
    .default(0)
    .describe('0: one per core. Results are the same bits for the same number'),
  checkpointMinutes: z.number().positive().default(10).describe('between checkpoints inside an epoch'),
} as const;

export const trainingSchema = z.strictObject(trainingOptions);

/** As given, defaults of the schema filled in. */
export type TrainingOptions = z.infer<typeof trainingSchema>;
/** With the defaults that depend on where the encoder comes from. */
export type EffectiveOptions = {
  readonly [K in Exclude<keyof TrainingOptions, 'negatives' | 'batchPieces'>]-?: NonNullable<
    TrainingOptions[K]
  >;
} & {
  readonly negatives?: Negatives | undefined;
  readonly batchPieces?: number | undefined;
};

/** Word-level systems, as the DocRED baselines train them. */
const words = {
  epochs: 200,
  evaluateEvery: 5,
  batchDocuments: 40,
  optimizer: 'adam',
  learningRate: 1e-3,
  weightDecay: 0,
  clipNorm: 0,
  warmup: 0,
  decay: 'none',
} as const;

/** What a model of the system bert begins with; of others it means nothing. */
export type Beginning = 'random weights' | 'small pretrained' | 'pretrained';

/** Width from which on a pretrained encoder is trained as the paper trains BERT-base. */
const FULL_WIDTH = 768;

export function beginningOf({
  pretrained: isPretrained,
  config,
}: {
  readonly pretrained: boolean;
  readonly config: { readonly encoder: { readonly width: number } };
}): Beginning {
  if (!isPretrained) return 'random weights';
  return config.encoder.width < FULL_WIDTH ? 'small pretrained' : 'pretrained';
}

/** The paper's. */
const pretrained = {
  epochs: 200,
  evaluateEvery: 5,
  batchDocuments: 30,
  optimizer: 'adam',
  learningRate: 1e-5,
  weightDecay: 0,
  clipNorm: 0,
  warmup: 0,
  decay: 'none',
} as const;

/** Rates of the originals. */
const dropouts: Partial<Record<EncoderSystem, number>> = { bert: 0.1, cnn: 0.5 };
const LOCKED_DROPOUT = 0.2;

const fromScratch = {
  epochs: 20,
  evaluateEvery: 1,
  batchDocuments: 8,
  optimizer: 'adamw',
  learningRate: 5e-4,
  headLearningRate: 1e-3,
  weightDecay: 0.01,
  clipNorm: 1,
  warmup: 0.05,
  decay: 'linear',
} as const;

/**
 * A small encoder bears larger rates, and needs them: at the paper's it would take days. Source of the rate: Turc et al. 2019, who
 * find 3e-4 best for most tasks of theirs; the rest is as from random weights.
 */
const smallPretrained = { ...fromScratch, learningRate: 3e-4 } as const;

const bert: Record<Beginning, typeof pretrained | typeof fromScratch | typeof smallPretrained> = {
  'random weights': fromScratch,
  'small pretrained': smallPretrained,
  pretrained,
};

/** Fills in what is not given. */
export function effectiveOptions(
  options: TrainingOptions,
  system: EncoderSystem,
  beginning: Beginning,
): EffectiveOptions {
  const defaults = system === 'bert' ? bert[beginning] : words;
  const learningRate = options.learningRate ?? defaults.learningRate;
  return {
    ...options,
    epochs: options.epochs ?? defaults.epochs,
    evaluateEvery: options.evaluateEvery ?? defaults.evaluateEvery,
    patience: options.patience ?? (options.mode === 'faithful' ? 0 : 10),
    batchDocuments: options.batchDocuments ?? defaults.batchDocuments,
    optimizer: options.optimizer ?? defaults.optimizer,
    learningRate,
    headLearningRate:
      options.headLearningRate ?? ('headLearningRate' in defaults ? defaults.headLearningRate : learningRate),
    weightDecay: options.weightDecay ?? defaults.weightDecay,
    clipNorm: options.clipNorm ?? defaults.clipNorm,
    warmup: options.warmup ?? defaults.warmup,
    decay: options.decay ?? defaults.decay,
    dropout: options.dropout ?? dropouts[system] ?? LOCKED_DROPOUT,
  };
}
