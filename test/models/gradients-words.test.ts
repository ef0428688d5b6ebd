/**
 * Word-level systems as they are trained: the engine's loss and gradients, through dropout, against central differences of
 * the same loss as plain loops in float64.
 */
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { buildBatch, targets } from '../../src/features/batch.ts';
import { Graph } from '../../src/graph/graph.ts';
import { batchForm, buildSystem } from '../../src/models/systems.ts';
import { DropoutMasks, MaskPool } from '../../src/nn/dropout.ts';
import { WORD_TABLE } from '../../src/nn/word-embeddings.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import {
  configOf,
  documents,
  itemsOf,
  type Kind,
  largest,
  lookup,
  noisy,
  shape,
  vocabulary,
} from './words.ts';
import { logits64, type Masks } from './words64.ts';

const cases: readonly (Kind & { readonly dropout: number })[] = [
  { system: 'cnn', mode: 'corrected', task: 'relation', dropout: 0.5 },
  { system: 'cnn', mode: 'faithful', task: 'relation', dropout: 0.5 },
  { system: 'lstm', mode: 'corrected', task: 'existence', dropout: 0.2 },
  { system: 'bilstm', mode: 'faithful', task: 'relation', dropout: 0.2 },
  { system: 'context-aware', mode: 'faithful', task: 'relation', dropout: 0.2 },
  { system: 'sentence', mode: 'corrected', task: 'relation', dropout: 0.2 },
  { system: 'sentence', mode: 'faithful', task: 'relation', dropout: 0.2 },
];
/** Of 8 words in two sentences and of 2 words. */
const docs = documents.slice(1, 3);
const STEP = 1e-5;
/** What is left of a gradient that is zero. */
const ROUNDING = 1e-7;

/** Mean over pairs of -log softmax, or over pairs and classes of the binary cross-entropy. */
function loss64(logits: readonly Float64Array[], right: Float32Array, twoWay: boolean): number {
  let sum = 0;
  logits.forEach((row, p) => {
    const most = Math.max(...row);
    const total = most + Math.log(row.reduce((s, x) => s + Math.exp(x - most), 0));
    row.forEach((x, k) => {
      const y = right[p * row.length + k] ?? Number.NaN;
      sum += twoWay ? y * (total - x) : Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - x * y;
    });
  });
  const classes = logits[0]?.length ?? 0;
  return sum / logits.length / (twoWay ? 1 : classes);
}

describe.each(cases)('$system, $mode, $task', ({ dropout, ...kind }) => {
  const config = configOf(kind);
  const items = itemsOf(docs, config);
  const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
  const [seed, step] = [3, 'dropout 0'];

  /** The masks that the program draws, by the loops' own reckoning of which word or sequence has which. */
  function masksOf(): { masks: Masks; count: number; dropped: number } {
    const graph = new Graph();
    const declared = new DropoutMasks(graph);
    buildSystem(graph, config, declared.apply);
    const { sizes } = buildBatch(items, batchForm(config));
    const drawn = new MaskPool(dropout, seed).draw(declared.shapes, sizes, Rng.fromSeed(seed, step));
    const row = (i: number, at: number): Float32Array => {
      const { data, shape: size } = drawn.get(`dropout.${i}`) ?? { data: new Float32Array(0), shape: [] };
      return data.subarray(at * Number(size[1]), (at + 1) * Number(size[1]));
    };
    const all = [...drawn.values()].flatMap(({ data }) => [...data]);
    return {
      masks: { locked: (sequence) => row(0, sequence), elements: row },
      count: drawn.size,
      dropped: all.filter((x) => x === 0).length / all.length,
    };
  }

  test('loss and gradients', { timeout: 240_000 }, async () => {
    const { masks, count, dropped } = masksOf();
    expect(count).toBe(kind.system === 'cnn' ? 3 : 1);
    expect(Math.abs(dropped - dropout)).toBeLessThan(0.1);
    const program = await TrainingProgram.open(config, { threads: 1, dropout, seed });
    const values = noisy(program.specs);
    const grads = new Map([...values].map(([name, data]) => [name, new Float32Array(data.length).fill(7)]));
    const loss = await program.run(items, lookup(values), lookup(grads), {
      pairs,
      add: false,
      rng: Rng.fromSeed(seed, step),
    });
    await program.dispose();

    const right = targets(items, kind.task, program.classes);
    const twoWay = kind.task === 'existence';
    const numbers = new Map([...values].map(([name, data]) => [name, Float64Array.from(data)]));
    const lossAt = (moved?: { name: string; data: Float64Array }): number =>
      loss64(
        logits64(docs, {
          ...kind,
          words: vocabulary.words,
          types: shape.types,
          without: [],
          classes: program.classes,
          values: (name) => (name === moved?.name ? moved.data : (numbers.get(name) ?? [])),
          masks,
        }).flat(),
        right,
        twoWay,
      );
    expect(Math.abs(loss / lossAt() - 1)).toBeLessThan(1e-5);

    const wrong: string[] = [];
    for (const { name, group } of program.specs) {
      // The loops take long over its bilinear layer, and its encoder is the BiLSTM's.
      if (kind.system === 'context-aware' && group === 'encoder' && name !== WORD_TABLE) continue;
      const [gradient, data] = [lookup(grads)(name), numbers.get(name) ?? new Float64Array(0)];
      const rng = Rng.fromSeed(9, name);
      const slope = (direction: Float64Array): number => {
        const at = (distance: number): number =>
          lossAt({ name, data: data.map((x, i) => x + distance * (direction[i] ?? 0)) });
        return (at(STEP) - at(-STEP)) / (2 * STEP);
      };
      const most = largest(gradient);
      // One direction through the whole parameter, of length 1, and its steepest entry.
      const direction = data.map(() => rng.normal() / Math.sqrt(data.length));
      const expected = direction.reduce((sum, x, i) => sum + x * (gradient[i] ?? Number.NaN), 0);
      const norm = Math.sqrt(
        direction.reduce((sum, x, i) => sum + (x * (gradient[i] ?? Number.NaN)) ** 2, 0),
      );
      if (!(Math.abs(slope(direction) - expected) <= 1e-3 * norm + ROUNDING))
        wrong.push(`${name}: direction`);
      const entry = gradient.findIndex((x) => Math.abs(x) === most);
      const single = slope(new Float64Array(data.length).with(entry, 1));
      if (!(Math.abs(single - (gradient[entry] ?? Number.NaN)) <= 1e-4 * most + ROUNDING))
        wrong.push(`${name}: entry ${entry}, ${gradient[entry]} for ${single}`);
    }
    expect(wrong).toEqual([]);
  });
});
