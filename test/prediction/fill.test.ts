import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { Graph } from '../../src/graph/graph.ts';
import { saveMaskedModel } from '../../src/models/masked-lm-folder.ts';
import { maskedLanguageModel, MaskedLanguageModel } from '../../src/models/masked-lm.ts';
import type { BertShape } from '../../src/nn/bert-encoder.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { HEAD } from '../../src/nn/masked-lm-head.ts';
import { initialValues } from '../../src/nn/parameters.ts';
import { openFill } from '../../src/prediction/fill.ts';
import { createVocabulary } from '../../src/text/vocabulary.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-fill-'));
const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'the', 'sea', '##s', 'is', 'wide', '.', 'lake'];
const vocabulary = createVocabulary(pieces, { lowercase: true });
const idOf = (piece: string): number => pieces.indexOf(piece);

const shape: BertShape = {
  // More rows than the vocabulary has pieces, as checkpoints have that were padded to a round number.
  vocabularySize: 16,
  width: 8,
  layers: 1,
  heads: 2,
  intermediateWidth: 16,
  positions: 10,
  segments: 2,
  layerNormEpsilon: 1e-12,
  initialDeviation: 0.5,
};
const { specs } = maskedLanguageModel(new Graph(), shape, noDropout).params;
const values = initialValues(specs, 3);
const parameter = (name: string): Float32Array => values.get(name) ?? new Float32Array(0);

/** Saves the model with other biases of pieces. */
function withBias(biases: Readonly<Record<string, number>>, name: string): string {
  const bias = new Float32Array(shape.vocabularySize);
  for (const [piece, value] of Object.entries(biases)) bias[idOf(piece)] = value;
  const out = join(folder, name);
  saveMaskedModel(out, {
    shape,
    vocabulary,
    specs,
    parameter: (spec) => (spec === `${HEAD}.bias` ? bias : parameter(spec)),
  });
  return out;
}

const plain = await openFill(withBias({}, 'plain'), { threads: 1 });
afterAll(async () => {
  await plain.dispose();
  rmSync(folder, { recursive: true, force: true });
});

describe('guesses', () => {
  test("are the model's own, of the right places, with the probabilities of all pieces", async () => {
    const { masks } = await plain.fill('The [MASK] is[MASK], wide.', pieces.length);
    const model = await MaskedLanguageModel.open(shape, { threads: 1 });
    const ids = Int32Array.from(
      // A comma is no piece of this vocabulary.
      ['[CLS]', 'the', '[MASK]', 'is', '[MASK]', '[UNK]', 'wide', '.', '[SEP]'].map(idOf),
    );
    const expected = await model.logProbabilities([{ ids, masked: Int32Array.of(2, 4) }], parameter);
    await model.dispose();
    expect(masks).toHaveLength(2);
    for (const [k, { guesses }] of masks.entries()) {
      expect(guesses.map(({ piece }) => piece).toSorted()).toEqual(pieces.toSorted());
      for (const { piece, probability } of guesses) {
        const own = expected[k * shape.vocabularySize + idOf(piece)] ?? Number.NaN;
        expect(probability, piece).toBeCloseTo(Math.exp(own), 6);
      }
      const probabilities = guesses.map(({ probability }) => probability);
      expect(probabilities).toEqual(probabilities.toSorted((a, b) => b - a));
    }
    // The two places differ in what they see.
    expect(masks[0]).not.toEqual(masks[1]);
  });

  test('as many as are asked for, and no more than there are pieces', async () => {
    const countOf = async (top: number): Promise<number | undefined> =>
      (await plain.fill('the [MASK]', top)).masks[0]?.guesses.length;
    expect([await countOf(1), await countOf(3), await countOf(100)]).toEqual([1, 3, pieces.length]);
  });
});

describe('the text with the best of them', () => {
  test('a word takes the place of a mask, and all else stays as it was written', async () => {
    const { fill, dispose } = await openFill(withBias({ lake: 50 }, 'words'), { threads: 1 });
    const { text, filled, masks } = await fill('The [MASK]  is WIDE ([MASK]).', 2);
    await dispose();
    expect(text).toBe('The [MASK]  is WIDE ([MASK]).');
    expect(filled).toBe('The lake  is WIDE (lake).');
    expect(masks.map(({ guesses: [best] }) => best?.piece)).toEqual(['lake', 'lake']);
    expect(masks[0]?.guesses[0]?.probability).toBeCloseTo(1, 6);
  });

  test('a piece that goes on with a word joins it', async () => {
    const { fill, dispose } = await openFill(withBias({ '##s': 50 }, 'endings'), { threads: 1 });
    const filled = async (text: string): Promise<string> => (await fill(text, 1)).filled;
    expect([await filled('the sea [MASK] is'), await filled('lake[MASK]'), await filled('[MASK]')]).toEqual([
      'the seas is',
      'lakes',
      's',
    ]);
    await dispose();
  });
});

describe('refused', () => {
  test('a text without a mask, which is in capitals', async () => {
    for (const text of ['', 'the sea', 'the [mask]', 'the MASK']) {
      const run = plain.fill(text, 5);
      await expect(run, text).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
      await expect(run, text).rejects.toThrow(
        `Expected a text with [MASK] in it, got ${JSON.stringify(text)}`,
      );
    }
  });

  test('a text that is longer than the encoder, which has room for [CLS] and [SEP] beside it', async () => {
    const text = (length: number): string => `[MASK] ${'sea '.repeat(length - 1)}`;
    expect((await plain.fill(text(8), 1)).masks).toHaveLength(1);
    await expect(plain.fill(text(9), 1)).rejects.toThrow(
      'Expected a text of at most 8 pieces, as many as the encoder takes, got 9 in "[MASK] sea',
    );
    await expect(plain.fill(text(200), 1)).rejects.toThrow(/"\[MASK\] .{53}\.\.\."$/);
  });
});
