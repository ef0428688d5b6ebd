/** Four short documents for word-level systems, and what is needed to run the systems on them. */
import { Rng } from '../../src/core/rng.ts';
import { docredTypes } from '../../src/data/entity-types.ts';
import type { Document, Entity } from '../../src/data/document.ts';
import { relationVocabulary } from '../../src/data/relations.ts';
import type { Item } from '../../src/features/batch.ts';
import { type Mode, modes } from '../../src/features/encode.ts';
import { documentFeatures, type Features } from '../../src/features/features.ts';
import { allPairs, type Task } from '../../src/features/task.ts';
import { encodeOptions } from '../../src/models/open-system.ts';
import type { ParameterLookup } from '../../src/models/tensors.ts';
import { type PairModelConfig, type WordSystem, wordSystems } from '../../src/models/systems.ts';
import { initialValues, type ParameterSpec } from '../../src/nn/parameters.ts';
import type { WordShape } from '../../src/nn/word-embeddings.ts';
import { buildWordVocabulary, type WordVocabulary } from '../../src/text/words.ts';

type Place = readonly [sentence: number, start: number, end: number];

const entity = (type: string, ...places: readonly Place[]): Entity =>
  places.map(([sent_id, start, end]) => ({ name: 'x', sent_id, pos: [start, end], type }));
const label = (h: number, t: number, r: string) => ({ h, t, r, evidence: [] });
const sentence = (text: string): string[] => text.split(' ');

/** Of 16, 8, 2 and 8 words. */
export const documents: readonly Document[] = [
  {
    title: 'several sentences and mentions',
    sents: [
      sentence('Ada Lovelace was born in London .'),
      sentence('She left England .'),
      sentence('London is in England .'),
    ],
    vertexSet: [
      entity('PER', [0, 0, 2], [1, 0, 1]),
      entity('LOC', [0, 5, 6], [2, 0, 1]),
      // The first listed mention is not the first of the text.
      entity('LOC', [2, 3, 4], [1, 2, 3]),
    ],
    labels: [label(0, 1, 'P1'), label(1, 2, 'P2'), label(1, 2, 'P3')],
  },
  {
    title: 'overlapping mentions, a word of two entities, an unknown type, a last word of the first sentence',
    sents: [sentence('Grand Old Town of Bath'), sentence('Bath grew .')],
    vertexSet: [
      entity('LOC', [0, 0, 5], [0, 0, 3], [0, 2, 5]),
      entity('MISC', [0, 4, 5], [1, 0, 1]),
      entity('THING', [1, 1, 2]),
    ],
    labels: [label(1, 0, 'P2')],
  },
  {
    title: 'two words',
    sents: [sentence('It rained')],
    vertexSet: [entity('ORG', [0, 0, 1]), entity('NUM', [0, 1, 2])],
    labels: [label(0, 1, 'P3')],
  },
  {
    title: 'a first sentence of one word, and a mention twice',
    sents: [sentence('Rome'), sentence('Rome fell in 476 . Rome fell')],
    vertexSet: [
      entity('LOC', [0, 0, 1], [1, 0, 1], [1, 5, 6]),
      entity('TIME', [1, 3, 4]),
      entity('MISC', [1, 0, 7], [1, 0, 7]),
    ],
    labels: [label(0, 1, 'P1'), label(2, 0, 'P3')],
  },
];

export const relations = relationVocabulary(
  new Map([
    ['P1', 'one'],
    ['P2', 'two'],
    ['P3', 'three'],
  ]),
);

/** All words of the documents but `in`, which is unknown, and one that no document has. */
export const vocabulary: WordVocabulary = buildWordVocabulary(
  new Map([
    ...documents
      .flatMap((doc) => doc.sents.flat())
      .filter((word) => word !== 'in')
      .map((word) => [word, 1] as const),
    ['absent', 1],
  ]),
  { minimum: 1 },
);

export const shape: WordShape = {
  vocabularySize: vocabulary.words.length,
  width: 100,
  frozen: false,
  types: docredTypes,
};

export interface Kind {
  readonly system: WordSystem;
  readonly mode: Mode;
  readonly task: Task;
}

export const systemKinds: readonly Pick<Kind, 'system' | 'mode'>[] = wordSystems.flatMap((system) =>
  modes.map((mode) => ({ system, mode })),
);
const tasks = ['relation', 'existence', 'related-relation'] as const satisfies readonly Task[];
export const kinds: readonly Kind[] = systemKinds.flatMap((kind) => tasks.map((task) => ({ ...kind, task })));

export const configOf = (
  kind: Kind,
  changes: { readonly without?: PairModelConfig['without']; readonly frozen?: boolean } = {},
): PairModelConfig => {
  const { without = [], frozen = false } = changes;
  return { ...kind, without, encoder: { ...shape, frozen }, relations: relations.size - 1 };
};

export const featuresOf = (docs: readonly Document[], config: PairModelConfig): Features[] => {
  const options = encodeOptions(config, { reads: 'words', vocabulary });
  return docs.map((doc) => documentFeatures(doc, relations, options));
};

/** Documents with all of their pairs, or, where only related ones are learnt from, with those. */
export const itemsOf = (docs: readonly Document[], config: PairModelConfig): Item[] =>
  featuresOf(docs, config).map((features) => ({
    features,
    pairs: config.task === 'related-relation' ? features.related : allPairs(features),
  }));

/** First weights with noise on all of them, also where they begin at zero or must stay there. */
export function noisy(specs: readonly ParameterSpec[], seed = 1): Map<string, Float32Array> {
  const rng = Rng.fromSeed(seed, 'noise');
  const values = initialValues(specs, seed);
  return new Map([...values].map(([name, data]) => [name, data.map((x) => x + 0.03 * rng.normal())]));
}

export const lookup =
  (values: ReadonlyMap<string, Float32Array>): ParameterLookup =>
  (name) => {
    const found = values.get(name);
    if (!found) throw new Error(`nothing of ${name}`);
    return found;
  };

/** Largest difference, relative to the largest of the expected; NaN where lengths differ. */
export function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let [most, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Number.isNaN(Number(actual[i]))) return Number.NaN;
    most = Math.max(most, Math.abs(Number(actual[i]) - Number(expected[i])));
    largest = Math.max(largest, Math.abs(Number(expected[i])));
  }
  return most / (largest || 1);
}

/** The largest entry, without its sign. */
export function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(Number(values[i])));
  return most;
}
