/** The masked language model: its loss and gradients in float64, in the engine, and as a training step takes them. */
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { WordMasker } from '../../src/features/mask-words.ts';
import { evaluateShape } from '../../src/graph/dims.ts';
import { gradients } from '../../src/graph/gradients.ts';
import { Graph, reachable, type Value } from '../../src/graph/graph.ts';
import { logSoftmax, scatterAdd } from '../../src/graph/ops/index.ts';
import { linear } from '../../src/graph/ops/index.ts';
import { MaskedLanguageModel, maskedLanguageModel, questionInputs } from '../../src/models/masked-lm.ts';
import { WORD_EMBEDDINGS } from '../../src/nn/bert-encoder.ts';
import { DropoutMasks } from '../../src/nn/dropout.ts';
import { maskedLoss } from '../../src/nn/masked-lm-head.ts';
import { maskedLesson } from '../../src/training/masked-lesson.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { runEngine } from '../graph/check.ts';
import { type Feeds, randomArray, slope } from '../graph/numeric.ts';
import { type Array64, evaluate64, sizeOf } from '../graph/oracle.ts';
import { difference, differing, largest as largestOf, vocabulary } from './tiny.ts';

const V = vocabulary.pieces.length;
const shape = {
  vocabularySize: V,
  width: 8,
  layers: 1,
  heads: 2,
  intermediateWidth: 12,
  positions: 12,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.3,
};

/** Two windows whose pieces repeat, so that rows of the table are looked up, guessed and guessed wrongly. */
const windows = (() => {
  const rng = Rng.fromSeed(2);
  const masker = new WordMasker(vocabulary);
  return [12, 9].map((length) => {
    const inside = Array.from({ length: length - 2 }, () => 5 + rng.integer(6));
    const ids = Int32Array.from([vocabulary.special.cls, ...inside, vocabulary.special.sep]);
    return masker.mask(ids, 0.4, rng);
  });
})();
const K = windows.reduce((sum, { masked }) => sum + masked.length, 0);

const array = (size: readonly number[], data: ArrayLike<number>): Array64 => ({
  shape: size,
  data: Float64Array.from(data),
});

function model() {
  const graph = new Graph();
  const masks = new DropoutMasks(graph);
  const { params, head } = maskedLanguageModel(graph, shape, masks.apply);
  const targets = graph.input('targets', 'int32', ['K']);
  const loss = maskedLoss(head, targets, graph.input('scale', 'float32', []));
  const logProbabilities = logSoftmax(linear(head.states, head.decoder, head.bias));
  const table = params.values.get(WORD_EMBEDDINGS) as Value;
  const tables = new Set(
    params.specs.filter(({ rows }) => rows).map(({ name }) => params.values.get(name) as Value),
  );
  const { dense, rows } = gradients(loss, [...params.values.values()], { rows: tables });
  const grads = new Map(
    [...params.values].map(([name, value]): [string, Value[]] => [
      name,
      [
        ...(dense.has(value) ? [dense.get(value) as Value] : []),
        ...(rows.get(value) ?? []).map((kept) => scatterAdd(kept.rows, kept.index, value.shape[0] ?? 0)),
      ],
    ]),
  );
  const { sizes, tensors } = questionInputs(windows);
  const rng = Rng.fromSeed(11);
  const feeds: Feeds = {
    targets: array(
      [K],
      windows.flatMap((one) => [...one.targets]),
    ),
    scale: array([], [Math.fround(1 / K)]),
    ...Object.fromEntries(
      Object.entries(tensors).map(([name, { shape: size, data }]) => [
        name,
        array(size, data as Float32Array),
      ]),
    ),
  };
  for (const { name, shape: size, initial } of params.specs) {
    const noise = randomArray(size, rng, 0.2).data;
    const value = initial(size, Rng.fromSeed(5, name));
    feeds[name] = array(
      size,
      value.map((x, i) => Math.fround(x + (noise[i] ?? 0))),
    );
  }
  for (const [name, dims] of masks.shapes) {
    const size = evaluateShape(dims, sizes);
    feeds[name] = array(
      size,
      Array.from({ length: sizeOf(size) }, () => (rng.uniform() < 0.2 ? 0 : 1.25)),
    );
  }
  return { params, loss, logProbabilities, table, grads, feeds };
}

describe('the masked language model', () => {
  const { params, loss, logProbabilities, grads, feeds } = model();
  const names = params.specs.map(({ name }) => name);
  const analytic = new Map(
    [...grads].map(([name, parts]): [string, Float64Array] => {
      const [first, ...rest] = evaluate64(parts, feeds).map(({ data }) => data);
      return [
        name,
        (first ?? new Float64Array(0)).map((x, i) => rest.reduce((sum, part) => sum + (part[i] ?? 0), x)),
      ];
    }),
  );

  test('the loss is the mean cross-entropy of the right pieces', () => {
    const [value, log] = evaluate64([loss, logProbabilities], feeds);
    const targets = [...(feeds['targets']?.data ?? [])];
    const scale = feeds['scale']?.data[0] ?? Number.NaN; // 1 / K
    const expected = -scale * targets.reduce((sum, t, k) => sum + (log?.data[k * V + t] ?? Number.NaN), 0);
    expect(value?.data[0]).toBeCloseTo(expected, 7);
  });

  test('the table of pieces has a gradient as decoder and as embedding', () => {
    expect(grads.get(WORD_EMBEDDINGS)).toHaveLength(3); // product, guessed rows, looked-up rows
  });

  test('its gradient along one direction through all parameters', () => {
    const rng = Rng.fromSeed(3);
    const directions = Object.fromEntries(
      params.specs.map(({ name, shape: size }) => [name, randomArray(size, rng, 0.1).data]),
    );
    const expected = Object.entries(directions).reduce(
      (sum, [name, direction]) =>
        sum + direction.reduce((s, x, i) => s + x * (analytic.get(name)?.[i] ?? Number.NaN), 0),
      0,
    );
    expect(Math.abs(slope(loss, feeds, directions) / expected - 1)).toBeLessThan(1e-4);
  });

  test.each([
    WORD_EMBEDDINGS,
    'bert.encoder.layer.0.attention.self.query.weight',
    'cls.predictions.transform.dense.weight',
    'cls.predictions.transform.dense.bias',
    'cls.predictions.transform.LayerNorm.weight',
    'cls.predictions.bias',
  ])('single entries of %s', (name) => {
    const gradient = analytic.get(name) ?? new Float64Array(0);
    const rng = Rng.fromSeed(4, name);
    const largest = largestOf(gradient);
    const used = [...gradient.keys()].filter((i) => Math.abs(gradient[i] ?? 0) > largest / 100);
    for (const entry of rng.sample(used, 3)) {
      const numeric = slope(loss, feeds, { [name]: new Float64Array(gradient.length).with(entry, 1) });
      expect(Math.abs(numeric - (gradient[entry] ?? 0))).toBeLessThan(1e-5 * largest);
    }
  });

  test('the engine computes the same loss and gradients', async () => {
    const flat = [...grads].flatMap(([name, parts]) =>
      parts.map((part, i) => [`${name} ${i}`, part] as const),
    );
    const results = await runEngine({ loss, ...Object.fromEntries(flat) }, feeds);
    const [expected] = evaluate64([loss], feeds);
    expect(difference(results['loss']?.data ?? [], expected?.data ?? [])).toBeLessThan(1e-5);
    const own = new Map(
      [...grads].map(([name, parts]): [string, Float32Array] => {
        const sum = new Float32Array(analytic.get(name)?.length ?? 0);
        parts.forEach((_, i) =>
          results[`${name} ${i}`]?.data.forEach((x, j) => (sum[j] = (sum[j] ?? 0) + Number(x))),
        );
        return [name, sum];
      }),
    );
    expect(differing(own, analytic, 1e-4)).toEqual([]);
  });

  test.each([1, 2])('a training step in %i parts fills in the same gradients, twice', async (parts) => {
    const program = await TrainingProgram.of(maskedLesson(shape), { dropout: 0, seed: 1 });
    try {
      const values = new Map(names.map((name) => [name, Float32Array.from(feeds[name]?.data ?? [])]));
      const sums = new Map(
        names.map((name) => [name, new Float32Array(sizeOf(feeds[name]?.shape ?? [])).fill(9)]),
      );
      const plain = withoutDropout();
      const parameter = (name: string) => values.get(name) as Float32Array;
      const gradient = (name: string) => sums.get(name) as Float32Array;
      for (let time = 0; time < 2; time++) {
        for (let part = 0; part < parts; part++) {
          const items = windows.slice((part * windows.length) / parts, ((part + 1) * windows.length) / parts);
          await program.run(items, parameter, gradient, { masked: K, rng: Rng.fromSeed(1), add: part > 0 });
        }
        expect(differing(sums, plain, 1e-4)).toEqual([]);
      }
    } finally {
      await program.dispose();
    }
  });

  /** The gradients with masks of ones. */
  function withoutDropout(): Map<string, Float64Array> {
    const ones = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [
        name,
        name.startsWith('dropout') ? { ...value, data: value.data.map(() => 1) } : value,
      ]),
    );
    return new Map(
      [...grads].map(([name, values]) => {
        const [first, ...rest] = evaluate64(values, ones).map(({ data }) => data);
        return [
          name,
          (first ?? new Float64Array(0)).map((x, i) => rest.reduce((sum, part) => sum + (part[i] ?? 0), x)),
        ];
      }),
    );
  }

  test('no value has a score for every piece of the vocabulary and every piece of the text', () => {
    const all = reachable([loss, ...[...grads.values()].flat()]).flatMap(({ outputs }) => outputs);
    const wide = all.filter(({ shape: dims }) => dims.includes(V));
    expect(wide.some(({ shape: dims }) => dims.includes('K'))).toBe(true);
    expect(wide.filter(({ shape: dims }) => dims.includes('N') || dims.includes('T'))).toEqual([]);
  });

  test('as it predicts, it gives the logarithms of probabilities', async () => {
    const running = await MaskedLanguageModel.open(shape);
    try {
      const log = await running.logProbabilities(windows, (name) =>
        Float32Array.from(feeds[name]?.data ?? []),
      );
      const ones = Object.fromEntries(
        Object.entries(feeds).map(([name, value]) => [
          name,
          name.startsWith('dropout') ? { ...value, data: value.data.map(() => 1) } : value,
        ]),
      );
      const [expected] = evaluate64([logProbabilities], ones);
      expect(difference(log, expected?.data ?? [])).toBeLessThan(1e-5);
    } finally {
      await running.dispose();
    }
  });
});
