/** Exported programs: the scores of the model that they come from, and a file that others can use. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { Document } from '../../src/data/document.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { Graph } from '../../src/graph/graph.ts';
import { toOnnx } from '../../src/graph/onnx.ts';
import { encoderSource } from '../../src/models/encoder-source.ts';
import { type ExportedProgram, exportSystem } from '../../src/models/export.ts';
import { loadModel, type Precision } from '../../src/models/model-folder.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { scoreDocuments } from '../../src/models/score.ts';
import { buildSystem, wordSystems } from '../../src/models/systems.ts';
import { describe as describeInput } from '../../src/models/program.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { predict } from '../../src/prediction/predict.ts';
import { Session } from '../../src/runtime/session.ts';
import { onnxOfOtherFile, readOnnx } from '../graph/onnx-file.ts';
import { saveBert, saveTwoStepBert, saveWords } from './saved.ts';
import { configOf, corpus, difference, relations, shape } from './tiny.ts';
import * as words from './words.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());
const engine = { threads: 1 };
const pieces = corpus.test.slice(0, 4);

/** Everything that is written, program by program. */
async function exported(from: string, to: string, precision: Precision): Promise<ExportedProgram[]> {
  const programs: ExportedProgram[] = [];
  for await (const program of exportSystem(join(folder, from), join(folder, to), precision))
    programs.push(program);
  return programs;
}

/** All logits of the documents, and which pairs are open, by the system in `name`. */
async function score(
  name: string,
  docs: readonly Document[],
): Promise<{ logits: Float32Array; pairs: string[] }> {
  const system = await openSystem(join(folder, name), engine);
  const logits: number[] = [];
  const pairs: string[] = [];
  const features = docs.map((doc) => documentFeatures(doc, system.relations, system.encode));
  for await (const scores of scoreDocuments(system.models, features)) {
    logits.push(...scores.logits);
    pairs.push(...scores.pairs.map(({ head, tail }) => `${scores.features.title} ${head} ${tail}`));
  }
  await system.dispose();
  return { logits: Float32Array.from(logits), pairs };
}

async function factsOf(name: string, docs: readonly Document[], theta: number): Promise<string[]> {
  const system = await openSystem(join(folder, name), engine);
  const found: string[] = [];
  for await (const { facts } of predict(system, docs, { theta }))
    found.push(...facts.map(({ title, head, tail, relation }) => `${title} ${head} ${tail} ${relation}`));
  await system.dispose();
  return found.sort();
}

const onnx = (name: string) => readOnnx(readFileSync(join(folder, name, 'model.onnx')));

beforeAll(() => {
  saveBert(join(folder, 'bert'));
  saveTwoStepBert(join(folder, 'two-step'));
  saveWords(join(folder, 'bilstm'), { system: 'bilstm', mode: 'corrected' });
});

describe('fp32', () => {
  test.each([
    ['bert', pieces, ['']],
    ['two-step', pieces, ['step-1', 'step-2']],
    ['bilstm', words.documents, ['']],
  ])('%s has the scores and facts of the trained model', async (name, docs, parts) => {
    const programs = await exported(name, `${name} fp32`, 'fp32');
    expect(programs.map(({ part, rounded }) => [part, rounded])).toEqual(parts.map((part) => [part, 0]));
    for (const { part, before, after } of programs) {
      const sizes = ['model.onnx', 'pairs.onnx'].map(
        (file) => statSync(join(folder, `${name} fp32`, part, file)).size,
      );
      expect(after).toBe(sizes.reduce((a, b) => a + b));
      expect(after).toBeGreaterThan(before * 0.9);
      expect(existsSync(join(folder, `${name} fp32`, part, 'model.safetensors'))).toBe(false);
    }
    const [own, original] = [await score(`${name} fp32`, docs), await score(name, docs)];
    expect(original.logits.length).toBeGreaterThan(10);
    expect(own.pairs).toEqual(original.pairs);
    expect(difference(own.logits, original.logits)).toBeLessThan(1e-5);
    const facts = await factsOf(`${name} fp32`, docs, 0.5);
    expect(facts.length).toBeGreaterThan(0);
    expect(facts).toEqual(await factsOf(name, docs, 0.5));
  });

  test.each(words.systemKinds)('$system, $mode has the scores of the trained model', async (kind) => {
    const name = `${kind.system} ${kind.mode}`;
    saveWords(join(folder, name), kind);
    await exported(name, `${name} fp32`, 'fp32');
    const [own, original] = [
      await score(`${name} fp32`, words.documents),
      await score(name, words.documents),
    ];
    expect(difference(own.logits, original.logits)).toBeLessThan(1e-5);
  });

  test('bert, faithful has the scores of the trained model', async () => {
    saveBert(join(folder, 'faithful'), { mode: 'faithful' });
    await exported('faithful', 'faithful fp32', 'fp32');
    const [own, original] = [await score('faithful fp32', pieces), await score('faithful', pieces)];
    expect(difference(own.logits, original.logits)).toBeLessThan(1e-5);
  });
});

describe('int8', () => {
  test('rounds the matrices of the encoder, three bytes less a weight, and scores stay close', async () => {
    const [{ after: whole = 0 } = {}] = await exported('bert', 'bert fp32', 'fp32');
    const [program] = await exported('bert', 'bert int8', 'int8');
    expect(program).toMatchObject({ part: '', rounded: 6 * shape.layers });
    const { width, intermediateWidth, layers } = shape;
    const entries = layers * (4 * width * width + 2 * width * intermediateWidth);
    const saved = whole - (program?.after ?? 0);
    expect(saved).toBeGreaterThan(2.5 * entries);
    expect(saved).toBeLessThan(3 * entries);
    const [own, original] = [await score('bert int8', pieces), await score('bert', pieces)];
    const error = difference(own.logits, original.logits);
    expect(error).toBeGreaterThan(1e-4); // it is another program
    // 0.024 with dot products of 8 bits (VNNI); weights are ten times as large as BERT's.
    expect(error).toBeLessThan(0.1);
  });

  test('two steps let nearly the same pairs through', async () => {
    const programs = await exported('two-step', 'two-step int8', 'int8');
    expect(programs.map(({ part, rounded }) => [part, rounded])).toEqual([
      ['step-1', 6 * shape.layers],
      ['step-2', 6 * shape.layers],
    ]);
    const [own, original] = [await score('two-step int8', pieces), await score('two-step', pieces)];
    const shared = own.pairs.filter((pair) => original.pairs.includes(pair)).length;
    expect(original.pairs.length).toBeGreaterThan(10);
    expect(shared).toBeGreaterThan(0.8 * Math.max(own.pairs.length, original.pairs.length));
  });

  test('is refused where there is no encoder', async () => {
    await expect(exported('bilstm', 'nothing', 'int8')).rejects.toMatchObject({
      code: 'E_USAGE',
      exit: 2,
      message: expect.stringContaining('a model of bilstm'),
    });
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
  });
});

describe('the file', () => {
  test.each(['bert', 'bilstm'])(
    'of %s says what goes in and what comes out; weights are inside',
    async (name) => {
      await exported(name, `${name} file`, 'fp32');
      const { inputs, outputs, initializers, properties } = onnx(`${name} file`);
      const values = [...inputs, ...outputs].map((value) => value.name);
      expect(Object.keys(properties).sort()).toEqual([...values].sort());
      for (const value of values) expect(properties[value]).toBe(describeInput(value));
      const { specs } = buildSystem(new Graph(), loadModel(join(folder, name)).config, noDropout).params;
      const parameters = new Set(specs.map((spec) => spec.name));
      expect(inputs.filter((input) => parameters.has(input.name))).toEqual([]);
      expect(initializers.filter((initializer) => parameters.has(initializer)).length).toBeGreaterThan(5);
      // All sizes of a batch stay open.
      const sizes = new Set(
        inputs.flatMap((input) => input.shape).filter((size) => typeof size === 'string'),
      );
      for (const size of 'NUTWEBMP') expect(sizes).toContain(size);
      expect(outputs.map(({ name: output, shape: dims }) => [output, dims[0]])).toEqual([
        ['logits', 'P'],
        ['entities', 'E'],
      ]);

      const pairs = readOnnx(readFileSync(join(folder, `${name} file`, 'pairs.onnx')));
      for (const value of [...pairs.inputs, ...pairs.outputs])
        expect(pairs.properties[value.name]).toBe(describeInput(value.name));
      expect(pairs.inputs.map(({ name: input, shape: dims }) => [input, ...dims]).sort()).toEqual([
        ['headDistance', 'P'],
        ['heads', 'H', 128],
        ['places', 'P'],
        ['tailDistance', 'P'],
        ['tails', 'T', 128],
      ]);
      expect(pairs.outputs.map((value) => value.name)).toEqual(['logits']);
      // The scorer's weights alone.
      const { size } = statSync(join(folder, `${name} file`, 'pairs.onnx'));
      expect(size).toBeLessThan(1.1 * 4 * relations.size * 148 * 148);
    },
  );

  test('of Context-Aware is one, without entity vectors: pairs depend on each other', async () => {
    saveWords(join(folder, 'attends'), { system: 'context-aware', mode: 'corrected' });
    await exported('bilstm', 'attends fp32', 'fp32');
    expect(existsSync(join(folder, 'attends fp32', 'pairs.onnx'))).toBe(true);
    await exported('attends', 'attends fp32', 'fp32');
    expect(existsSync(join(folder, 'attends fp32', 'pairs.onnx'))).toBe(false);
    expect(onnx('attends fp32').outputs.map(({ name }) => name)).toEqual(['logits']);
  });

  test.each([
    { ...configOf({ mode: 'corrected', task: 'relation' }) },
    { ...configOf({ mode: 'faithful', task: 'existence' }) },
    ...wordSystems.map((system) => words.configOf({ system, mode: 'corrected', task: 'relation' })),
  ])('has words for every input of $system, $mode', (config) => {
    const { params, logits } = buildSystem(new Graph(), config, noDropout);
    const inputs = toOnnx({ logits }).inputs.filter((name) => !params.values.has(name));
    const unsaid = inputs.filter((name) => !/: \[[^\]]+\]$/.test(describeInput(name) ?? ''));
    expect(unsaid).toEqual([]);
  });

  test('runs fused operators, and products of integers with int8', async () => {
    await exported('bert', 'fused fp32', 'fp32');
    await exported('bert', 'fused int8', 'int8');
    const { layers } = shape;
    const [whole, rounded] = [onnx('fused fp32').operators, onnx('fused int8').operators];
    const fused = {
      // Of attention, and two of the pair scorer.
      FusedMatMul: layers + 2,
      LayerNormalization: 2 * layers + 1,
      Gelu: layers,
    };
    expect(whole).toMatchObject(fused);
    expect(whole).not.toHaveProperty('Erf');
    expect(whole['DynamicQuantizeMatMul']).toBeUndefined();
    expect(rounded).toMatchObject({ ...fused, DynamicQuantizeMatMul: 6 * layers });
  });
});

describe('errors', () => {
  /** A copy of an exported model whose program is replaced. */
  const withProgram = (name: string, program: Uint8Array | undefined): string => {
    const place = join(folder, name);
    cpSync(join(folder, 'sound'), place, { recursive: true });
    if (program) writeFileSync(join(place, 'model.onnx'), program);
    else rmSync(join(place, 'model.onnx'));
    return place;
  };
  const program = (): Buffer => readFileSync(join(folder, 'sound', 'model.onnx'));
  beforeAll(async () => exported('bert', 'sound', 'fp32'));

  test('an exported model is not exported again, and nothing is written', async () => {
    await expect(exported('sound', 'again', 'int8')).rejects.toMatchObject({
      code: 'E_EXPORTED',
      exit: 2,
      message: expect.stringContaining('to be exported again, got an exported one'),
    });
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  test('an exported model is no encoder to train', async () => {
    await expect(
      encoderSource(join(folder, 'sound'), { vocabulary: () => Promise.reject(new Error('not asked for')) }),
    ).rejects.toMatchObject({
      code: 'E_EXPORTED',
      exit: 2,
      message: expect.stringContaining('trained further'),
    });
  });

  test('a trained model is not overwritten', async () => {
    saveBert(join(folder, 'other'));
    saveTwoStepBert(join(folder, 'other two'));
    for (const to of ['other', 'other two', 'bert']) {
      const before = readFileSync(join(folder, to, 'config.json'), 'utf8');
      await expect(exported('bert', to, 'fp32')).rejects.toMatchObject({ code: 'E_FILE_EXISTS', exit: 2 });
      expect(readFileSync(join(folder, to, 'config.json'), 'utf8')).toBe(before);
    }
    // Nor a checkpoint of others, whose weights have another name.
    mkdirSync(join(folder, 'checkpoint'));
    writeFileSync(join(folder, 'checkpoint', 'config.json'), '{"model_type":"bert"}');
    await expect(exported('bert', 'checkpoint', 'fp32')).rejects.toMatchObject({
      code: 'E_FILE_EXISTS',
      message: expect.stringContaining(join('checkpoint', 'config.json')),
    });
    expect(readdirSync(join(folder, 'checkpoint'))).toEqual(['config.json']);
    // But an exported one is.
    await exported('bert', 'twice', 'fp32');
    await exported('bert', 'twice', 'int8');
    expect(loadModel(join(folder, 'twice')).about.exported).toEqual({ precision: 'int8' });
  });

  test('a program that is missing is said to be', async () => {
    await expect(openSystem(withProgram('missing', undefined), engine)).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
      exit: 4,
      message: expect.stringContaining('the program of an exported model'),
    });
  });

  test.each([
    ['cut off', () => program().subarray(0, program().length / 2)],
    ['empty', () => new Uint8Array()],
    ['random bytes', () => Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)],
  ])('a program that is %s is refused by name', async (what, bytes) => {
    await expect(openSystem(withProgram(what, bytes()), engine)).rejects.toMatchObject({
      code: 'E_PROGRAM',
      exit: 3,
      message: expect.stringContaining(join(what, 'model.onnx')),
      help: expect.stringContaining('relata export'),
    });
  });

  test('a second program that is cut off is refused by name, when a long document needs it', async () => {
    const place = withProgram('second', undefined);
    cpSync(join(folder, 'sound', 'model.onnx'), join(place, 'model.onnx'));
    const path = join(place, 'pairs.onnx');
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
    const system = await openSystem(place, engine);
    const found: number[] = [];
    for await (const { facts } of predict(system, pieces)) found.push(facts.length);
    expect(found).toHaveLength(pieces.length);
    const limits = { pieces: 0, words: 0, logits: 0, block: 1000 };
    await expect(predict(system, pieces, { limits }).next()).rejects.toMatchObject({
      code: 'E_PROGRAM',
      message: expect.stringContaining(path),
    });
    await system.dispose();
  });

  test.each(['/etc/hosts', '../secret', 'x/../../secret'])('a program does not read %s', async (location) => {
    const place = withProgram(
      `reads ${location.replaceAll('/', ' ')}`,
      onnxOfOtherFile('logits', [1, 2], location),
    );
    writeFileSync(join(folder, 'secret'), Float32Array.of(1, 2));
    await expect(openSystem(place, engine)).rejects.toMatchObject({ code: 'E_PROGRAM' });
    // The same form with data beside it is taken: it is the place that is refused.
    const inside = withProgram('reads inside', onnxOfOtherFile('logits', [1, 2], 'inside'));
    writeFileSync(join(inside, 'inside'), new Uint8Array(Float32Array.of(1, 2).buffer));
    await (await openSystem(inside, engine)).dispose();
  });

  test('a program with another output is refused when it has run', async () => {
    const other = withProgram('another', onnxOfOtherFile('logits', [1, 2], 'numbers'));
    writeFileSync(join(other, 'numbers'), new Uint8Array(Float32Array.of(1, 2).buffer));
    await expect(score('another', pieces)).rejects.toMatchObject({
      code: 'E_FIELD',
      exit: 3,
      message: expect.stringMatching(/whose output "logits" is \[\d+, 15\], got \[1, 2\] \(/),
    });
    const nameless = withProgram('nameless', onnxOfOtherFile('scores', [1, 2], 'numbers'));
    writeFileSync(join(nameless, 'numbers'), new Uint8Array(Float32Array.of(1, 2).buffer));
    await expect(score('nameless', pieces)).rejects.toThrow('none of that name');
    // As many classes, but not a row for each pair.
    const short = withProgram('short', onnxOfOtherFile('logits', [1, relations.size], 'numbers'));
    writeFileSync(join(short, 'numbers'), new Uint8Array(4 * relations.size));
    await expect(score('short', pieces)).rejects.toThrow(`got [1, ${relations.size}]`);
  });

  test('an export that fails leaves whole files only, and no config.json', async () => {
    const open = vi.spyOn(Session, 'open');
    open.mockImplementationOnce(async (_, options) => {
      writeFileSync(options?.foldedInto ?? '', 'half of');
      throw new Error('out of space');
    });
    await expect(exported('bert', 'failed', 'fp32')).rejects.toThrow('out of space');
    expect(readdirSync(join(folder, 'failed'))).toEqual([]);

    // Over an earlier export, of which nothing then says that it is one.
    await exported('bert', 'failed', 'fp32');
    open.mockImplementationOnce(() => Promise.reject(new Error('out of memory')));
    await expect(exported('bert', 'failed', 'int8')).rejects.toThrow('out of memory');
    expect(existsSync(join(folder, 'failed', 'config.json'))).toBe(false);

    // The second step fails: the first stands, but nothing says that the folder is a model.
    rmSync(join(folder, 'failed'), { recursive: true });
    await exported('two-step', 'failed', 'fp32');
    cpSync(join(folder, 'two-step'), join(folder, 'broken'), { recursive: true });
    const weights = join(folder, 'broken', 'step-2', 'model.safetensors');
    writeFileSync(weights, readFileSync(weights).subarray(0, 1000));
    await expect(exported('broken', 'failed', 'fp32')).rejects.toMatchObject({ code: 'E_SAFETENSORS' });
    expect(existsSync(join(folder, 'failed', 'config.json'))).toBe(false);
    rmSync(join(folder, 'failed'), { recursive: true });
    await expect(exported('broken', 'failed', 'fp32')).rejects.toMatchObject({ code: 'E_SAFETENSORS' });
    expect(readdirSync(join(folder, 'failed'), { recursive: true }).map(String).sort()).toEqual([
      'step-1',
      ...['config.json', 'model.onnx', 'pairs.onnx', 'tokenizer_config.json', 'vocab.txt'].map((file) =>
        join('step-1', file),
      ),
    ]);
    await expect(openSystem(join(folder, 'failed'), engine)).rejects.toMatchObject({
      code: 'E_FILE_MISSING',
    });
  });
});
