/** What a training step keeps: less where it is asked to, with the same gradients; and nothing longer than needed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import type { Item } from '../../src/features/batch.ts';
import type { Memory } from '../../src/graph/gradients.ts';
import { sizeOf } from '../../src/nn/initialisers.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import {
  type BertConfig,
  configOf,
  corpus,
  drawn,
  kinds,
  largest,
  shape,
  trainingItems,
} from '../models/tiny.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A node of one run, in the order in which the engine ran them. */
interface Ran {
  readonly name: string;
  /** Bytes that were in use after it. */
  readonly bytes: number;
}

/** One training step with dropout: its loss, its gradients, and what the engine did. */
async function step(
  config: BertConfig,
  items: readonly Item[],
  { memory, profile }: { readonly memory: Memory; readonly profile?: string },
): Promise<{ loss: number; grads: Map<string, Float32Array>; ran: Ran[] }> {
  const program = await TrainingProgram.open(config, {
    threads: 1,
    dropout: 0.1,
    seed: 1,
    memory,
    ...(profile !== undefined && { profile: join(folder, profile) }),
  });
  const grads = new Map(
    program.trained.map(({ name, shape: dims }) => [name, new Float32Array(sizeOf(dims))]),
  );
  const loss = await program.run(
    items,
    drawn(program.specs),
    (name) => grads.get(name) ?? new Float32Array(0),
    {
      pairs: items.reduce((sum, { pairs }) => sum + pairs.length, 0),
      add: false,
      rng: Rng.fromSeed(5),
    },
  );
  await program.dispose();
  return { loss, grads, ran: profile === undefined ? [] : profiled(profile) };
}

function profiled(profile: string): Ran[] {
  const file = readdirSync(folder).find((name) => name.startsWith(profile)) ?? '';
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    readonly name: string;
    readonly args?: { readonly op_name?: string; readonly mem_bytes_in_use?: string };
  }[];
  return events.flatMap(({ name, args }) =>
    args?.op_name === undefined
      ? []
      : [{ name: name.replace(/_kernel_time$/, ''), bytes: Number(args.mem_bytes_in_use) }],
  );
}

describe.each(kinds)('$mode $task', (kind) => {
  test('loss and gradients with little memory are the usual ones, to the bit', async () => {
    const config = configOf(kind, { ...shape, layers: 3 });
    const items = trainingItems(corpus.train.slice(0, 2), config);
    const normal = await step(config, items, { memory: 'normal' });
    const low = await step(config, items, { memory: 'low' });
    expect(low.loss).toBe(normal.loss);
    expect([...low.grads.keys()]).toEqual([...normal.grads.keys()]);
    for (const [name, gradient] of normal.grads) expect(low.grads.get(name), name).toEqual(gradient);
    expect(largest(low.grads.get('bert.encoder.layer.0.intermediate.dense.weight') ?? [])).toBeGreaterThan(0);
  });
});

describe('of twelve layers', () => {
  const layers = 12;
  const config = configOf(
    { mode: 'corrected', task: 'relation' },
    { ...shape, layers, width: 64, intermediateWidth: 256 },
  );
  // Few pairs: the head is computed once in either way.
  const items = trainingItems(corpus.train.slice(0, 3), config).map(({ features, pairs }) => ({
    features,
    pairs: pairs.slice(0, 4),
  }));
  const ran = new Map<Memory, Ran[]>();
  const peak = (memory: Memory): number => Math.max(...(ran.get(memory) ?? []).map(({ bytes }) => bytes));
  /** Of each layer, where its gradients of weights stand among what ran. */
  const gradientsOf = (layer: number, memory: Memory): number[] =>
    (ran.get(memory) ?? []).flatMap(({ name }, i) =>
      name.startsWith(`gradient bert.encoder.layer.${layer}.`) && name.endsWith('.weight') ? [i] : [],
    );
  const bytesAt = (place: number, memory: Memory): number => ran.get(memory)?.[place]?.bytes ?? Number.NaN;

  beforeAll(async () => {
    for (const memory of ['normal', 'low'] as const)
      ran.set(memory, (await step(config, items, { memory, profile: memory })).ran);
  });

  test('little memory is less than half of the usual', () => {
    expect(peak('normal')).toBeGreaterThan(2 ** 20);
    expect(peak('low')).toBeLessThan(peak('normal') / 2);
  });

  test.each(['normal', 'low'] as const)(
    'with memory %s, the gradients of a layer are done before those of the layer below begin',
    (memory) => {
      for (let layer = 1; layer < layers; layer++) {
        const [above, below] = [gradientsOf(layer, memory), gradientsOf(layer - 1, memory)];
        expect(above).toHaveLength(8);
        expect(Math.max(...above)).toBeLessThan(Math.min(...below));
      }
    },
  );

  test('what the top layer was computed from is forgotten before the bottom layer is reached', () => {
    const [top, bottom] = [gradientsOf(layers - 1, 'normal'), gradientsOf(0, 'normal')];
    expect(bytesAt(Math.min(...bottom), 'normal')).toBeLessThan(bytesAt(Math.min(...top), 'normal') / 3);
  });
});
