/**
 * What `relata compare` found, as `report.json` holds it: plain JSON from which the report is written, and nothing else.
 *
 * Scores are shares of 1, times seconds, sizes bytes. `null` says that there is no such value: no training facts, no
 * labels, no ranking, not measured.
 */
import { z } from 'zod';

import { readJson } from '../core/files.ts';
import { misfit } from '../core/misfit.ts';
import { modes } from '../features/encode.ts';

/** The encoders, by the names that `relata train --system` takes; two steps are an option, not a system. */
export const comparedSystems = ['cnn', 'lstm', 'bilstm', 'context-aware', 'sentence', 'bert'] as const;

const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const share = z.number().min(0).max(1);

const machineSchema = z.strictObject({
  cpu: z.string(),
  cores: count,
  /** Bytes. */
  memory: amount,
  /** Version of Node. */
  node: z.string(),
});

const dataSetSchema = z.strictObject({
  role: z.enum(['train', 'dev', 'test']),
  /** Name of the file. */
  file: z.string(),
  sha256: z.string(),
  /** #Doc. */
  documents: count,
  /** #Rel: relations of the schema. */
  relations: count,
  relationsObserved: count.nullable(),
  /** #Inst: label entries; null where the file has no labels. */
  instances: count.nullable(),
  /** #Fact: distinct by first mention names. */
  facts: count.nullable(),
  words: count,
  entities: count,
  /** Ordered pairs of two different entities. */
  pairs: count,
});

const encoderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('words'),
    /** Width of the word table. */
    dimension: count,
    /** Absent vectors: the table is learnt. Coverage is the share of the vocabulary that the file knows. */
    vectors: z.strictObject({ file: z.string(), coverage: share, trained: z.boolean() }).nullable(),
  }),
  z.strictObject({
    kind: z.literal('bert'),
    /** `mini`, `base`, or the checkpoint's name. */
    size: z.string(),
    pretrained: z.boolean(),
  }),
]);

/** A step of a system, or all of a system that has one step. */
export const trainedStages = ['one step', 'step 1', 'step 2'] as const;

const devScoresSchema = z.strictObject({
  f1: share,
  ignF1: share.nullable(),
  precision: share,
  recall: share,
  theta: z.number().nullable(),
  auc: share.nullable(),
  ignAuc: share.nullable(),
  /** The best F1 of a cut between different scores. */
  tieSafeF1: share,
  /** Two steps: what each step reached on its own task. */
  stages: z.array(
    z.strictObject({ stage: z.enum(trainedStages), scores: z.record(z.string(), z.number().nullable()) }),
  ),
});

const testScoresSchema = z.strictObject({
  f1: share,
  ignF1: share.nullable(),
  precision: share,
  recall: share,
});

/** By rising probability, without empty bins. */
const reliabilityBins = z.array(
  z.strictObject({
    facts: count,
    /** Mean probability, and the share that is right. */
    said: share,
    found: share,
  }),
);
const reliabilityCurve = z.strictObject({
  /** Expected calibration error of the facts above theta. */
  ece: share.nullable(),
  /** Of all facts that can be output. */
  bins: reliabilityBins,
});

const reliabilitySchema = z.strictObject({
  /** On dev, `after` is fitted on the other half of the documents; on test, on dev. */
  measuredOn: z.enum(['dev', 'test']),
  method: z.enum(['isotonic', 'platt']),
  /** The scores as they are. */
  before: reliabilityCurve,
  /** Calibrated. */
  after: reliabilityCurve,
});

const historySchema = z.strictObject({
  stage: z.enum(trainedStages),
  epoch: amount,
  step: count,
  /** Since the run began. */
  seconds: amount,
  loss: z.number().nullable(),
  /** On dev, by name; `f1` is drawn. Empty where nothing was evaluated. */
  scores: z.record(z.string(), z.number().nullable()),
});

/** Rows of `evaluation/breakdown.ts` fit as they are; what else they hold is dropped. */
const cellScores = { precision: share, recall: share, f1: share, support: count };

const breakdownSchema = z.strictObject({
  /** "Distance": intra-sentence, inter-sentence, ... The same groups and rows, in the same order, for every run. */
  groups: z.array(
    z.strictObject({ group: z.string(), rows: z.array(z.object({ name: z.string(), ...cellScores })) }),
  ),
  /** `relation` is the id, `name` for people. */
  relations: z.array(z.object({ relation: z.string(), name: z.string(), ...cellScores })),
});

const costSchema = z.strictObject({
  /** Wall time of training, evaluation included. */
  seconds: amount,
  /** Word pieces (BERT) or words that training has read, epochs multiplied. */
  pieces: count,
  piecesPerSecond: amount.nullable(),
  /** Largest resident size of the process. */
  peakMemory: amount.nullable(),
  stages: z.array(
    z.strictObject({ stage: z.enum(trainedStages), epochs: count, bestEpoch: count.nullable() }),
  ),
});

const runSchema = z.strictObject({
  /** Unique; bootstraps name runs by it. */
  id: z.string().min(1),
  system: z.enum(comparedSystems),
  /** As the tables print it: `BiLSTM`, `BERT-Two-Step`, `BiLSTM, two steps`. Runs of one label and setting are seeds of one row. */
  label: z.string(),
  twoStep: z.boolean(),
  /** Unrelated pairs for each related one in training (of step 1, in two steps). */
  negatives: z.union([z.literal('all'), amount]),
  seed: count,
  mode: z.enum(modes),
  encoder: encoderSchema,
  /** Trained numbers, of both steps together. */
  parameters: count,
  dev: devScoresSchema,
  /** At the dev theta. */
  test: testScoresSchema.nullable(),
  history: z.array(historySchema),
  /** [recall, precision] on dev in rank order, thinned to what a picture shows. */
  precisionRecall: z.array(z.tuple([share, share])),
  /** What the scores mean; null where dev says too little. */
  reliability: reliabilitySchema.nullable().default(null),
  breakdown: breakdownSchema,
  cost: costSchema,
  /** That trains this run alone. */
  command: z.string(),
  folder: z.string(),
});

const bootstrapSchema = z.strictObject({
  /** Ids of runs: one, or the seeds of a row. The difference is the mean score of `a` less that of `b`, on dev. */
  a: z.array(z.string()).min(1),
  b: z.array(z.string()).min(1),
  /** `f1`, `ignF1`, ... */
  measure: z.string(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  /** Of the interval: 0.95. */
  level: share,
  p: share,
  resamples: count,
});

/** @see Comparison */
export const comparisonSchema = z
  .strictObject({
    format: z.literal(1),
    /** Version of Relata. */
    relata: z.string(),
    /** ISO 8601. */
    date: z.string(),
    /** The exact command line. */
    command: z.string(),
    machine: machineSchema,
    data: z.array(dataSetSchema),
    runs: z.array(runSchema).min(1),
    bootstraps: z.array(bootstrapSchema),
  })
  .superRefine(({ runs, bootstraps }, context) => {
    const ids = new Set(runs.map(({ id }) => id));
    if (ids.size < runs.length)
      context.addIssue({ code: 'custom', path: ['runs'], message: 'two runs have one id' });
    for (const [i, { a, b }] of bootstraps.entries())
      for (const id of [...a, ...b])
        if (!ids.has(id))
          context.addIssue({ code: 'custom', path: ['bootstraps', i], message: `no run has the id ${id}` });
  });

export type Comparison = z.infer<typeof comparisonSchema>;
export type ComparedRun = Comparison['runs'][number];
export type ComparedSystem = ComparedRun['system'];
export type DataSet = Comparison['data'][number];
export type BootstrapResult = Comparison['bootstraps'][number];

/**
 * The comparison of a `report.json`.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD`
 */
export function readComparison(path: string): Comparison {
  const parsed = comparisonSchema.safeParse(readJson(path, 'the report.json of a comparison'));
  if (parsed.success) return parsed.data;
  throw misfit(parsed.error, { expected: 'what `relata compare` saved', path });
}
