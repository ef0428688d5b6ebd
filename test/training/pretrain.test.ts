/** What a pretraining run learns, what it begins with, how it ends, and what it refuses. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { readJson } from '../../src/core/files.ts';
import { readSafetensors, writeSafetensors } from '../../src/core/safetensors.ts';
import { encoderSource } from '../../src/models/encoder-source.ts';
import { openFill } from '../../src/prediction/fill.ts';
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import type { PretrainEvent } from '../../src/training/pretrain-events.ts';
import { temporaryFolder } from '../cli/relata.ts';
import {
  type EventOf,
  filesOf,
  ofKind,
  QUICK,
  run,
  topics,
  writeMaskedModel,
  writeText,
} from './pretraining.ts';

const folder = temporaryFolder();
const text = writeText(join(folder, 'text.txt'));
const encoder = writeMaskedModel(join(folder, 'checkpoint'));
const base = { text: [text], encoder, steps: 2 };

let outs = 0;
const fresh = (): string => join(folder, `run-${outs++}`);
const resultOf = (events: readonly PretrainEvent[]): EventOf<'result'> => {
  const last = events.at(-1);
  if (last?.kind !== 'result') throw new Error(`ended with ${last?.kind}`);
  return last;
};
const refused = (code: string, words?: string): object =>
  expect.objectContaining({ code, ...(words !== undefined && { message: expect.stringContaining(words) }) });
const bytesOf = (out: string): string => readFileSync(join(out, 'model.safetensors'), 'latin1');

/** The cross-entropy of pieces that are drawn from the text at random: of topics that are as frequent. */
const entropy = [
  ...topics.flatMap(() => [6, 4, 3, 2, 1].map((weight) => (0.8 * weight) / 16 / topics.length)),
  0.2,
].reduce((sum, p) => sum - p * Math.log(p), 0);

describe('learning', () => {
  const out = fresh();
  let events: PretrainEvent[];
  beforeAll(async () => {
    const longer = writeText(join(folder, 'longer.txt'), { documents: 40 });
    events = await run(
      { ...base, text: [longer], steps: 250, updatePieces: 256, dropout: 0, learningRate: 2e-2 },
      out,
    );
  });

  test('the loss falls below what the frequency of pieces explains, and words of the topic are guessed', () => {
    const looks = ofKind(events, 'evaluation');
    const [first, last] = [looks[0], looks.at(-1)];
    expect(first?.loss).toBeGreaterThan(entropy);
    expect(last?.loss).toBeLessThan(entropy - 0.5);
    expect(last?.accuracy).toBeGreaterThan(0.35);
    expect(first?.accuracy).toBeLessThan(0.2);
    for (const { loss, perplexity } of looks) expect(perplexity).toBe(Math.exp(loss));
    const losses = ofKind(events, 'step').map(({ loss }) => loss);
    const mean = (some: readonly number[]): number => some.reduce((sum, x) => sum + x, 0) / some.length;
    expect(mean(losses.slice(-20))).toBeLessThan(mean(losses.slice(0, 20)) - 0.5);
    expect(resultOf(events).scores).toEqual({
      loss: last?.loss,
      perplexity: last?.perplexity,
      accuracy: last?.accuracy,
    });
  });

  test('which the saved model knows', async () => {
    const { fill, dispose } = await openFill(out, { threads: 1 });
    for (const words of topics) {
      const context = [...words, ...words].join(' ');
      const { masks } = await fill(`${context} [MASK] ${context}`, 3);
      const [best] = masks[0]?.guesses ?? [];
      expect([...words, '##s']).toContain(best?.piece);
    }
    await dispose();
  });
});

test('random weights know from the start how frequent pieces are', async () => {
  const begun = writeText(join(folder, 'begin.txt'), { documents: 40 });
  const out = fresh();
  const events = await run({ ...base, text: [begun], encoder: 'tiny', vocabularySize: 100, steps: 1 }, out);
  const [first] = ofKind(events, 'evaluation');
  const wordPiece = new WordPiece(loadVocabulary(out));
  const counts = new Map<number, number>();
  for (const word of readFileSync(begun, 'utf8').split(/\s+/))
    for (const id of wordPiece.pieces(word)) counts.set(id, (counts.get(id) ?? 0) + 1);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const known = [...counts.values()].reduce((sum, n) => sum - (n / total) * Math.log(n / total), 0);
  expect(first?.step).toBe(0);
  expect(known).toBeLessThan(Math.log(wordPiece.vocabulary.pieces.length) - 0.4);
  expect(Math.abs((first?.loss ?? Number.NaN) - known)).toBeLessThan(0.2);
});

describe('what an update is', () => {
  test('its parts do not matter but for rounding', async () => {
    const of = async (batchPieces: number): Promise<PretrainEvent[]> =>
      run({ ...base, steps: 3, updatePieces: 1024, batchPieces, dropout: 0 }, fresh());
    const [whole, parts] = [await of(1024), await of(512)].map((events) => ofKind(events, 'step'));
    expect(whole?.map(({ pieces }) => pieces)).toEqual([1024, 1024, 448]);
    for (const [i, { loss, norm, masked, pieces }] of (whole ?? []).entries()) {
      expect(parts?.[i]).toMatchObject({ masked, pieces });
      expect(parts?.[i]?.loss).toBeCloseTo(loss, 4);
      expect((parts?.[i]?.norm ?? 0) / norm).toBeCloseTo(1, 3);
    }
  });

  test('memory: low gives the same bits', async () => {
    const [normal, low] = [fresh(), fresh()];
    const losses = async (memory: string, out: string): Promise<number[]> =>
      ofKind(await run({ ...base, steps: 3, memory }, out), 'step').map(({ loss }) => loss);
    expect(await losses('low', low)).toEqual(await losses('normal', normal));
    expect(bytesOf(low) === bytesOf(normal)).toBe(true);
  });

  test('about 15 % of what it reads is guessed', async () => {
    const steps = ofKind(await run({ ...base, steps: 5, updatePieces: 1024 }, fresh()), 'step');
    const [masked, pieces] = [
      steps.reduce((sum, one) => sum + one.masked, 0),
      steps.reduce((sum, one) => sum + (one.pieces * 14) / 16, 0),
    ];
    expect(masked / pieces).toBeGreaterThan(0.13);
    expect(masked / pieces).toBeLessThan(0.16);
  });
});

describe('a budget', () => {
  test('of hours ends with the time, at a rate of 0, and its last tenth has long windows', async () => {
    let time = 0;
    const steps: EventOf<'step'>[] = [];
    const events = await run(
      { ...base, steps: undefined, hours: 0.05, longWindow: undefined, evaluations: 4 },
      fresh(),
      {
        now: () => time,
        stop: (event) => {
          if (event.kind === 'step') steps.push(event);
          // Every update takes 3 seconds, and the budget is 180.
          if (event.kind === 'step') time += 3;
          return false;
        },
      },
    );
    expect(steps).toHaveLength(60);
    expect(resultOf(events)).toMatchObject({ step: 60, seconds: 180 });
    const rates = steps.map(({ learningRate }) => learningRate);
    expect(Math.max(...rates)).toBeCloseTo(5e-3, 4);
    expect(rates.at(-1)).toBeLessThan(0.02 * 5e-3);
    expect(rates[1]).toBeLessThan(0.5 * 5e-3);
    expect(steps.map(({ window }) => window)).toEqual([
      ...Array.from({ length: 54 }, () => 16),
      ...Array.from({ length: 6 }, () => 160),
    ]);
    expect(steps.slice(54).map(({ pieces }) => pieces)).toEqual(Array.from({ length: 6 }, () => 160));
    expect(ofKind(events, 'evaluation').map(({ seconds }) => seconds)).toEqual([0, 45, 90, 135, 180]);
  });

  test('of hours that is over at once still gives a model', async () => {
    let time = 0;
    const out = fresh();
    const events = await run({ ...base, steps: undefined, hours: 1e-5, evaluations: 0 }, out, {
      now: () => time++,
    });
    expect(resultOf(events).step).toBe(0);
    expect(ofKind(events, 'evaluation')).toHaveLength(1);
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    expect(tensors).toEqual(readSafetensors(join(encoder, 'model.safetensors')).tensors);
  });

  test('of passes reads the text as often, also where an update is more than all of it', async () => {
    const passes = async (options: object): Promise<EventOf<'step'>[]> =>
      ofKind(
        await run({ ...base, steps: undefined, longShare: 0, evaluations: 0, ...options }, fresh()),
        'step',
      );
    const [about] = ofKind(await run({ ...base, steps: 1 }, fresh()), 'prepared');
    const { pieces: length } = about?.about ?? { pieces: 0 };
    const read = (await passes({ passes: 2 })).reduce((sum, { pieces }) => sum + (pieces * 14) / 16, 0);
    expect(read).toBeGreaterThan(2 * length - 2 * 28);
    expect(read).toBeLessThan(2 * length + 2 * 128);
    expect(await passes({ passes: 3, updatePieces: 4096 })).toHaveLength(3);
  });

  test('evaluations are spread over it, and there is always one at its end', async () => {
    const looks = async (evaluations: number): Promise<number[]> =>
      ofKind(await run({ ...base, steps: 10, evaluations }, fresh()), 'evaluation').map(({ step }) => step);
    expect(await looks(0)).toEqual([10]);
    expect(await looks(2)).toEqual([0, 5, 10]);
    expect(await looks(100)).toEqual([...Array(11).keys()]);
  });

  test('windows are at most what the encoder reads; an update has at least one', async () => {
    const steps = ofKind(
      await run({ ...base, window: 500, longWindow: undefined, longShare: 0.5 }, fresh()),
      'step',
    );
    expect(steps.map(({ window, pieces }) => [window, pieces])).toEqual([
      [160, 160],
      [160, 160],
    ]);
  });
});

describe('what it begins with', () => {
  const first = fresh();
  let ended: EventOf<'result'>;
  beforeAll(async () => {
    ended = resultOf(await run({ ...base, steps: 10 }, first));
  });

  test('a checkpoint: its weights, its head too, and its pieces', async () => {
    const events = await run({ ...base, encoder: first, steps: 1 }, fresh());
    const [look] = ofKind(events, 'evaluation');
    expect({ ...look }).toMatchObject({ step: 0, ...ended.scores });
    expect(ofKind(events, 'prepared')[0]?.about).toMatchObject({
      pretrained: true,
      vocabularyFrom: 'checkpoint',
      vocabulary: 26,
      documents: 12,
      words: 12 * 160,
    });
    expect(events.filter(({ kind }) => kind === 'ignored' || kind === 'no-head')).toEqual([]);
  });

  test('a checkpoint without a head: a random one, and it says so', async () => {
    const place = join(folder, 'headless');
    cpSync(first, place, { recursive: true });
    const path = join(place, 'model.safetensors');
    const { tensors } = readSafetensors(path);
    const own = [...tensors].filter(([name]) => !name.startsWith('cls.'));
    const pooler = 'bert.pooler.dense.bias';
    writeSafetensors(path, [...own, [pooler, { dtype: 'F32', shape: [1], data: new Float32Array(1) }]]);
    const out = fresh();
    const events = await run({ ...base, encoder: place, steps: 1, learningRate: 1e-30, weightDecay: 0 }, out);
    expect(events.slice(2, 5).map(({ kind }) => kind)).toEqual(['ignored', 'no-head', 'start']);
    expect(ofKind(events, 'ignored')).toEqual([{ kind: 'ignored', names: [pooler] }]);
    // The encoder's weights are the checkpoint's, the head's are not.
    const saved = readSafetensors(join(out, 'model.safetensors')).tensors;
    expect([...saved.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, { data }] of own) expect(saved.get(name)?.data, name).toEqual(data);
    const dense = 'cls.predictions.transform.dense.weight';
    expect(saved.get(dense)?.data).not.toEqual(tensors.get(dense)?.data);
    expect(saved.get(dense)?.data.some((x) => x !== 0)).toBe(true);
  });

  test('a fifth of the rate of random weights', async () => {
    const rates = await Promise.all(
      [{ encoder }, { encoder: 'tiny', vocabulary: join(encoder, 'vocab.txt') }].map(async (options) => {
        const stop = ({ kind }: PretrainEvent): boolean => kind === 'step';
        const events = await run({ ...base, ...options, learningRate: undefined }, fresh(), { stop });
        return ofKind(events, 'prepared')[0]?.about.learningRate;
      }),
    );
    expect(rates).toEqual([(0.256 / 16) * 0.2, 0.256 / 128]);
  });

  test.each([
    ['of a file', { vocabulary: join(encoder, 'vocab.txt') }, 'file'],
    ['of a folder', { vocabulary: encoder }, 'file'],
    ['built from the text', { vocabularySize: 100 }, 'text'],
    ['built from the text, with case', { vocabularySize: 100, cased: true }, 'text'],
  ] as const)('random weights and a vocabulary %s', async (_, options, from) => {
    const out = fresh();
    const cased = 'cased' in options;
    const capitals = writeText(join(folder, 'capitals.txt'), { documents: 20 });
    writeFileSync(capitals, readFileSync(capitals, 'utf8').replaceAll('ba', 'Ba'));
    const request = { ...base, text: [capitals], encoder: 'tiny', steps: 1, evaluations: 0, ...options };
    const events = await run(request, out);
    const saved = loadVocabulary(out);
    expect(ofKind(events, 'prepared')[0]?.about).toMatchObject({
      pretrained: false,
      vocabularyFrom: from,
      vocabulary: saved.pieces.length,
      shape: { vocabularySize: saved.pieces.length, width: 128 },
    });
    expect(saved.lowercase).toBe(!cased);
    expect(readJson(join(out, 'tokenizer_config.json'))).toMatchObject({ do_lower_case: !cased });
    expect(['ba', 'Ba'].map((piece) => saved.ids.has(piece))).toEqual([!cased, cased]);
    expect(saved.pieces.join() === loadVocabulary(encoder).pieces.join()).toBe(from === 'file');
    const doing = new Set(ofKind(events, 'text').map((event) => event.doing));
    expect([...doing]).toEqual([...(from === 'text' ? ['counting words'] : []), 'cutting into pieces']);
  });

  test('what it saves in 16 bits is an encoder too', async () => {
    const out = fresh();
    const { scores } = resultOf(await run({ ...base, half: true }, out));
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
    const source = await encoderSource(out, { vocabulary: () => loadVocabulary(out) });
    expect([source.pretrained, source.shape.vocabularySize]).toEqual([true, 26]);
    const [look] = ofKind(await run({ ...base, encoder: out, steps: 1 }, fresh()), 'evaluation');
    expect(look?.loss).not.toBe(scores.loss);
    expect(look?.loss).toBeCloseTo(scores.loss, 2);
  });
});

describe('a run that is gone on with', () => {
  /** A run that was stopped after an update, with files of its own. */
  async function stopped(): Promise<{ request: typeof base; out: string }> {
    const [out, own] = [fresh(), fresh()];
    cpSync(encoder, own, { recursive: true });
    const request = { ...base, text: [join(own, 'text.txt')], encoder: own };
    cpSync(text, join(own, 'text.txt'));
    await run(request, out, { stop: ({ kind }) => kind === 'step' });
    return { request, out };
  }
  const append = (path: string, more: string): void => writeFileSync(path, more, { flag: 'a' });

  test('must be the same', async () => {
    const { request, out } = await stopped();
    const before = filesOf(out);
    await expect(run({ ...request, seed: 2 }, out)).rejects.toEqual(refused('E_RUN_DIFFERS', 'seed differs'));
    await expect(run({ ...request, steps: undefined }, out)).rejects.toEqual(
      refused('E_RUN_DIFFERS', 'steps'),
    );
    append(join(request.encoder, 'config.json'), '\n');
    await expect(run(request, out)).rejects.toEqual(refused('E_DATA_CHANGED', 'config.json'));
    cpSync(join(encoder, 'config.json'), join(request.encoder, 'config.json'));
    append(request.text[0] ?? '', 'ba\n');
    await expect(run(request, out)).rejects.toEqual(refused('E_DATA_CHANGED', 'text.txt'));
    expect(filesOf(out)).toEqual(before);
    cpSync(text, request.text[0] ?? '');
    resultOf(await run(request, out));
  });

  test('must have the same text also where it was stopped before the text was cut', async () => {
    const { request, out } = await stopped();
    rmSync(join(out, 'text'), { recursive: true });
    append(request.text[0] ?? '', 'ba\n');
    await expect(run(request, out)).rejects.toEqual(refused('E_DATA_CHANGED', 'text.txt'));
  });

  test('and was finished is not run again', async () => {
    const out = fresh();
    const { kind: _, ...result } = resultOf(await run(base, out));
    const before = filesOf(out);
    // As it lies there when a process was killed before it could be removed.
    writeFileSync(join(out, 'checkpoint.safetensors'), '');
    expect(await run(base, out)).toEqual([{ kind: 'result', ...result }]);
    expect(filesOf(out)).toEqual(before);
  });

  test('and whose record was damaged says so', async () => {
    const out = fresh();
    await run(base, out);
    writeFileSync(join(out, 'finished.json'), '{}');
    await expect(run(base, out)).rejects.toEqual(refused('E_RUN_DAMAGED', 'finished.json'));
    rmSync(join(out, 'model.safetensors'));
    await expect(run(base, out)).rejects.toEqual(refused('E_RUN_DAMAGED', 'model.safetensors'));
    writeFileSync(join(out, 'pretrain.json'), '{}');
    await expect(run(base, out)).rejects.toEqual(refused('E_FIELD', 'pretrain.json'));
  });
});

describe('refused before anything is written', () => {
  test.each([
    ['a vocabulary beside a checkpoint', { vocabulary: encoder }, 'E_USAGE'],
    ['an encoder that is none', { encoder: join(folder, 'none') }, 'E_ENCODER'],
    ['a folder without a checkpoint', { encoder: folder }, 'E_FILE_MISSING'],
    ['a vocabulary that is missing', { encoder: 'tiny', vocabulary: join(folder, 'none') }, 'E_FILE_MISSING'],
    ['a text that is missing', { text: [text, join(folder, 'none')] }, 'E_FILE_MISSING'],
  ])('%s', async (_, options, code) => {
    const out = fresh();
    await expect(run({ ...base, ...options }, out)).rejects.toEqual(refused(code));
    expect(existsSync(out)).toBe(false);
  });

  test('of two budgets the second', async () => {
    await expect(run({ ...base, hours: 1 }, fresh())).rejects.toThrow('left out beside');
  });
});

describe('an error leaves no model and nothing half-written', () => {
  const leftOf = (out: string): string[] =>
    readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(tmp|bin)$|finished|model\./.test(name),
    );

  test('too little text', async () => {
    const out = fresh();
    const short = writeText(join(folder, 'short.txt'), { documents: 9 });
    await expect(run({ ...base, text: [short] }, out)).rejects.toEqual(refused('E_TEXT_SHORT'));
    expect(leftOf(out)).toEqual([]);
  });

  test('numbers that are none; the checkpoint before stays', async () => {
    const out = fresh();
    const wild = { ...base, steps: 30, learningRate: 1e38, warmup: 0, checkpointMinutes: 1e-6 };
    await expect(run(wild, out)).rejects.toEqual(refused('E_NOT_FINITE', 'step 2'));
    expect(leftOf(out).filter((name) => !name.startsWith('text'))).toEqual([]);
    expect(existsSync(join(out, 'checkpoint.safetensors'))).toBe(true);
  });
});

test('a text of which windows hold no word that the vocabulary knows', async () => {
  const strange = join(folder, 'strange.txt');
  writeFileSync(strange, `${readFileSync(text, 'utf8')}\n${'東 '.repeat(3000)}\n`);
  const events = await run({ ...base, text: [strange], steps: 40, updatePieces: 128, window: 128 }, fresh());
  const steps = ofKind(events, 'step');
  expect(steps.every(({ loss, masked }) => Number.isFinite(loss) && masked > 0)).toBe(true);
  expect(steps.some(({ pieces }) => pieces === QUICK['updatePieces'])).toBe(true);
  resultOf(events);
});
