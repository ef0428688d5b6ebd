/** Taggers: gradients against central differences, the engine against plain loops, batched against single. */
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import type { Document } from '../../src/data/document.ts';
import { evaluateShape } from '../../src/graph/dims.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { scatterAdd } from '../../src/graph/ops/index.ts';
import { TagModel } from '../../src/models/tag-model.ts';
import { DropoutMasks } from '../../src/nn/dropout.ts';
import { sizeOf } from '../../src/nn/initialisers.ts';
import { tagLesson } from '../../src/training/tag-objective.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { runEngine } from '../graph/check.ts';
import { type Feeds, randomArray, slope } from '../graph/numeric.ts';
import { type Array64, evaluate64 } from '../graph/oracle.ts';
import { configs, documents, short, tagDocuments, trainingItems } from './taggers.ts';
import { difference, differing, drawn, largest } from './tiny.ts';

const engine = { threads: 1 };

test('the documents differ in length, and the tagger of pieces reads several sequences of one', () => {
  const bert = configs.find(({ system }) => system === 'bert') as (typeof configs)[number];
  const sequences = tagDocuments(bert).map((document) => document.sequences.length);
  expect(Math.max(...sequences)).toBeGreaterThan(1);
  expect(new Set(documents.map(({ sents }) => sents.flat().length)).size).toBeGreaterThan(1);
});

describe.each(configs)('$system', (config) => {
  const items = trainingItems(config);
  const words = items.reduce((sum, { tags }) => sum + tags.length, 0);

  /** Two sequences of a few words: the loops are slow. */
  const few = trainingItems(config, short);

  test('the gradient of the loss, through dropout', { timeout: 120_000 }, async () => {
    const graph = new Graph();
    const masks = new DropoutMasks(graph);
    const lesson = tagLesson(config);
    const { params, loss } = lesson.build(graph, masks.apply);
    const { sizes, tensors } = lesson.feeds(few, { words });
    const rng = Rng.fromSeed(11);
    const feeds: Feeds = {};
    const array = (shape: readonly number[], data: ArrayLike<number>): Array64 => ({
      shape,
      data: Float64Array.from(data),
    });
    for (const [name, { shape, data }] of Object.entries(tensors)) feeds[name] = array(shape, data);
    for (const { name, shape, initial } of params.specs) {
      const noise = randomArray(shape, rng, 0.2).data;
      const value = initial(shape, Rng.fromSeed(5, name));
      feeds[name] = array(
        shape,
        value.map((x, i) => Math.fround(x + (noise[i] ?? 0))),
      );
    }
    for (const [name, shape] of masks.shapes) {
      const size = evaluateShape(shape, sizes);
      feeds[name] = array(
        size,
        Array.from({ length: sizeOf(size) }, () => (rng.uniform() < 0.2 ? 0 : 1.25)),
      );
    }
    expect(masks.shapes.size).toBeGreaterThan(1);
    const tables = params.specs.filter((spec) => spec.rows);
    const { dense, rows } = gradients(loss, [...params.values.values()], {
      rows: new Set(tables.map((spec) => params.values.get(spec.name) as Value)),
    });
    const grads = new Map(
      [...params.values].map(([name, value]): [string, Value] => {
        const [kept] = rows.get(value) ?? [];
        const whole = kept && scatterAdd(kept.rows, kept.index, value.shape[0] ?? 0);
        return [name, (dense.get(value) ?? whole) as Value];
      }),
    );
    const names = [...grads.keys()];
    const analytic = new Map(
      evaluate64([...grads.values()], feeds).map(({ data }, i): [string, Float64Array] => [
        names[i] ?? '',
        data,
      ]),
    );
    const directions = Object.fromEntries(
      params.specs.map(({ name, shape }) => [name, randomArray(shape, rng, 0.02).data]),
    );
    const expected = names.reduce(
      (sum, name) =>
        (directions[name] ?? new Float64Array(0)).reduce(
          (s, x, i) => s + x * (analytic.get(name)?.[i] ?? Number.NaN),
          sum,
        ),
      0,
    );
    expect(Math.abs(slope(loss, feeds, directions) / expected - 1)).toBeLessThan(1e-3);
    for (const name of names.filter((key) => !key.endsWith('key.bias'))) {
      const gradient = analytic.get(name) ?? new Float64Array(0);
      expect(largest(gradient), name).toBeGreaterThan(0);
    }
    const outputs = { loss, ...Object.fromEntries([...grads].map(([name, value]) => [`d ${name}`, value])) };
    const results = await runEngine(outputs, feeds);
    expect(difference(results['loss']?.data ?? [], evaluate64([loss], feeds)[0]?.data ?? [])).toBeLessThan(
      1e-5,
    );
    const own = new Map(names.map((name) => [name, results[`d ${name}`]?.data as Float32Array]));
    expect(differing(own, analytic, 1e-4)).toEqual([]);
  });

  test('parts of a batch add up to its loss and gradients', async () => {
    const program = await TrainingProgram.of(tagLesson(config), { ...engine, dropout: 0, seed: 1 });
    const parameter = drawn(program.specs);
    const run = async (parts: readonly (typeof items)[]) => {
      const grads = new Map(
        program.specs.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape)).fill(7)]),
      );
      const gradient = (name: string): Float32Array => grads.get(name) ?? new Float32Array(0);
      let loss = 0;
      for (const [i, part] of parts.entries())
        loss += await program.run(part, parameter, gradient, { words, add: i > 0, rng: Rng.fromSeed(1) });
      return { loss, grads };
    };
    const whole = await run([items]);
    const apart = await run([items.slice(1), items.slice(0, 1)]);
    await program.dispose();
    expect(Math.abs(apart.loss / whole.loss - 1)).toBeLessThan(1e-5);
    expect(differing(apart.grads, whole.grads, 1e-4)).toEqual([]);
  });

  test('a document alone, in a batch, and beside empty ones has the same scores', async () => {
    const model = await TagModel.open(config, engine);
    const parameter = drawn(model.specs);
    const score = async (docs: readonly Document[], batchPieces?: number) => {
      const found: { doc: Document; logits: Float32Array }[] = [];
      for await (const { item, logits } of model.score(tagDocuments(config, docs), parameter, batchPieces))
        found.push({ doc: item.doc, logits });
      return found;
    };
    const empty: Document = { title: 'empty', sents: [], vertexSet: [] };
    const blank: Document = { title: 'blank', sents: [[], []], vertexSet: [] };
    const mixed = [empty, ...documents, blank];
    const alone = await score(documents, 1);
    const batched = await score(mixed, 10_000);
    const most = await score(mixed.toReversed());
    expect(batched.map(({ doc }) => doc)).toEqual(mixed);
    expect(most.map(({ doc }) => doc)).toEqual(mixed.toReversed());
    for (const { doc, logits } of alone) {
      expect(logits.length).toBe(doc.sents.flat().length * model.classes);
      for (const others of [batched, most]) {
        const own = others.find((other) => other.doc === doc);
        expect(difference(own?.logits ?? [], logits)).toBeLessThan(1e-5);
      }
    }
    expect(batched[0]?.logits).toHaveLength(0);
    expect(await score([])).toEqual([]);
    // The check can fail: documents differ.
    expect(
      difference(alone[0]?.logits.subarray(0, 20) ?? [], alone[1]?.logits.subarray(0, 20) ?? []),
    ).toBeGreaterThan(1e-3);
    await model.dispose();
  });
});

test('an error of the source comes after the scores of all documents before it', async () => {
  const config = configs[0] as (typeof configs)[number];
  const model = await TagModel.open(config, engine);
  const seen: Document[] = [];
  const source = function* () {
    yield* tagDocuments(config);
    throw new Error('no more');
  };
  const reading = async (): Promise<void> => {
    for await (const { item } of model.score(source(), drawn(model.specs), 10)) seen.push(item.doc);
  };
  await expect(reading()).rejects.toThrow('no more');
  expect(seen).toEqual(documents);
  await model.dispose();
});
