/** Frozen parts of an encoder: which they are, that they stay, and that nothing is computed or kept for them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BinaryReader } from '@bufbuild/protobuf/wire';
import { describe, expect, test, vi } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { readSafetensors, toFloat32 } from '../../src/core/safetensors.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { buildSystem } from '../../src/models/systems.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { initialValues, type ParameterSpec } from '../../src/nn/parameters.ts';
import { Session } from '../../src/runtime/session.ts';
import { checkParts, freezeParts, partProblem } from '../../src/training/freeze.ts';
import { requestSchema } from '../../src/training/request.ts';
import { trainSystem } from '../../src/training/train-system.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { temporaryFolder } from '../cli/relata.ts';
import { type BertConfig, configOf, corpus, differing, drawn, shape, trainingItems } from '../models/tiny.ts';
import { LEARNING, trainFully, writeCheckpoint, writeCorpus } from './fixtures.ts';

/** An encoder of so many layers. */
const layersOf = (layers: number): BertConfig =>
  configOf({ mode: 'corrected', task: 'relation' }, { ...shape, layers });
const config = layersOf(4);

interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A training program, and the nodes and outputs of the ONNX that it runs. */
async function open(freeze: readonly string[], { dropout = 0, of = config } = {}) {
  const spy = vi.spyOn(Session, 'open');
  const program = await TrainingProgram.open(of, { threads: 1, dropout, seed: 1, freeze });
  const [bytes = new Uint8Array(0)] = spy.mock.calls[0] ?? [];
  spy.mockRestore();
  return { program, ...onnx(bytes as Uint8Array) };
}

/** What a model's bytes hold. Source of the field numbers: onnx.proto3. */
function onnx(bytes: Uint8Array): { nodes: OnnxNode[]; outputs: string[] } {
  const graph = fieldsOf(fieldsOf(bytes).get(7)?.[0] ?? new Uint8Array(0));
  const texts = (message: Uint8Array, field: number): string[] =>
    (fieldsOf(message).get(field) ?? []).map((text) => new TextDecoder().decode(text));
  return {
    nodes: (graph.get(1) ?? []).map((node) => ({
      type: texts(node, 4).join(''),
      inputs: texts(node, 1),
      outputs: texts(node, 2),
    })),
    outputs: (graph.get(12) ?? []).flatMap((output) => texts(output, 1)),
  };
}

/** Types of the nodes that depend on the targets: the loss and all backward work. */
function afterTargets(nodes: readonly OnnxNode[]): string[] {
  const after = new Set(['targets']);
  return nodes.flatMap(({ type, inputs, outputs }) => {
    if (!inputs.some((input) => after.has(input))) return [];
    for (const output of outputs) after.add(output);
    return [type];
  });
}

/** Texts and messages of a protobuf message, by field. */
function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === 2) fields.set(field, [...(fields.get(field) ?? []), reader.bytes()]);
    else reader.skip(type);
  }
  return fields;
}

describe('parts', () => {
  const { specs } = buildSystem(new Graph(), config, noDropout).params;

  test.each([
    [['embeddings'], /^bert\.embeddings\./, 5],
    [['encoder.1'], /^bert\.encoder\.layer\.1\./, 16],
    [['encoder.0-2'], /^bert\.encoder\.layer\.[012]\./, 48],
    [['encoder.2', 'encoder.1-2'], /^bert\.encoder\.layer\.[12]\./, 32],
    [['encoder'], /^bert\.encoder\./, 64],
    [['embeddings', 'encoder'], /^bert\./, 69],
    [[], /^nothing/, 0],
  ] as const)('%j', (parts, expected, count) => {
    const marked = freezeParts(specs, parts);
    const frozen = marked.filter((spec) => spec.frozen).map(({ name }) => name);
    expect(frozen).toEqual(specs.map(({ name }) => name).filter((name) => expected.test(name)));
    expect(frozen).toHaveLength(count);
    expect(marked.map((spec) => ({ ...spec, frozen: false }))).toEqual(specs);
  });

  test('layer 1 is not layer 10', () => {
    const spec = (layer: number): ParameterSpec => ({
      name: `bert.encoder.layer.${layer}.output.dense.bias`,
      shape: [1],
      initial: () => new Float32Array(1),
      group: 'encoder',
      decay: false,
      rows: false,
      frozen: false,
    });
    const frozen = (parts: readonly string[]): number[] =>
      freezeParts(
        Array.from({ length: 12 }, (_, i) => spec(i)),
        parts,
      ).flatMap((s, i) => (s.frozen ? [i] : []));
    expect(frozen(['encoder.1'])).toEqual([1]);
    expect(frozen(['encoder.9-10'])).toEqual([9, 10]);
  });

  test('that are none', () => {
    for (const text of ['embeddings', 'encoder', 'encoder.0', 'encoder.11', 'encoder.0-5', 'encoder.3-3'])
      expect(partProblem(text), text).toBeUndefined();
    for (const text of [
      '',
      'head',
      'encoder.',
      'encoder.a',
      'encoder.1-',
      'encoder.-2',
      'encoder.1.5',
      'encoder0',
    ])
      expect(partProblem(text), text).toMatch(/^parts among embeddings, encoder/);
    expect(partProblem('encoder.5-4')).toMatch(/^layers from the lower to the higher/);
  });

  test('that the encoder does not have', () => {
    expect(() => checkParts(['embeddings', 'encoder', 'encoder.3', 'encoder.0-3'], 4)).not.toThrow();
    for (const text of ['encoder.4', 'encoder.3-4', 'encoder.9999'])
      expect(() => checkParts(['embeddings', text], 4)).toThrow(
        expect.objectContaining({
          code: 'E_USAGE',
          exit: 2,
          message: `Expected --freeze to name layers below 4, as many as the encoder has, got ${text}`,
        }) as Error,
      );
  });
});

describe('backward work', () => {
  test.each([
    [['embeddings', 'encoder.0-1'], 2, ['embeddings']],
    [['embeddings', 'encoder.0-2'], 1, ['embeddings']],
    [['embeddings', 'encoder'], 2, ['embeddings', 'encoder']],
    [['embeddings', 'encoder.0', 'encoder.2'], 3, ['embeddings', 'encoder.1']],
  ] as const)('%j of four layers is that of %i layers with %j', async (freeze, layers, fewer) => {
    const [all, some, small] = [
      await open([]),
      await open(freeze),
      await open(fewer, { of: layersOf(layers) }),
    ];
    for (const { program } of [all, some, small]) await program.dispose();
    expect(afterTargets(some.nodes).sort()).toEqual(afterTargets(small.nodes).sort());
    expect(afterTargets(some.nodes).length).toBeLessThan(afterTargets(all.nodes).length);
    expect(afterTargets(some.nodes).length).toBeGreaterThan(10);
  });

  /** Nodes that read a parameter: the forward pass, and backward what passes its input's gradient on. */
  const readers = (nodes: readonly OnnxNode[], specs: readonly ParameterSpec[]): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const input of nodes.flatMap(({ inputs }) => inputs))
      counts.set(input, (counts.get(input) ?? 0) + 1);
    return new Map(specs.map(({ name }) => [name, counts.get(name) ?? 0]));
  };

  test.each([
    // The lowest trained layer passes nothing on from its three projections.
    [['embeddings'], /layer\.0\.attention\.self\.(query|key|value)\.weight/],
    [['embeddings', 'encoder.0-1'], /layer\.[01]\..*weight|layer\.2\.attention\.self\.\w+\.weight/],
    [['embeddings', 'encoder'], /layer\..*weight|^projection\.weight/],
    // What lies below is trained: gradients pass through.
    [['encoder.2'], /^nothing/],
    [['encoder.0-1'], /^nothing/],
  ] as const)('%j: gradients pass through all weights but %s', async (freeze, none) => {
    const { params, logits } = buildSystem(new Graph(), config, noDropout);
    const forward = readers(onnx(toOnnx({ logits }).bytes).nodes, params.specs);
    const [all, some] = [await open([]), await open(freeze)];
    await Promise.all([all.program.dispose(), some.program.dispose()]);
    const full = readers(all.nodes, params.specs);
    // Norms and tables are read in other ways too.
    const dense = /(dense|query|key|value|projection)\.weight$/;
    const found = [...readers(some.nodes, params.specs)].filter(([name]) => dense.test(name));
    expect(found).toHaveLength(4 * 6 + 1);
    for (const [name] of found) expect(full.get(name), name).toBeGreaterThan(forward.get(name) ?? Infinity);
    for (const [name, count] of found) expect(count, name).toBe((none.test(name) ? forward : full).get(name));
    const frozen = freezeParts(params.specs, freeze).filter((spec) => spec.frozen);
    for (const { name } of frozen) expect(some.outputs.join('\n')).not.toContain(name);
    expect(some.program.trained).toHaveLength(params.specs.length - frozen.length);
  });

  test.each([
    [['encoder.2'], 0],
    [['encoder.0-1'], 0.1],
    [['embeddings', 'encoder.0', 'encoder.2'], 0.1],
  ] as const)('with %j the gradients of the rest are as they were (dropout %d)', async (freeze, dropout) => {
    const items = trainingItems(corpus.train.slice(0, 3), config);
    const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
    const differentiate = async (parts: readonly string[]) => {
      const { program } = await open(parts, { dropout });
      const grads = new Map(
        program.trained.map(({ name, shape: dims }) => [
          name,
          new Float32Array(dims.reduce((a, b) => a * b, 1)),
        ]),
      );
      const gradient = (name: string): Float32Array => {
        const found = grads.get(name);
        if (!found) throw new Error(`a gradient of ${name}`);
        return found;
      };
      const rng = Rng.fromSeed(1);
      const loss = await program.run(items, drawn(program.specs), gradient, { pairs, add: false, rng });
      await program.dispose();
      return { loss, grads };
    };
    const [all, some] = [await differentiate([]), await differentiate(freeze)];
    expect(some.loss).toBeCloseTo(all.loss, 6);
    const layer = /embeddings|layer\.\d/;
    const parts = new Set([...some.grads.keys()].map((name) => layer.exec(name)?.[0]));
    expect(parts.has('layer.2')).toBe(!freeze.some((part) => part === 'encoder.2'));
    expect(parts.has('layer.3')).toBe(true);
    const expected = new Map([...all.grads].filter(([name]) => some.grads.has(name)));
    expect(expected.size).toBe(some.grads.size);
    expect(differing(some.grads, expected, 1e-5)).toEqual([]);
  });
});

describe('a run', () => {
  const folder = temporaryFolder();
  const files = writeCorpus(join(folder, 'corpus'), 12);
  const checkpoint = join(folder, 'checkpoint');
  let runs = 0;
  const freshFolder = (): string => join(folder, `run-${runs++}`);
  const request = (options: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
    system: 'bert',
    encoder: checkpoint,
    train: [files.train],
    dev: files.dev,
    ...LEARNING,
    batchDocuments: 4,
    epochs: 2,
    evaluateEvery: 1,
    ...options,
  });
  const valuesOf = (path: string): Map<string, Float32Array> =>
    new Map([...readSafetensors(path).tensors].map(([name, tensor]) => [name, toFloat32(tensor)]));
  /** Parameters of the saved model whose bytes are those of `before`. */
  const unchanged = (out: string, before: ReadonlyMap<string, Float32Array>): string[] =>
    [...valuesOf(join(out, 'model.safetensors'))]
      .filter(([name, values]) => {
        const first = before.get(name);
        return first !== undefined && Buffer.from(values.buffer).equals(Buffer.from(first.buffer));
      })
      .map(([name]) => name)
      .sort();
  const written = async (): Promise<Map<string, Float32Array>> => {
    writeCheckpoint(checkpoint, await loadDocuments(files.train));
    return valuesOf(join(checkpoint, 'model.safetensors'));
  };

  test.each([
    [['embeddings'], /^bert\.embeddings\./],
    [['encoder.0'], /^bert\.encoder\.layer\.0\./],
    [['embeddings,encoder'], /^bert\.(embeddings|encoder)\./],
  ])('%j keeps exactly the bytes of the checkpoint, in both steps', async (freeze, expected) => {
    const first = await written();
    const out = freshFolder();
    await trainFully(request({ twoStep: true, freeze }), out);
    const names = [...first.keys()].filter((name) => expected.test(name)).sort();
    expect(names.length).toBeGreaterThan(4);
    for (const step of ['step-1', 'step-2']) expect(unchanged(join(out, step), first)).toEqual(names);
  });

  test('random weights stay too', async () => {
    const out = freshFolder();
    const options = { encoder: 'tiny', vocabularySize: 300, epochs: 1, freeze: ['embeddings', 'encoder.0'] };
    await trainFully(request(options), out);
    const size = valuesOf(join(out, 'model.safetensors')).get(
      'bert.embeddings.word_embeddings.weight',
    )?.length;
    const encoder = { ...shape, vocabularySize: (size ?? 0) / 128, width: 128, intermediateWidth: 512 };
    const whole = configOf({ mode: 'corrected', task: 'relation' }, { ...encoder, initialDeviation: 0.02 });
    const { specs } = buildSystem(new Graph(), whole, noDropout).params;
    const expected = specs.map(({ name }) => name).filter((name) => /embeddings\.|layer\.0/.test(name));
    expect(unchanged(out, initialValues(specs, 1))).toEqual(expected.sort());
  });

  test.each([
    ['a checkpoint', {}],
    ['random weights', { encoder: 'tiny', vocabularySize: 300 }],
  ])('from %s, stopped after any step and resumed, ends with the same bytes', async (_, options) => {
    await written();
    const asked = request({ ...options, freeze: ['embeddings', 'encoder.0'] });
    const whole = freshFolder();
    await trainFully(asked, whole);
    for (const after of [1, 4]) {
      const out = freshFolder();
      const stop = new AbortController();
      let steps = 0;
      for await (const event of trainSystem(requestSchema.parse(asked), out, { signal: stop.signal })) {
        if (event.kind === 'stage' && event.event.kind === 'step' && ++steps === after) stop.abort();
      }
      const kept = [...readSafetensors(join(out, 'checkpoint.safetensors')).tensors.keys()];
      expect(kept.some((name) => name.includes('projection.weight'))).toBe(true);
      expect(kept.filter((name) => /embeddings\.|layer\.0/.test(name))).toEqual([]);
      const { events } = await trainFully(asked, out);
      const start = events.find((event) => event.kind === 'stage');
      expect(start?.event).toMatchObject({ kind: 'start', from: after });
      expect(filesOf(out)).toEqual(filesOf(whole));
    }
  });

  test('goes on with the parts that it began with, and no others', async () => {
    await written();
    const out = freshFolder();
    await trainFully(request({ epochs: 1, freeze: ['embeddings'] }), out);
    await expect(trainFully(request({ epochs: 1, freeze: [] }), out)).rejects.toMatchObject({
      code: 'E_RUN_DIFFERS',
      message: expect.stringContaining('freeze differs') as string,
    });
  });

  test('from a hub id: what is frozen is read again from the cache, and must be the same', async () => {
    vi.stubEnv('HOME', folder);
    const cached = join(folder, '.cache/relata/encoders/some-one--some-bert/main');
    writeCheckpoint(cached, await loadDocuments(files.train));
    const asked = request({ encoder: 'some-one/some-bert', epochs: 1, freeze: ['embeddings'] });
    const out = freshFolder();
    await trainFully(asked, out);
    const path = join(cached, 'model.safetensors');
    expect(unchanged(out, valuesOf(path))).toHaveLength(5);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(1, bytes.length - 8));
    await expect(trainFully(asked, out)).rejects.toMatchObject({
      code: 'E_DATA_CHANGED',
      message: expect.stringContaining(path) as string,
    });
    vi.unstubAllEnvs();
  });
});

/** Every file of a finished run by name, without what depends on the clock. */
function filesOf(out: string): Record<string, string> {
  const names = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  const content = (name: string): string =>
    readFileSync(join(out, name), 'latin1').replaceAll(/"(seconds|memory|waiting)":[\d.e-]+/g, '');
  return Object.fromEntries(names.sort().map((name) => [name, content(name)]));
}
