/** Small corpora, a small checkpoint, and a run that is over in a second. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeSample } from '../../src/cli/sample.ts';
import { writeJson } from '../../src/core/files.ts';
import { writeSafetensors } from '../../src/core/safetensors.ts';
import type { Document } from '../../src/data/document.ts';
import { sampleCorpus } from '../../src/data/sample/sample-corpus.ts';
import { Graph } from '../../src/graph/graph.ts';
import { bertConfigOf } from '../../src/models/bert-config.ts';
import { bertInputs } from '../../src/models/inputs.ts';
import { bertEncoder, type BertShape } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { initialValues, Parameters } from '../../src/nn/parameters.ts';
import { buildVocabulary } from '../../src/text/train-vocabulary.ts';
import { saveVocabulary } from '../../src/text/vocabulary-file.ts';
import { requestSchema } from '../../src/training/request.ts';
import type { ResultRow, SystemEvent } from '../../src/training/stage.ts';
import { trainSystem } from '../../src/training/train-system.ts';

export interface CorpusFiles {
  readonly train: string;
  readonly dev: string;
  readonly test: string;
  readonly gold: string;
  readonly relations: string;
}

/** Writes a sample corpus into `folder`. */
export function writeCorpus(folder: string, documents: number): CorpusFiles {
  writeSample(sampleCorpus({ documents, seed: 1 }), { out: folder, force: true });
  return {
    train: join(folder, 'train.json'),
    dev: join(folder, 'dev.json'),
    test: join(folder, 'test.json'),
    gold: join(folder, 'test_gold.json'),
    relations: join(folder, 'rel_info.json'),
  };
}

export function writeDocuments(path: string, documents: readonly Document[]): string {
  writeFileSync(path, JSON.stringify(documents));
  return path;
}

const shape: Omit<BertShape, 'vocabularySize'> = {
  width: 32,
  layers: 1,
  heads: 2,
  intermediateWidth: 64,
  positions: 256,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.1,
};

/** Weights of a published checkpoint that are neither the encoder's nor a language model's. */
export const FOREIGN_WEIGHTS = ['bert.pooler.dense.weight', 'cls.seq_relationship.weight'];

/** Writes a checkpoint of one layer into `folder`: a vocabulary of the corpus, random weights. */
export function writeCheckpoint(folder: string, documents: readonly Document[]): void {
  const words = new Map<string, number>();
  for (const word of documents.flatMap((doc) => doc.sents.flat()))
    words.set(word, (words.get(word) ?? 0) + 1);
  const vocabulary = buildVocabulary(words, { size: 400, lowercase: true });
  const encoder = { ...shape, vocabularySize: vocabulary.pieces.length };
  const graph = new Graph();
  const params = new Parameters(graph);
  bertEncoder(params, encoder, bertInputs(graph, encoder.heads), noDropout);
  const values = initialValues(params.specs, 7);
  const foreign = FOREIGN_WEIGHTS.map(
    (name) => [name, { dtype: 'F32', shape: [2], data: new Float32Array(2) }] as const,
  );
  const own = params.specs.map(
    ({ name, shape: dims }) =>
      [name, { dtype: 'F32', shape: dims, data: values.get(name) ?? new Float32Array(0) }] as const,
  );
  writeSafetensors(join(folder, 'model.safetensors'), [...own, ...foreign]);
  writeJson(join(folder, 'config.json'), bertConfigOf(encoder));
  saveVocabulary(join(folder, 'vocab.txt'), vocabulary);
}

/** What trains the small checkpoint well enough to be right at times. */
export const LEARNING = {
  epochs: 6,
  evaluateEvery: 2,
  batchDocuments: 6,
  learningRate: 3e-3,
  headLearningRate: 3e-3,
  weightDecay: 0,
  clipNorm: 0,
  warmup: 0,
  decay: 'none',
  optimizer: 'adamw',
  threads: 1,
};

/** Runs a request to its end. */
export async function trainFully(
  request: Readonly<Record<string, unknown>>,
  out: string,
): Promise<{ rows: readonly ResultRow[]; events: SystemEvent[] }> {
  const events: SystemEvent[] = [];
  for await (const event of trainSystem(requestSchema.parse(request), out)) events.push(event);
  const last = events.at(-1);
  return { rows: last?.kind === 'result' ? last.rows : [], events };
}
