/** A tiny encoder over documents of the sample corpus. */
import { sampleCorpus } from '../../src/data/sample/sample-corpus.ts';
import type { Document } from '../../src/data/document.ts';
import { relationVocabulary } from '../../src/data/relations.ts';
import type { Item } from '../../src/features/batch.ts';
import { type Mode, modes, type PieceOptions } from '../../src/features/encode.ts';
import { documentFeatures, type Features } from '../../src/features/features.ts';
import { type Task, trainingPairs } from '../../src/features/task.ts';
import { Rng } from '../../src/core/rng.ts';
import type { ParameterLookup } from '../../src/models/tensors.ts';
import type { PairModelConfig } from '../../src/models/systems.ts';
import type { BertShape } from '../../src/nn/bert-encoder.ts';
import { initialValues, type ParameterSpec } from '../../src/nn/parameters.ts';
import { buildVocabulary } from '../../src/text/train-vocabulary.ts';
import type { Vocabulary } from '../../src/text/vocabulary.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';

export const corpus = sampleCorpus({ documents: 12, seed: 3 });
export const relations = relationVocabulary(corpus.relations);
export const vocabulary = vocabularyOf(corpus.train);
export const wordPiece = new WordPiece(vocabulary);

export const tasks = ['relation', 'existence', 'related-relation'] as const satisfies readonly Task[];
export const kinds: readonly { mode: Mode; task: Task }[] = modes.flatMap((mode) =>
  tasks.map((task) => ({ mode, task })),
);

export type BertConfig = Extract<PairModelConfig, { readonly system: 'bert' }>;

/** Two layers of width 32. Weights are ten times as large as BERT's, so that everything has an effect. */
export const shape: BertShape = {
  vocabularySize: vocabulary.pieces.length,
  width: 32,
  layers: 2,
  heads: 2,
  intermediateWidth: 48,
  positions: 512,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.2,
};

export const configOf = (
  kind: { readonly mode: Mode; readonly task: Task },
  encoder = shape,
): BertConfig => ({
  ...kind,
  system: 'bert',
  encoder,
  text: 'plain',
  relations: relations.size - 1,
  without: [],
});

export const encodeOptions = ({ mode, text, encoder }: BertConfig): PieceOptions => ({
  reads: 'pieces',
  wordPiece,
  positions: encoder.positions,
  mode,
  text,
});

export const featuresOf = (docs: readonly Document[], config: BertConfig): Features[] =>
  docs.map((doc) => documentFeatures(doc, relations, encodeOptions(config)));

/** Documents with the pairs that a model would be trained on. */
export const trainingItems = (docs: readonly Document[], config: BertConfig): Item[] =>
  featuresOf(docs, config).map((features, i) => ({
    features,
    pairs: trainingPairs(features, { ...config, negatives: 3 }, Rng.fromSeed(1, `pairs ${i}`)),
  }));

/** Random weights, and how a model looks them up. */
export function drawn(specs: readonly ParameterSpec[], seed = 1): ParameterLookup {
  const values = initialValues(specs, seed);
  return (name) => values.get(name) ?? new Float32Array(0);
}

export function vocabularyOf(docs: readonly Document[], size = 300): Vocabulary {
  const words = new Map<string, number>();
  for (const word of docs.flatMap((doc) => doc.sents.flat())) words.set(word, (words.get(word) ?? 0) + 1);
  return buildVocabulary(words, { size, lowercase: true });
}

/** Largest difference, relative to the largest of the expected. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [most, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    most = Math.max(most, Math.abs(Number(actual[i]) - Number(expected[i])));
    if (Number.isNaN(Number(actual[i]))) return Number.NaN;
    largest = Math.max(largest, Math.abs(Number(expected[i])));
  }
  return actual.length === expected.length ? most / (largest || 1) : Number.NaN;
}

/**
 * Names of gradients that are further than `tolerance` from the expected ones, by the measure of `difference`. The
 * bias of keys has none, as softmax is blind to what is added to all of a row: it must be rounding only.
 */
export function differing(
  grads: ReadonlyMap<string, ArrayLike<number>>,
  expected: ReadonlyMap<string, ArrayLike<number>>,
  tolerance: number,
): string[] {
  const wrong: string[] = [];
  for (const [name, right] of expected) {
    const own = grads.get(name) ?? [];
    const fits = name.endsWith('key.bias') ? largest(own) < 1e-6 : difference(own, right) < tolerance;
    if (!fits) wrong.push(name);
  }
  return wrong;
}

/** The largest entry, without its sign. */
export const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
