/** Saved models: what is written is what is opened, to the bit; what does not fit is refused. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readJson, writeJson } from '../../src/core/files.ts';
import { readSafetensors, writeSafetensors } from '../../src/core/safetensors.ts';
import type { Item } from '../../src/features/batch.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { allPairs, type Task } from '../../src/features/task.ts';
import { readBertConfig } from '../../src/models/bert-config.ts';
import { encoderSource } from '../../src/models/encoder-source.ts';
import {
  loadModel,
  readModelConfig,
  relationsToSave,
  saveModel,
  saveTwoStep,
  type SingleModel,
} from '../../src/models/model-folder.ts';
import { openModel, openSystem } from '../../src/models/open-system.ts';
import { PairModel } from '../../src/models/pair-model.ts';
import { initialValues, type ParameterSpec } from '../../src/nn/parameters.ts';
import {
  configOf,
  corpus,
  drawn,
  kinds,
  relations,
  shape,
  trainingItems,
  vocabulary,
  vocabularyOf,
} from './tiny.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-models-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const engine = { threads: 1 };

const about = (task: Task, changes: Partial<SingleModel> = {}): SingleModel => ({
  format: 1,
  system: 'bert',
  steps: 1,
  task,
  relations: relationsToSave(relations),
  mode: 'corrected',
  text: 'plain',
  without: [],
  theta: 0.25,
  scores: { f1: 0.5, theta: null },
  training: { seed: 1 },
  ...changes,
});

/** Saves a model with random weights. */
async function save(
  place: string,
  task: Task,
  options: {
    changes?: Partial<SingleModel>;
    pieces?: typeof vocabulary;
    encoder?: typeof shape;
    seed?: number;
  } = {},
): Promise<readonly ParameterSpec[]> {
  const { changes = {}, pieces = vocabulary, encoder = shape, seed = 1 } = options;
  const saved = about(task, changes);
  const config = { ...configOf({ mode: saved.mode, task }, encoder), relations: saved.relations.length };
  const model = await PairModel.open(config, engine);
  const parameter = drawn(model.specs, seed);
  saveModel(place, {
    about: saved,
    config,
    vocabulary: { reads: 'pieces', vocabulary: pieces },
    specs: model.specs,
    parameter,
  });
  await model.dispose();
  return model.specs;
}

const twoStepAbout = {
  format: 1,
  system: 'bert',
  steps: 2,
  relations: relationsToSave(relations),
  mode: 'corrected',
  text: 'plain',
  theta: 0.5,
  scores: {},
  training: {},
} as const;

async function saveBoth(
  name: string,
  first: Parameters<typeof save>[2] = {},
  second: Parameters<typeof save>[2] = {},
): Promise<string> {
  const place = join(folder, name);
  await save(join(place, 'step-1'), 'existence', first);
  await save(join(place, 'step-2'), 'related-relation', { seed: 2, ...second });
  saveTwoStep(place, twoStepAbout);
  return place;
}

describe.each(kinds)('$mode $task', ({ mode, task }) => {
  test('a saved model gives the same logits to the bit', async () => {
    const config = configOf({ mode, task });
    const items = trainingItems(corpus.train.slice(0, 2), config);
    const place = join(folder, `${mode} ${task}`);
    const specs = await save(place, task, { changes: { mode } });
    const own = await PairModel.open(config, engine);
    const expected = await own.run(items, drawn(specs));
    await own.dispose();

    const opened = await openModel(place, engine);
    expect(opened.loaded.about).toEqual(about(task, { mode }));
    expect(opened.loaded.config).toEqual(config);
    const read = opened.loaded.vocabulary;
    expect(read.reads === 'pieces' && read.vocabulary.pieces).toEqual(vocabulary.pieces);
    expect(opened.loaded.relations.ids).toEqual(relations.ids);
    expect(expected.some((x) => x !== 0)).toBe(true);
    const logits = await opened.model.run(items, opened.parameter);
    expect(Buffer.from(logits.buffer, logits.byteOffset, logits.byteLength)).toEqual(
      Buffer.from(expected.buffer, expected.byteOffset, expected.byteLength),
    );
    await opened.model.dispose();
  });
});

describe('openSystem', () => {
  let place: string;
  beforeAll(async () => {
    place = await saveBoth('both');
    await save(join(folder, 'one'), 'relation', { changes: { text: 'sentence-cls' } });
  });

  test('opens one step, with the text that it was trained on', async () => {
    const system = await openSystem(join(folder, 'one'), engine);
    expect(system.models.kind).toBe('one-step');
    expect(system.about.theta).toBe(0.25);
    expect(system.encode).toMatchObject({ mode: 'corrected', text: 'sentence-cls', positions: 512 });
    expect(system.relations.relationName('P19')).toBe('place of birth');
    // Its features are those of the model's own vocabulary: the encoder takes them.
    const [doc] = corpus.dev;
    if (!doc) throw new Error('the corpus has a dev document');
    const features = documentFeatures(doc, system.relations, system.encode);
    const item: Item = { features, pairs: allPairs(features) };
    const { model, parameter } = system.models.relation;
    expect(await model.run([item], parameter)).toHaveLength(item.pairs.length * relations.size);
    await system.dispose();
  });

  test('opens two steps, each with its own weights', async () => {
    const system = await openSystem(place, engine);
    if (system.models.kind !== 'two-step') throw new Error('two steps were saved');
    const { existence, relation } = system.models;
    expect([existence.model.classes, relation.model.classes]).toEqual([2, relations.size]);
    expect(existence.parameter('projection.weight')).toEqual(
      drawn(existence.model.specs, 1)('projection.weight'),
    );
    expect(relation.parameter('projection.weight')).toEqual(
      drawn(relation.model.specs, 2)('projection.weight'),
    );
    expect(system.about).toEqual(twoStepAbout);
    await system.dispose();
  });

  test.each([
    ['text variant', { changes: { text: 'sentence-cls' } }, 'plain and sentence-cls'],
    ['mode', { changes: { mode: 'faithful' } }, 'corrected and faithful'],
    [
      'relations',
      { changes: { relations: relationsToSave(relations).toReversed() } },
      `${relations.ids.slice(1).join(' ')} and `,
    ],
    // As many pieces, but other ones.
    [
      'vocabulary',
      { pieces: vocabularyOf(corpus.train.slice(0, 2), vocabulary.pieces.length) },
      '300 pieces',
    ],
    ['longest sequence', { encoder: { ...shape, positions: 128 } }, '512 and 128'],
  ] as const)('refuses steps that differ in %s', async (what, second, message) => {
    const other = await saveBoth(`differ in ${what}`, {}, second);
    await expect(openSystem(other, engine)).rejects.toMatchObject({
      code: 'E_STEPS_DIFFER',
      exit: 3,
      message: expect.stringMatching(
        new RegExp(`^Expected both steps to have the same ${what}, got .*${message}`),
      ),
    });
  });

  test('refuses a step alone, and two steps where one model is meant', async () => {
    await expect(openSystem(join(place, 'step-1'), engine)).rejects.toThrow('step 1 alone');
    await expect(openSystem(join(place, 'step-2'), engine)).rejects.toThrow('step 2 alone');
    expect(() => loadModel(place)).toThrow('got two steps');
  });

  test('refuses steps in the wrong places', async () => {
    const swapped = join(folder, 'swapped');
    cpSync(join(place, 'step-1'), join(swapped, 'step-2'), { recursive: true });
    cpSync(join(place, 'step-2'), join(swapped, 'step-1'), { recursive: true });
    saveTwoStep(swapped, twoStepAbout);
    await expect(openSystem(swapped, engine)).rejects.toMatchObject({
      code: 'E_FIELD',
      message: expect.stringContaining('a model of the task "existence", got one of "related-relation"'),
    });
  });

  test('refuses folders that hold no saved model', async () => {
    await expect(openSystem(join(folder, 'nowhere'), engine)).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
    });
    const bare = join(folder, 'bare');
    cpSync(join(folder, 'one'), bare, { recursive: true });
    const config = readJson(join(bare, 'config.json')) as Record<string, unknown>;
    writeJson(join(bare, 'config.json'), { ...config, relata: undefined });
    expect(() => readModelConfig(bare)).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
    writeFileSync(
      join(bare, 'config.json'),
      readFileSync(join(folder, 'one', 'config.json')).subarray(0, 50),
    );
    expect(() => readModelConfig(bare)).toThrow(expect.objectContaining({ code: 'E_JSON' }));
  });

  test('refuses models of the form before the word-level systems, and says what to do', () => {
    const old = join(folder, 'old');
    const config = readJson(join(folder, 'one', 'config.json')) as { relata: Record<string, unknown> };
    for (const system of ['bert', 'bert-two-step']) {
      const { steps: _steps, without: _without, ...relata } = config.relata;
      writeJson(join(old, 'config.json'), { ...config, relata: { ...relata, system } });
      expect(() => readModelConfig(old)).toThrow(
        expect.objectContaining({ code: 'E_MODEL_OLD', help: expect.stringContaining('Train it again') }),
      );
    }
    writeJson(join(old, 'config.json'), { ...config, relata: { ...config.relata, steps: 3 } });
    expect(() => readModelConfig(old)).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
  });

  test('refuses weights of another shape, and a vocabulary larger than the encoder', async () => {
    const broken = join(folder, 'broken');
    cpSync(join(folder, 'one'), broken, { recursive: true });
    const path = join(broken, 'model.safetensors');
    const { tensors } = readSafetensors(path);
    tensors.delete('bilinear.bias');
    writeSafetensors(path, tensors);
    await expect(openSystem(broken, engine)).rejects.toMatchObject({
      code: 'E_PARAMETER',
      message: expect.stringContaining('bilinear.bias of shape [15], got none'),
    });
    writeFileSync(join(broken, 'vocab.txt'), `${vocabulary.pieces.join('\n')}\nmore\n`);
    expect(() => loadModel(broken)).toThrow('at most 300 pieces, as many as the encoder knows, got 301');
  });
});

describe('encoderSource', () => {
  test('a saved model is a checkpoint: its encoder, its vocabulary, a head drawn anew', async () => {
    const place = join(folder, 'one');
    expect(readBertConfig(place)).toEqual(shape);
    const source = await encoderSource(place, {
      vocabulary: () => Promise.reject(new Error('not asked for')),
    });
    expect(source).toMatchObject({ shape, pretrained: true });
    expect(source.vocabulary().pieces).toEqual(vocabulary.pieces);
    const model = await PairModel.open(configOf({ mode: 'corrected', task: 'existence' }), engine);
    const { values, ignored } = source.initial(model.specs, 7);
    const [saved, fresh] = [drawn(model.specs, 1), initialValues(model.specs, 7)];
    expect(values).toEqual(
      new Map(
        model.specs.map(({ name, group }) => [name, group === 'encoder' ? saved(name) : fresh.get(name)]),
      ),
    );
    expect(ignored.sort()).toEqual([
      'bilinear.bias',
      'bilinear.weight',
      'distance_embedding.weight',
      'projection.bias',
      'projection.weight',
    ]);
    await model.dispose();
  });

  test('a size has random weights and the vocabulary that is made for it', async () => {
    const source = await encoderSource('tiny', { vocabulary: () => vocabulary });
    expect(source.shape).toMatchObject({ width: 128, layers: 2, heads: 2, vocabularySize: 300 });
    expect([source.pretrained, source.vocabulary()]).toEqual([false, vocabulary]);
    const spec: ParameterSpec = {
      name: 'a',
      shape: [2],
      group: 'encoder',
      initial: (size, rng) => new Float32Array(size[0] ?? 0).fill(rng.uniform()),
      decay: false,
      rows: false,
      frozen: false,
    };
    expect(source.initial([spec], 3)).toEqual({ values: initialValues([spec], 3), ignored: [] });
  });

  test('anything else is an error that lists what there is', async () => {
    await expect(encoderSource('no such thing', { vocabulary: () => vocabulary })).rejects.toMatchObject({
      code: 'E_ENCODER',
      exit: 4,
      help: expect.stringContaining('tiny, mini, small, medium, base'),
    });
  });
});
