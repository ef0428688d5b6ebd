/** The word-level systems: their sizes, and what every one of them must do in both modes and for every task. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import type { Document } from '../../src/data/document.ts';
import { docredTypes } from '../../src/data/entity-types.ts';
import { type Item, wholeOf } from '../../src/features/batch.ts';
import { modes } from '../../src/features/encode.ts';
import { allPairs } from '../../src/features/task.ts';
import { Graph } from '../../src/graph/graph.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import type { ParameterLookup } from '../../src/models/tensors.ts';
import { budgetOf, buildSystem, dividePairs, partsOf, wordSystems } from '../../src/models/systems.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { sizeOf } from '../../src/nn/initialisers.ts';
import { Optimizer } from '../../src/nn/optimizer.ts';
import { initialValues, type ParameterSpec } from '../../src/nn/parameters.ts';
import type { Feature } from '../../src/nn/word-embeddings.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import {
  configOf,
  difference,
  documents,
  featuresOf,
  itemsOf,
  type Kind,
  kinds,
  largest,
  lookup,
  noisy,
} from './words.ts';

const engine = { threads: 1 };
const TABLES = /_embedding\.weight$/;
const DEAD = 'attention.input_linear.weight';

describe('sizes, as the originals have them', () => {
  const specsOf = (
    { system, mode }: Pick<Kind, 'system' | 'mode'>,
    vocabularySize: number,
    without: readonly Feature[] = [],
  ): readonly ParameterSpec[] =>
    buildSystem(
      new Graph(),
      {
        system,
        mode,
        task: 'relation',
        relations: 96,
        without,
        encoder: { vocabularySize, width: 100, frozen: true, types: docredTypes },
      },
      noDropout,
    ).params.specs;
  /** Numbers of all parameters whose name begins so. */
  const count = (specs: readonly ParameterSpec[], ...names: readonly string[]): number =>
    specs
      .filter(({ name }) => names.some((begin) => name.startsWith(begin)))
      .reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  const besidesTables = (specs: readonly ParameterSpec[]): number =>
    specs.filter(({ name }) => !TABLES.test(name)).reduce((sum, spec) => sum + sizeOf(spec.shape), 0);

  test.each(modes)('%s: every part', (mode) => {
    const cnn = specsOf({ system: 'cnn', mode }, 30);
    expect([0, 1, 2].map((block) => count(cnn, `conv.${block}.`))).toEqual([84_200, 120_200, 120_200]);
    expect(count(cnn, 'bilinear.')).toBe(4_694_897);
    expect(besidesTables(cnn)).toBe(84_200 + 2 * 120_200 + 4_694_897);

    const lstm = specsOf({ system: 'lstm', mode }, 30);
    expect(count(lstm, 'lstm.weight', 'lstm.bias')).toBe(138_240);
    expect(count(lstm, 'lstm.init')).toBe(256);
    expect(count(lstm, 'projection.')).toBe(16_512);
    expect(count(lstm, 'bilinear.')).toBe(2_124_785);
    expect(besidesTables(lstm)).toBe(138_240 + 256 + 16_512 + 2_124_785);

    for (const system of ['bilstm', 'sentence'] as const) {
      const specs = specsOf({ system, mode }, 30);
      expect(count(specs, 'lstm.weight', 'lstm.bias')).toBe(276_480);
      expect(count(specs, 'lstm.init')).toBe(512);
      expect(count(specs, 'projection.')).toBe(32_896);
      expect(count(specs, 'bilinear.')).toBe(2_124_785);
      expect(besidesTables(specs)).toBe(276_480 + 512 + 32_896 + 2_124_785);
    }

    const aware = specsOf({ system: 'context-aware', mode }, 30);
    expect(count(aware, 'lstm.', 'projection.')).toBe(276_480 + 512 + 32_896);
    expect(count(aware, 'bilinear.')).toBe(2_803_840);
    expect(count(aware, 'attention.')).toBe(mode === 'faithful' ? 128 + 128 : 128);
    expect(count(aware, 'output.')).toBe(256 * 97 + 97);
    expect(besidesTables(aware)).toBe(
      276_480 + 512 + 32_896 + 2_803_840 + (mode === 'faithful' ? 256 : 128) + 256 * 97 + 97,
    );
  });

  test.each(wordSystems)('%s: tables, for a vocabulary of any size', (system) => {
    for (const words of [2, 1000, 194_784]) {
      const tables = specsOf({ system, mode: 'corrected' }, words).filter(({ name }) => TABLES.test(name));
      expect(new Map(tables.map((spec) => [spec.name, spec.shape]))).toEqual(
        new Map([
          ['word_embedding.weight', [words, 100]],
          ['coreference_embedding.weight', [512, 20]],
          ['type_embedding.weight', [7, 20]],
          ['distance_embedding.weight', [20, 20]],
        ]),
      );
    }
  });

  test.each([
    { without: [], input: 140, distance: 20 },
    { without: ['types'], input: 120, distance: 20 },
    { without: ['coreference'], input: 120, distance: 20 },
    { without: ['types', 'coreference'], input: 100, distance: 20 },
    { without: ['distances'], input: 140, distance: 0 },
    { without: ['types', 'coreference', 'distances'], input: 100, distance: 0 },
  ] as const)('without $without', ({ without, input, distance }) => {
    for (const system of wordSystems) {
      const specs = specsOf({ system, mode: 'corrected' }, 30, without);
      const shapeOf = (name: string): readonly number[] | undefined =>
        specs.find((spec) => spec.name === name)?.shape;
      const first = system === 'cnn' ? shapeOf('conv.0.weight') : shapeOf('lstm.weight_ih_l0');
      expect(first).toEqual(system === 'cnn' ? [200, input, 3] : [512, input]);
      const side = (system === 'cnn' ? 200 : 128) + distance;
      expect(shapeOf('bilinear.weight')).toEqual([system === 'context-aware' ? 128 : 97, side, side]);
      expect(shapeOf('type_embedding.weight')).toEqual(
        (without as readonly string[]).includes('types') ? undefined : [7, 20],
      );
      expect(shapeOf('distance_embedding.weight')).toEqual(distance === 0 ? undefined : [20, 20]);
    }
  });

  test('first values: rows of nothing are zero, the scale of the attention is between 1 / sqrt(128) and 1', () => {
    const values = initialValues(specsOf({ system: 'context-aware', mode: 'faithful' }, 30), 1);
    const rowIsZero = (name: string, row: number): boolean =>
      [...(values.get(name) ?? Float32Array.of(1)).subarray(row * 20, (row + 1) * 20)].every((x) => x === 0);
    for (const name of ['coreference_embedding.weight', 'type_embedding.weight'])
      expect([0, 1, 6].map((row) => rowIsZero(name, row))).toEqual([true, false, false]);
    expect([9, 10, 11].map((row) => rowIsZero('distance_embedding.weight', row))).toEqual([
      false,
      true,
      false,
    ]);
    const scale = [...(values.get('attention.dot_scale') ?? [])];
    expect(Math.min(...scale)).toBeGreaterThan(0.0883);
    expect(Math.min(...scale)).toBeLessThan(0.2);
    expect(Math.max(...scale)).toBeLessThanOrEqual(1);
    expect(Math.max(...scale)).toBeGreaterThan(0.9);
    expect(largest(values.get('lstm.init_hidden') ?? [1])).toBe(0);
    expect(largest(values.get('lstm.init_c') ?? [1])).toBe(0);
    const recurrent = largest(values.get('lstm.weight_ih_l0') ?? []);
    expect(recurrent).toBeLessThanOrEqual(1 / Math.sqrt(128));
    expect(recurrent).toBeGreaterThan(0.95 / Math.sqrt(128));
  });
});

describe('what runs at once', () => {
  /** A document of so many words and entities, as far as its cost goes. */
  const item = (pieces: number, entities: number, lengths: readonly number[] = [pieces]): Item => {
    const [features] = featuresOf(
      documents,
      configOf({ system: 'bilstm', mode: 'corrected', task: 'relation' }),
    );
    const [row] = (features as Item['features']).entities;
    const rows = Array.from({ length: entities }, () => row as Item['features']['entities'][number]);
    const sequences = lengths.map((length) => new Int32Array(length));
    return { features: { ...(features as Item['features']), pieces, sequences, entities: rows }, pairs: [] };
  };
  const sizes = (parts: readonly (readonly Item[])[]): number[][] =>
    parts.map((part) => part.map(({ features }) => features.pieces));

  test('word-level systems count the padding to the longest, bert does not', () => {
    const items = [16, 8, 2, 8].map((pieces) => item(pieces, 3));
    expect(sizes(partsOf('bilstm', items, 24))).toEqual([[16], [8, 8, 2]]);
    expect(sizes(partsOf('bert', items, 24))).toEqual([
      [16, 8],
      [8, 2],
    ]);
    expect(sizes(partsOf('sentence', items, 1))).toEqual([[16], [8], [8], [2]]);
  });

  test('SentModel counts the padding of every sentence to the longest one', () => {
    const items = [item(12, 3, [4, 4, 4]), item(9, 3, [9]), item(4, 3, [2, 2])];
    // 9 + 3 x 9 is above 35; 3 x 4 + 2 x 4 is not above 20.
    expect(sizes(partsOf('sentence', items, 35))).toEqual([[9], [12, 4]]);
    expect(sizes(partsOf('sentence', items, 36))).toEqual([[9, 12], [4]]);
  });

  test('Context-Aware counts the attention among pairs where it is more: (40 x 39)^2 / 512 is 4753.1', () => {
    const items = [item(200, 40), item(100, 40), item(300, 2)];
    expect(sizes(partsOf('context-aware', items, 9507))).toEqual([[200], [100], [300]]);
    expect(sizes(partsOf('context-aware', items, 9508))).toEqual([[200, 100], [300]]);
    expect(sizes(partsOf('lstm', items, 9507))).toEqual([[300, 200, 100]]);
  });

  test('a document of many pairs is asked in parts, to the same logits', async () => {
    const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
    const vertexSet = words.map((name, i) => [{ name, sent_id: 0, pos: [i, i + 1] as const, type: 'LOC' }]);
    const config = configOf({ system: 'context-aware', mode: 'corrected', task: 'relation' });
    const [features] = featuresOf([{ title: 'sixty', sents: [words], vertexSet }], config);
    const many: Item = {
      features: features as Item['features'],
      pairs: allPairs(features as Item['features']).slice(100, 105),
    };
    // 60 x 59 pairs to look at: a budget of 1 word is 4 x 512 entries, less than a row.
    expect(dividePairs('context-aware', many, 1)).toHaveLength(5);
    expect(dividePairs('context-aware', many, 4).map(({ pairs }) => pairs.length)).toEqual([2, 2, 1]);
    expect(dividePairs('bilstm', many, 1)).toEqual([many]);
    const model = await PairModel.open(config, engine);
    try {
      const parameter = lookup(noisy(model.specs));
      const logitsAt = async (budget: number): Promise<Float32Array> => {
        const found: Float32Array[] = [];
        for await (const { logits } of model.score([many], parameter, budget)) found.push(logits.slice());
        return found[0] ?? new Float32Array(0);
      };
      const whole = await logitsAt(16_384);
      expect(whole).toHaveLength(5 * model.classes);
      expect(difference(await logitsAt(1), whole)).toBeLessThan(1e-5);
    } finally {
      await model.dispose();
    }
  });

  test('budgets', () => {
    expect([budgetOf('bert', undefined), budgetOf('cnn', undefined), budgetOf('cnn', 7)]).toEqual([
      2048, 16_384, 7,
    ]);
  });
});

/** Rows of a distance table that pairs of these documents look up, by the definition of the buckets. */
function distanceRowsOf(items: readonly Item[], all: boolean): Set<number> {
  const rows = items.flatMap(({ features, pairs }) =>
    (all ? allPairs(features) : pairs).flatMap(({ head, tail }) => {
      const distance = (features.firstWords[head] ?? 0) - (features.firstWords[tail] ?? 0);
      const bucket = [1, 2, 4, 8, 16, 32].filter((low) => Math.abs(distance) >= low).length;
      return distance < 0 ? [10 - bucket, 10 + bucket] : [10 + bucket, 10 - bucket];
    }),
  );
  return new Set(rows.filter((row) => row !== 10));
}

describe.each(kinds)('$system, $mode, $task', (kind) => {
  const config = configOf(kind);
  const items = itemsOf(documents, config);
  const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
  /** The original's CNN sees the padding of its batch. */
  const seesBatch = kind.system === 'cnn' && kind.mode === 'faithful';
  const rng = Rng.fromSeed(1);
  let program: TrainingProgram;
  let model: PairModel;
  let values: Map<string, Float32Array>;
  let parameter: ParameterLookup;

  beforeAll(async () => {
    program = await TrainingProgram.open(config, { ...engine, dropout: 0, seed: 1 });
    model = await PairModel.open(config, engine);
    values = noisy(model.specs);
    parameter = lookup(values);
  });
  afterAll(async () => Promise.all([program.dispose(), model.dispose()]));

  /** Loss and gradients of `parts`, one after the other, as one batch. */
  const differentiate = async (
    parts: readonly (readonly Item[])[],
    before = 0,
  ): Promise<{ loss: number; grads: Map<string, Float32Array> }> => {
    const grads = new Map(
      program.trained.map((spec) => [spec.name, new Float32Array(sizeOf(spec.shape)).fill(before)]),
    );
    const whole = wholeOf(parts.flat());
    let loss = 0;
    for (const [i, part] of parts.entries())
      loss += await program.run(part, parameter, lookup(grads), { pairs, whole, add: i > 0, rng });
    return { loss, grads };
  };

  const logitsOf = async (all: readonly Item[], batchPieces: number): Promise<Float32Array[]> => {
    const result: Float32Array[] = [];
    for await (const { logits } of model.score(all, parameter, batchPieces)) result.push(logits.slice());
    return result;
  };

  type Differentiated = Awaited<ReturnType<typeof differentiate>>;
  /** What differs: the loss, or the names of gradients. */
  const differing = (found: Differentiated, expected: Differentiated): string[] => {
    const names = [...expected.grads].flatMap(([name, right]) => {
      const own = found.grads.get(name) ?? [];
      const fits = name === DEAD ? largest(own) < 1e-6 : difference(own, right) < 1e-4;
      return fits ? [] : [name];
    });
    return Math.abs(found.loss / expected.loss - 1) < 1e-5 ? names : ['loss', ...names];
  };

  test('training steps lower the loss', async () => {
    const options = {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      decoupled: false,
      weightDecay: 0,
      clipNorm: 0,
    };
    const first = initialValues(program.specs, 1);
    const optimizer = await Optimizer.create(program.specs, first, options, { threads: 1 });
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      losses.push(
        await program.run(
          items,
          (name) => optimizer.parameter(name),
          (name) => optimizer.gradient(name),
          { pairs, add: false, rng },
        ),
      );
      expect(await optimizer.update({ encoder: 1e-4, head: 1e-4 })).toBeGreaterThan(0);
    }
    await optimizer.dispose();
    expect(losses[1]).toBeLessThan(losses[0] ?? 0);
    expect(losses[2]).toBeLessThan(losses[1] ?? 0);
  });

  test('every parameter gets a finite gradient, zero only where it has no effect', async () => {
    const { grads, loss } = await differentiate([items], 7); // what was there before does not matter
    expect(loss).toBeGreaterThan(0);
    const words = new Set(items.flatMap(({ features }) => features.sequences.flatMap((ids) => [...ids])));
    const tagged = (tag: 'coreference' | 'types'): Set<number> =>
      new Set(items.flatMap(({ features }) => [...(features.tags?.[tag] ?? [])].filter((id) => id > 0)));
    /** Rows of tables that the batch looks up and that may have an effect. */
    const used: Record<string, ReadonlySet<number>> = {
      'word_embedding.weight': seesBatch ? words.add(0) : words,
      'coreference_embedding.weight': tagged('coreference'),
      'type_embedding.weight': tagged('types'),
      'distance_embedding.weight': distanceRowsOf(items, kind.system === 'context-aware'),
    };
    const wrong: string[] = [];
    for (const { name, shape: size } of program.specs) {
      const gradient = grads.get(name) ?? new Float32Array([Number.NaN]);
      if (!gradient.every(Number.isFinite)) wrong.push(`${name}: not finite`);
      const steepest = largest(gradient);
      if (name === DEAD ? steepest >= 1e-6 : steepest <= 1e-5) wrong.push(`${name}: ${steepest}`);
      const rows = used[name];
      if (!rows) continue;
      const width = size[1] ?? 1;
      for (let row = 0; row < gradient.length / width; row++) {
        const zero = gradient.subarray(row * width, (row + 1) * width).every((x) => x === 0);
        // Read from left to right, words after the last entity that is asked about do not matter.
        const may = kind.system === 'lstm' && kind.task === 'related-relation' && name.startsWith('word');
        if (rows.has(row) ? zero && !may : !zero) wrong.push(`${name}: row ${row}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('parts of a batch add up to its loss and gradients', async () => {
    const whole = await differentiate([items]);
    for (const parts of [items.map((item) => [item]), [items.slice(2), items.slice(0, 2)]])
      expect(differing(await differentiate(parts), whole)).toEqual([]);
  });

  test('the same run twice gives the same bits', async () => {
    const [first, second] = [await differentiate([items]), await differentiate([items])];
    expect(first.loss).toBe(second.loss);
    const bytes = (numbers: Float32Array = new Float32Array(0)): Buffer => Buffer.from(numbers.buffer);
    const changed = [...first.grads].filter(
      ([name, gradient]) => !bytes(gradient).equals(bytes(second.grads.get(name))),
    );
    expect(changed.map(([name]) => name)).toEqual([]);
  });

  test.skipIf(seesBatch)(
    'a document alone, in a batch, and in another order gets the same logits',
    async () => {
      const alone = await logitsOf(items, 1);
      const batched = await logitsOf(items, 10_000);
      const order = [2, 0, 3, 1];
      const reordered = await logitsOf(
        order.map((i) => items[i] as Item),
        10_000,
      );
      items.forEach((item, i) => {
        expect(alone[i]).toHaveLength(item.pairs.length * model.classes);
        expect(difference(batched[i] ?? [], alone[i] ?? [])).toBeLessThan(1e-5);
        expect(difference(reordered[order.indexOf(i)] ?? [], alone[i] ?? [])).toBeLessThan(1e-5);
      });
      // The check can fail: documents differ.
      const row = (logits: Float32Array | undefined): Float32Array =>
        (logits ?? new Float32Array(0)).subarray(0, model.classes);
      expect(difference(row(batched[0]), row(batched[1]))).toBeGreaterThan(1e-3);
    },
  );

  test('some pairs of a document get the logits that they get among all', async () => {
    const all = items.map(({ features }) => ({ features, pairs: allPairs(features) }));
    const some = all.map(({ features, pairs: every }) => ({
      features,
      pairs: every.filter((_, i) => i % 2 === 1).toReversed(),
    }));
    const [whole, part] = [await logitsOf(all, 10_000), await logitsOf(some, 10_000)];
    some.forEach((item, i) => {
      const expected = item.pairs.flatMap((pair) => {
        const p = all[i]?.pairs.indexOf(pair) ?? -1;
        return [...(whole[i]?.subarray(p * model.classes, (p + 1) * model.classes) ?? [])];
      });
      expect(difference(part[i] ?? [], expected)).toBeLessThan(1e-5);
    });
  });

  test('documents without pairs, and with one entity, neither fail nor matter', async () => {
    const [doc] = documents;
    const [single] = featuresOf(
      [{ ...(doc as Document), vertexSet: doc?.vertexSet.slice(0, 1) ?? [], labels: [] }],
      config,
    );
    const [bare] = featuresOf([{ ...(doc as Document), vertexSet: [], labels: [] }], config);
    const nothing: Item = { features: single as Item['features'], pairs: [] };
    const nobody: Item = { features: bare as Item['features'], pairs: [] };
    expect([nothing, nobody].map(({ features }) => allPairs(features))).toEqual([[], []]);
    const without: Item = { features: (items[1] as Item).features, pairs: [] };
    const expected = await logitsOf(items, 10_000);
    const mixed = await logitsOf([nothing, ...items.slice(0, 2), without, ...items.slice(2), nobody], 10_000);
    expect([mixed[0], mixed[3], mixed[6]]).toEqual([0, 3, 6].map(() => new Float32Array(0)));
    [mixed[1], mixed[2], mixed[4], mixed[5]].forEach((logits, i) =>
      expect(difference(logits ?? [], expected[i] ?? [])).toBeLessThan(1e-5),
    );
    expect(await logitsOf([nothing, nobody], 100)).toEqual([new Float32Array(0), new Float32Array(0)]);
    expect(await logitsOf([], 100)).toEqual([]);

    const plain = await differentiate([items]);
    expect(differing(await differentiate([[nothing, ...items, without, nobody]]), plain)).toEqual([]);
    expect(differing(await differentiate([items, [nothing]]), plain)).toEqual([]);
  });
});

describe('frozen word vectors', () => {
  test.each(wordSystems)(
    '%s: no gradient is asked for, the table stays, the rest is the same',
    async (system) => {
      const kind = { system, mode: 'corrected', task: 'relation' } as const;
      const run = async (frozen: boolean) => {
        const config = configOf(kind, { frozen });
        const items = itemsOf(documents, config);
        const program = await TrainingProgram.open(config, { ...engine, dropout: 0, seed: 1 });
        const values = noisy(program.specs);
        // The gradient of a frozen table is nowhere: asking for it is an error.
        const grads = new Map(
          program.trained.map((spec) => [spec.name, new Float32Array(sizeOf(spec.shape))]),
        );
        await program.run(items, lookup(values), lookup(grads), {
          pairs: 20,
          add: false,
          rng: Rng.fromSeed(1),
        });
        await program.dispose();
        return { grads, values, specs: program.specs };
      };
      const [frozen, trained] = [await run(true), await run(false)];
      const table = 'word_embedding.weight';
      expect(trained.grads.has(table)).toBe(true);
      expect([...trained.grads.keys()].filter((name) => name !== table)).toEqual([...frozen.grads.keys()]);
      expect(frozen.specs.filter((spec) => spec.frozen).map(({ name }) => name)).toEqual([table]);
      expect(frozen.values.get(table)).toEqual(noisy(frozen.specs).get(table));
      for (const [name, gradient] of frozen.grads)
        expect(difference(gradient, trained.grads.get(name) ?? []), name).toBeLessThan(1e-4);
    },
  );
});

test("the vector that the original's Context-Aware adds to no effect has none", async () => {
  const config = configOf({ system: 'context-aware', mode: 'faithful', task: 'relation' });
  const model = await PairModel.open(config, engine);
  const values = noisy(model.specs);
  const items = itemsOf(documents, config);
  const before = await model.run(items, lookup(values));
  values.set(
    DEAD,
    Float32Array.from({ length: 128 }, (_, i) => Math.sin(i)),
  );
  expect(difference(await model.run(items, lookup(values)), before)).toBeLessThan(1e-5);
  await model.dispose();
});

describe('the original CNN and the padding of a batch', () => {
  const at = (start: number) => [{ name: 'x', sent_id: 0, pos: [start, start + 1] as const, type: 'LOC' }];
  const text = (length: number): string[] =>
    Array.from({ length }, (_, i) => ['Rome', 'fell', 'in', 'London', '.'][i % 5] ?? '');
  /** Three blocks see six words to either side: words 0 to 13 of 20 are too far from the end, 14 is not. */
  const doc: Document = { title: 'short', sents: [text(20)], vertexSet: [at(1), at(13), at(14), at(19)] };
  const neighbour: Document = { title: 'long', sents: [text(40)], vertexSet: [at(0), at(39)] };

  const logitsIn = async (mode: Kind['mode']): Promise<{ alone: number[][]; beside: number[][] }> => {
    const config = configOf({ system: 'cnn', mode, task: 'relation' });
    const model = await PairModel.open(config, engine);
    const values = lookup(noisy(model.specs));
    const rows = async (docs: readonly Document[]): Promise<number[][]> => {
      const logits = await model.run(itemsOf(docs, config), values);
      return Array.from({ length: 12 }, (_, p) => [
        ...logits.subarray(p * model.classes, (p + 1) * model.classes),
      ]);
    };
    const found = { alone: await rows([doc]), beside: await rows([doc, neighbour]) };
    await model.dispose();
    return found;
  };
  const changes = ({ alone, beside }: { alone: number[][]; beside: number[][] }): number[] =>
    alone.map((logits, p) => difference(beside[p] ?? [], logits));

  test('faithful: a longer neighbour changes the scores of words near the end, and of no others', async () => {
    const all = changes(await logitsIn('faithful'));
    const entities = [0, 1, 2, 3];
    const pairs = entities.flatMap((h) => entities.filter((t) => t !== h).map((t) => [h, t] as const));
    pairs.forEach(([h, t], p) => {
      const far = h < 2 && t < 2;
      expect((all[p] ?? Number.NaN) < 1e-6, `${h} ${t}: ${all[p]}`).toBe(far);
      expect((all[p] ?? Number.NaN) > 1e-5, `${h} ${t}: ${all[p]}`).toBe(!far);
    });
  });

  test('corrected: it changes nothing', async () => {
    for (const change of changes(await logitsIn('corrected'))) expect(change).toBeLessThan(1e-6);
  });
});
