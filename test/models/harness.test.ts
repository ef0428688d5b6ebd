/** What every system must do, in both modes and for every task: one table of contracts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import type { Item } from '../../src/features/batch.ts';
import { allPairs } from '../../src/features/task.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import type { ParameterLookup } from '../../src/models/tensors.ts';
import { sizeOf } from '../../src/nn/initialisers.ts';
import { Optimizer } from '../../src/nn/optimizer.ts';
import { DISTANCE_ZERO } from '../../src/nn/pair-scorer.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import {
  configOf,
  corpus,
  difference,
  differing,
  drawn,
  featuresOf,
  kinds,
  largest,
  trainingItems,
} from './tiny.ts';

const engine = { threads: 2 };
const docs = corpus.train.slice(0, 4);

/** The documents of a batch must differ in length and in entities, or padding is not tested. */
test('the documents are of different lengths', () => {
  const features = featuresOf(docs, configOf({ mode: 'corrected', task: 'relation' }));
  expect(new Set(features.map(({ pieces }) => pieces)).size).toBeGreaterThan(2);
  expect(new Set(features.map(({ entities }) => entities.length)).size).toBeGreaterThan(2);
});

describe.each(kinds)('$mode $task', (kind) => {
  const config = configOf(kind);
  const items = trainingItems(docs, config);
  const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
  const rng = Rng.fromSeed(1);
  let program: TrainingProgram;
  let model: PairModel;
  let parameter: ParameterLookup;

  beforeAll(async () => {
    program = await TrainingProgram.open(config, { ...engine, dropout: 0, seed: 1 });
    model = await PairModel.open(config, engine);
    parameter = drawn(model.specs);
  });
  afterAll(async () => Promise.all([program.dispose(), model.dispose()]));

  /** Loss and gradients of `parts`, one after the other, as one batch. */
  const differentiate = async (
    parts: readonly (readonly Item[])[],
    before = 0,
  ): Promise<{ loss: number; grads: Map<string, Float32Array> }> => {
    const grads = new Map(
      program.specs.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape)).fill(before)]),
    );
    const gradient: ParameterLookup = (name) => grads.get(name) ?? new Float32Array(0);
    let loss = 0;
    for (const [i, part] of parts.entries()) {
      loss += await program.run(part, parameter, gradient, { pairs, add: i > 0, rng });
    }
    return { loss, grads };
  };

  const logitsOf = async (all: readonly Item[], batchPieces: number): Promise<Float32Array[]> => {
    const result: Float32Array[] = [];
    for await (const { logits } of model.score(all, parameter, batchPieces)) result.push(logits.slice());
    return result;
  };

  test('two training steps lower the loss', async () => {
    const values = new Map(program.specs.map(({ name }) => [name, parameter(name)]));
    const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: true, weightDecay: 0, clipNorm: 1 };
    const optimizer = await Optimizer.create(program.specs, values, options, { threads: 1 });
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
      expect(await optimizer.update({ encoder: 3e-4, head: 3e-4 })).toBeGreaterThan(0);
    }
    await optimizer.dispose();
    expect(losses[1]).toBeLessThan(losses[0] ?? 0);
    expect(losses[2]).toBeLessThan(losses[1] ?? 0);
  });

  test('every parameter gets a finite gradient, zero only where it has no effect', async () => {
    const { grads, loss } = await differentiate([items], 7); // what was there before does not matter
    expect(loss).toBeGreaterThan(0);
    const pieces = new Set(items.flatMap(({ features }) => features.sequences.flatMap((ids) => [...ids])));
    const longest = Math.max(...items.flatMap(({ features }) => features.sequences.map((ids) => ids.length)));
    /** Rows of tables that the batch does not look up. */
    const unused: Record<string, (row: number) => boolean> = {
      'bert.embeddings.word_embeddings.weight': (row) => !pieces.has(row),
      'bert.embeddings.position_embeddings.weight': (row) => row >= longest,
      'bert.embeddings.token_type_embeddings.weight': (row) => row > 0,
      'distance_embedding.weight': (row) => row === 0 || row === DISTANCE_ZERO,
    };
    const wrong: string[] = [];
    for (const { name, shape } of program.specs) {
      const gradient = grads.get(name) ?? new Float32Array(0);
      if (!gradient.every(Number.isFinite)) wrong.push(`${name}: not finite`);
      // Softmax is blind to what is added to all of a row: nothing but rounding.
      const blind = name.endsWith('key.bias');
      if (blind ? largest(gradient) >= 1e-6 : largest(gradient) <= 1e-5) wrong.push(`${name}: zero or not`);
      const idle = unused[name];
      if (!idle) continue;
      const width = shape[1] ?? 1;
      for (let row = 0; row < gradient.length / width; row++) {
        const zero = gradient.subarray(row * width, (row + 1) * width).every((x) => x === 0);
        // Other rows of the distance table may go unused too; which ones do is tested with the scorer.
        const may = name === 'distance_embedding.weight' && !idle(row);
        if (!may && zero !== idle(row)) wrong.push(`${name}: row ${row}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('parts of a batch add up to its loss and gradients', async () => {
    const whole = await differentiate([items]);
    for (const parts of [items.map((item) => [item]), [items.slice(2), items.slice(0, 2)]]) {
      const { loss, grads } = await differentiate(parts);
      expect(Math.abs(loss / whole.loss - 1)).toBeLessThan(1e-5);
      expect(differing(grads, whole.grads, 1e-5)).toEqual([]);
    }
  });

  test('the same run twice gives the same bits', async () => {
    const [first, second] = [await differentiate([items]), await differentiate([items])];
    expect(first.loss).toBe(second.loss);
    const bytes = (values: Float32Array = new Float32Array(0)): Buffer => Buffer.from(values.buffer);
    const changed = [...first.grads].filter(
      ([name, gradient]) => !bytes(gradient).equals(bytes(second.grads.get(name))),
    );
    expect(changed).toEqual([]);
  });

  test('a document alone, in a batch, and in another order gets the same logits', async () => {
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
    expect(difference(batched[0]?.subarray(0, 20) ?? [], batched[1]?.subarray(0, 20) ?? [])).toBeGreaterThan(
      1e-3,
    );
  });

  test('documents without pairs, and with one entity, neither fail nor matter', async () => {
    const [doc] = docs;
    const [single] = featuresOf(
      [{ ...(doc as NonNullable<typeof doc>), vertexSet: doc?.vertexSet.slice(0, 1) ?? [], labels: [] }],
      config,
    );
    const empty = single as NonNullable<typeof single>;
    expect(allPairs(empty)).toEqual([]);
    const nothing: Item = { features: empty, pairs: [] };
    const without: Item = { features: (items[1] as Item).features, pairs: [] };
    const expected = await logitsOf(items, 10_000);
    const mixed = await logitsOf([nothing, ...items.slice(0, 2), without, ...items.slice(2)], 10_000);
    expect([mixed[0], mixed[3]]).toEqual([new Float32Array(0), new Float32Array(0)]);
    [mixed[1], mixed[2], mixed[4], mixed[5]].forEach((logits, i) =>
      expect(difference(logits ?? [], expected[i] ?? [])).toBeLessThan(1e-5),
    );
    expect(await logitsOf([nothing], 100)).toEqual([new Float32Array(0)]);
    expect(await logitsOf([], 100)).toEqual([]);

    const plain = await differentiate([items]);
    const beside = await differentiate([[nothing, ...items, without]]);
    const apart = await differentiate([items, [nothing]]);
    for (const { loss, grads } of [beside, apart]) {
      expect(Math.abs(loss / plain.loss - 1)).toBeLessThan(1e-5);
      expect(differing(grads, plain.grads, 1e-5)).toEqual([]);
    }
  });
});
