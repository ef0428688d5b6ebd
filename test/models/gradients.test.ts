/** Whole models: the gradient of the loss against central differences, in both modes, through dropout. */
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { buildBatch, targets } from '../../src/features/batch.ts';
import { type Mode } from '../../src/features/encode.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { allPairs, classCount, type Task } from '../../src/features/task.ts';
import { evaluateShape } from '../../src/graph/dims.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { scatterAdd } from '../../src/graph/ops/index.ts';
import { bert } from '../../src/models/bert.ts';
import { DropoutMasks } from '../../src/nn/dropout.ts';
import { binaryCrossEntropy, crossEntropy } from '../../src/nn/losses.ts';
import { initialValues } from '../../src/nn/parameters.ts';
import { documentOf, encodeWith, NOTHING, relations, wordPiece } from '../features/documents.ts';
import { runEngine } from '../graph/check.ts';
import { type Feeds, randomArray, slope } from '../graph/numeric.ts';
import { type Array64, evaluate64, sizeOf } from '../graph/oracle.ts';
import { difference, differing, largest as largestOf } from './tiny.ts';

const encoder = {
  vocabularySize: wordPiece.vocabulary.pieces.length,
  width: 8,
  layers: 1,
  heads: 2,
  intermediateWidth: 12,
  positions: 10,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.3,
};

/** Two documents: one of two windows (or, faithful, with words past the cut), one of one sentence. */
function items(mode: Mode) {
  const options = encodeWith({ mode, positions: encoder.positions });
  const label = (h: number, t: number, r: string) => ({ h, t, r, evidence: [] });
  const long = {
    ...documentOf(
      [
        ['a', 'byz', 'c'],
        ['d', NOTHING, 'ay', '.', 'b'],
      ],
      [[0, 0, 2]],
      [[1, 1, 3]],
      [[1, 3, 5]],
    ),
    labels: [label(0, 2, 'P1')],
  };
  const short = { ...documentOf([['c', 'd', 'a']], [[0, 0, 1]], [[0, 1, 3]]), labels: [label(1, 0, 'P1')] };
  return [long, short].map((doc) => {
    const features = documentFeatures(doc, relations, options);
    return { features, pairs: allPairs(features).slice(0, 4) };
  });
}

function model(mode: Mode, task: Task) {
  const graph = new Graph();
  const masks = new DropoutMasks(graph);
  const classes = classCount(1, { task, mode });
  const { params, logits } = bert(graph, { encoder, mode, classes, without: [] }, masks.apply);
  const twoWay = task === 'existence' && mode === 'corrected';
  const loss = (twoWay ? crossEntropy : binaryCrossEntropy)(
    logits,
    graph.input('targets', 'float32', ['P', classes]),
    graph.input('scale', 'float32', []),
  );
  const tables = new Set(
    params.specs.filter((spec) => spec.rows).map((spec) => params.values.get(spec.name) as Value),
  );
  const { dense, rows } = gradients(loss, [...params.values.values()], { rows: tables });
  const grads = new Map(
    [...params.values].map(([name, value]): [string, Value] => {
      const [kept] = rows.get(value) ?? [];
      const whole = kept && scatterAdd(kept.rows, kept.index, value.shape[0] ?? 0);
      return [name, (dense.get(value) ?? whole) as Value];
    }),
  );

  const made = items(mode);
  const batch = buildBatch(made, { reads: 'pieces', context: false });
  const { P = Number.NaN } = batch.sizes;
  const rng = Rng.fromSeed(11);
  const array = (shape: readonly number[], data: ArrayLike<number>): Array64 => ({
    shape,
    data: Float64Array.from(data),
  });
  const feeds: Feeds = {
    targets: array([P, classes], targets(made, task, classes)),
    scale: array([], [1 / P]),
  };
  for (const [name, { shape, data }] of [
    ...Object.entries(batch.floats),
    ...Object.entries(batch.integers),
  ]) {
    feeds[name] = array(shape, data);
  }
  // The distance that is fixed at zero gets an entry, which must not matter; norms and biases get some too.
  for (const { name, shape, initial } of params.specs) {
    const value = initial(shape, Rng.fromSeed(5, name));
    const noise = randomArray(shape, rng, 0.2).data;
    feeds[name] = array(
      shape,
      value.map((x, i) => Math.fround(x + (noise[i] ?? 0))),
    );
  }
  for (const [name, shape] of masks.shapes) {
    const size = evaluateShape(shape, batch.sizes);
    feeds[name] = array(
      size,
      Array.from({ length: sizeOf(size) }, () => (rng.uniform() < 0.2 ? 0 : 1.25)),
    );
  }
  return { params, loss, logits, grads, feeds, batch };
}

describe.each([
  { mode: 'corrected', task: 'existence' },
  { mode: 'faithful', task: 'relation' },
] as const)('$mode $task', ({ mode, task }) => {
  const { params, loss, logits, grads, feeds, batch } = model(mode, task);
  const names = params.specs.map(({ name }) => name);
  const analytic = new Map(
    evaluate64([...grads.values()], feeds).map(({ data }, i): [string, Float64Array] => [
      names[i] ?? '',
      data,
    ]),
  );

  test('the case is what it should be', () => {
    expect(batch.sizes['U']).toBe(mode === 'corrected' ? 3 : 2);
    const { N = Number.NaN } = batch.sizes;
    const weights = [...(batch.floats['mentionWeights']?.data ?? [])];
    const lost = weights.filter((_, i) => (batch.integers['mentionStates']?.data[i] ?? 0) >= N);
    expect(lost.some((weight) => weight > 0)).toBe(mode === 'faithful');
    expect(Object.keys(feeds).filter((name) => name.startsWith('dropout'))).toHaveLength(4);
  });

  test('along one direction through all parameters', () => {
    const rng = Rng.fromSeed(3);
    const directions = Object.fromEntries(
      params.specs.map(({ name, shape }) => [name, randomArray(shape, rng, 0.1).data]),
    );
    const expected = Object.entries(directions).reduce(
      (sum, [name, direction]) =>
        sum + direction.reduce((s, x, i) => s + x * (analytic.get(name)?.[i] ?? Number.NaN), 0),
      0,
    );
    expect(Math.abs(slope(loss, feeds, directions) / expected - 1)).toBeLessThan(1e-4);
  });

  test.each([
    'bert.embeddings.word_embeddings.weight',
    'bert.embeddings.position_embeddings.weight',
    'bert.encoder.layer.0.attention.self.query.weight',
    'bert.encoder.layer.0.attention.self.value.bias',
    'bert.encoder.layer.0.output.LayerNorm.weight',
    'projection.weight',
    'projection.bias',
    'distance_embedding.weight',
    'bilinear.weight',
  ])('single entries of %s', (name) => {
    const gradient = analytic.get(name) ?? new Float64Array(0);
    const rng = Rng.fromSeed(4, name);
    const largest = largestOf(gradient);
    const used = [...gradient.keys()].filter((i) => Math.abs(gradient[i] ?? 0) > largest / 100);
    const entry = rng.pick(used);
    const numeric = slope(loss, feeds, { [name]: new Float64Array(gradient.length).with(entry, 1) });
    expect(Math.abs(numeric - (gradient[entry] ?? 0))).toBeLessThan(1e-5 * largest);
  });

  test('the engine computes the same logits, loss and gradients', async () => {
    const outputs = {
      logits,
      loss,
      ...Object.fromEntries(names.map((name) => [`d ${name}`, grads.get(name) as Value])),
    };
    const results = await runEngine(outputs, feeds);
    const [expectedLogits, expectedLoss] = evaluate64([logits, loss], feeds);
    expect(difference(results['logits']?.data ?? [], expectedLogits?.data ?? [])).toBeLessThan(1e-5);
    expect(difference(results['loss']?.data ?? [], expectedLoss?.data ?? [])).toBeLessThan(1e-5);
    const own = new Map(names.map((name) => [name, results[`d ${name}`]?.data as Float32Array]));
    expect(differing(own, analytic, 1e-4)).toEqual([]);
  });
});

test('initial values have the shapes of the parameters', () => {
  const { params } = model('corrected', 'existence');
  const values = initialValues(params.specs, 1);
  expect([...values].map(([name, value]) => [name, value.length])).toEqual(
    params.specs.map(({ name, shape }) => [name, sizeOf(shape)]),
  );
});
