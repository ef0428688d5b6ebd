/** Everything that decides a pretraining run, with its default and the source of the default; what `pretrain.json` holds. */
import { z } from 'zod';

import { memories } from '../graph/gradients.ts';
import { shippedEncoders } from '../models/shipped-encoders.ts';
import { devices } from '../runtime/session.ts';
import { trainingOptions } from './options.ts';
import { flagOf } from './request-issue.ts';

const share = z.number().min(0).max(1);
const positive = z.int().positive();

/** Keys are the flags. */
export const pretrainOptions = {
  text: z
    .array(z.string())
    .min(1)
    .describe(
      'texts: plain UTF-8, .gz or .xz; words of a paragraph in one line or several, an empty line between documents',
    ),
  encoder: z
    .string()
    .default('mini')
    .describe(
      `tiny, mini, small, medium or base (random weights), or, to go on from, ${shippedEncoders.join(', ')}, a checkpoint folder or a hub id`,
    ),
  vocabulary: z
    .string()
    .optional()
    .describe('vocab.txt or tokenizer.json for random weights; without it one is built from the text'),
  vocabularySize: z.int().min(100).max(200_000).default(16_000).describe('pieces of a built vocabulary'),
  cased: z.boolean().default(false).describe('keep case and accents in a built vocabulary'),
  hours: z.number().positive().optional().describe('time to train; the schedule ends with it'),
  steps: positive.optional().describe('updates to train'),
  passes: positive
    .optional()
    .describe('passes over the text to train; default 1 where neither of the other is given'),
  updatePieces: z.int().min(128).default(4096).describe('pieces that an update reads'),
  batchPieces: z
    .int()
    .min(512)
    .default(4096)
    .describe(
      'pieces that run at once: an update above it runs in parts, with less memory and the same loss',
    ),
  window: z
    .int()
    .min(8)
    .default(128)
    .describe('pieces of a window, with [CLS] and [SEP] (Devlin et al. 2019, A.2)'),
  longWindow: z
    .int()
    .min(8)
    .optional()
    .describe(
      "pieces of a window in the last part of the run, which trains all positions; default the encoder's positions (A.2)",
    ),
  longShare: share.default(0.1).describe('share of the run that reads long windows (A.2)'),
  maskShare: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.15)
    .describe('share of the pieces to predict; whole words (Devlin et al. 2019, 3.1, and its later release)'),
  memory: z
    .enum(memories)
    .default('normal')
    .describe('`low`: less memory for activations, 10 to 20 % more time'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe(
      'highest rate; default 0.256 / width (1e-3 for mini), going on from a checkpoint a fifth of that',
    ),
  warmup: share
    .default(0.05)
    .describe('share of the run over which the rate rises from 0; then it falls to 0'),
  weightDecay: z.number().nonnegative().default(0.01).describe('(Devlin et al. 2019, A.2)'),
  clipNorm: z
    .number()
    .nonnegative()
    .default(1)
    .describe('largest norm of all gradients together (original code)'),
  beta1: share.lt(1).default(0.9).describe('of Adam'),
  beta2: share.lt(1).default(0.98).describe('of Adam (Liu et al. 2019, section 3.1)'),
  epsilon: z.number().positive().default(1e-6).describe('of Adam (original code)'),
  dropout: z.number().min(0).max(0.9).default(0.1).describe('(Devlin et al. 2019, A.2)'),
  evaluations: z.int().nonnegative().default(20).describe('looks at the held-out part, evenly over the run'),
  half: z.boolean().default(false).describe('save weights in 16 bits: half the size'),
  seed: trainingOptions.seed,
  threads: trainingOptions.threads,
  checkpointMinutes: z.number().positive().default(10).describe('between checkpoints'),
  device: z.enum(devices).default('cpu').describe('where the graph runs'),
} as const;

export const pretrainSchema = z
  .strictObject(pretrainOptions)
  .superRefine(({ hours, steps, passes }, context) => {
    const [one, other] = Object.entries({ hours, steps, passes }).flatMap(([key, given]) =>
      given === undefined ? [] : [key],
    );
    if (one !== undefined && other !== undefined)
      context.addIssue({ code: 'custom', path: [other], message: `left out beside ${flagOf(one)}` });
  });
export type PretrainRequest = z.infer<typeof pretrainSchema>;
