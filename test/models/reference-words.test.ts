/** Every word-level system against the same system as plain loops in float64. */
import { describe, expect, test } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { modes } from '../../src/features/encode.ts';
import { classCount } from '../../src/features/task.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import type { PairModelConfig } from '../../src/models/systems.ts';
import type { Feature } from '../../src/nn/word-embeddings.ts';
import {
  configOf,
  difference,
  documents,
  itemsOf,
  lookup,
  noisy,
  shape,
  systemKinds,
  vocabulary,
} from './words.ts';
import { logits64 } from './words64.ts';

/** Logits of the engine and of the loops, document by document. */
async function both(
  docs: readonly Document[],
  config: PairModelConfig,
): Promise<{ found: Float32Array[]; expected: number[][] }> {
  const model = await PairModel.open(config, { threads: 1 });
  const values = lookup(noisy(model.specs));
  const items = itemsOf(docs, config);
  const found: Float32Array[] = [];
  for await (const { logits } of model.score(items, values)) found.push(logits.slice());
  await model.dispose();
  if (config.system === 'bert') throw new Error('a word-level system');
  const expected = logits64(docs, {
    system: config.system,
    mode: config.mode,
    without: config.without,
    words: vocabulary.words,
    types: shape.types,
    classes: classCount(config.relations, config),
    values,
  });
  return { found, expected: expected.map((pairs) => pairs.flatMap((logits) => [...logits])) };
}

/** The largest difference of any document, relative to its logits. */
async function worst(docs: readonly Document[], config: PairModelConfig): Promise<number> {
  const { found, expected } = await both(docs, config);
  return Math.max(...expected.map((logits, i) => difference(found[i] ?? [], logits)));
}

const task = 'relation';

test.each(systemKinds)('$system, $mode', async ({ system, mode }) => {
  expect(await worst(documents, configOf({ system, mode, task }))).toBeLessThan(1e-5);
});

test.each(['lstm', 'sentence', 'cnn'] as const)('%s, two classes', async (system) => {
  expect(await worst(documents, configOf({ system, mode: 'corrected', task: 'existence' }))).toBeLessThan(
    1e-5,
  );
});

const ablations: readonly (readonly Feature[])[] = [
  ['types'],
  ['coreference'],
  ['distances'],
  ['types', 'coreference', 'distances'],
];
test.each(ablations.map((without) => ({ without })))('without $without', async ({ without }) => {
  for (const system of ['cnn', 'bilstm'] as const)
    expect(await worst(documents, configOf({ system, mode: 'corrected', task }, { without }))).toBeLessThan(
      1e-5,
    );
});

describe('long texts', () => {
  const words = (count: number, from = 0): string[] =>
    Array.from({ length: count }, (_, i) => ['Ada', 'fell', 'in', 'Rome', '.', 'grew'][(i + from) % 6] ?? '');
  const at = (...places: readonly (readonly [number, number, number])[]) =>
    places.map(([sent_id, start, end]) => ({ name: 'x', sent_id, pos: [start, end] as const, type: 'LOC' }));

  /** A sentence of 112 words: the original reads 100, and all words after it take states of others. */
  const shifted: Document = {
    title: 'shifted',
    sents: [words(7), words(112, 1), words(9, 2), words(4, 3)],
    vertexSet: [
      at([0, 6, 7], [1, 98, 103]),
      at([1, 110, 112], [2, 0, 3]),
      at([2, 5, 8]),
      at([3, 0, 2], [3, 3, 4]),
      at([0, 0, 1]),
    ],
  };
  /** 27 sentences, of which the original's SentModel reads 25. */
  const many: Document = {
    title: 'many',
    sents: Array.from({ length: 27 }, (_, s) => words(1 + (s % 3), s)),
    vertexSet: [at([0, 0, 1], [26, 0, 2]), at([24, 0, 1]), at([25, 1, 2])],
  };
  /** 520 words: the original reads 512. */
  const long: Document = {
    title: 'long',
    sents: Array.from({ length: 8 }, (_, s) => words(65, s)),
    vertexSet: [at([7, 56, 58]), at([7, 60, 62]), at([0, 0, 1]), at([7, 55, 56], [1, 1, 3])],
  };

  test.each([
    { system: 'cnn', mode: 'faithful' },
    { system: 'lstm', mode: 'faithful' },
    { system: 'sentence', mode: 'faithful' },
    { system: 'sentence', mode: 'corrected' },
  ] as const)('$system, $mode', async ({ system, mode }) => {
    expect(await worst([shifted, many, long], configOf({ system, mode, task }))).toBeLessThan(1e-5);
  });

  test('an empty first sentence', async () => {
    const [doc] = documents;
    const empty = {
      ...(doc as Document),
      sents: [[], ...(doc?.sents ?? [])],
      vertexSet: (doc?.vertexSet ?? []).map((entity) =>
        entity.map((mention) => ({ ...mention, sent_id: mention.sent_id + 1 })),
      ),
    };
    // The original loses the last word of the sentence that holds the document's first word: here a mention ends there.
    const lost = { ...empty, vertexSet: [at([1, 5, 7]), at([2, 0, 1])] };
    for (const mode of modes)
      expect(await worst([empty, lost], configOf({ system: 'sentence', mode, task }))).toBeLessThan(1e-5);
  });
});
