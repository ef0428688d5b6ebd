import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { encodeCommand } from '../../src/cli/encode.ts';
import { readSafetensors, type SafeTensor, toFloat32 } from '../../src/core/safetensors.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { relativeError } from '../graph/check.ts';
import { hasShared, shared } from '../shared.ts';
import { FOREIGN_WEIGHTS, writeCheckpoint, writeCorpus } from '../training/fixtures.ts';
import { inProcess, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const encoder = join(folder, 'checkpoint');
writeCheckpoint(encoder, await loadDocuments(writeCorpus(folder, 10).train));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const idsFile = (ids: unknown): string => write('ids.json', JSON.stringify({ input_ids: ids }));

/** Runs the command. @returns its tensors and what it said */
async function encode(...args: string[]): Promise<{ err: string; tensor: (name: string) => SafeTensor }> {
  const path = join(folder, 'hidden.safetensors');
  const { err, out } = await inProcess(encodeCommand(), ...args, '--out', path);
  expect(out).toBe('');
  const { tensors } = readSafetensors(path);
  return { err, tensor: (name) => tensors.get(name) as SafeTensor };
}

describe.skipIf(!hasShared)('the reference', () => {
  const reference = shared('fixtures/bert-reference');

  test.each(['2048', '1'])('hidden states to 1e-5, zero at padding, %s pieces at once', async (pieces) => {
    const { tensor, err } = await encode(
      '--encoder',
      reference,
      '--ids',
      join(reference, 'inputs.json'),
      '--batch-pieces',
      pieces,
    );
    const expected = readSafetensors(join(reference, 'expected.safetensors')).tensors.get(
      'hidden',
    ) as SafeTensor;
    const hidden = tensor('hidden');
    expect(hidden.shape).toEqual([3, 29, 32]);
    expect(relativeError(toFloat32(hidden), toFloat32(expected))).toBeLessThan(1e-5);
    expect(
      toFloat32(hidden)
        .subarray(17 * 32, 29 * 32)
        .every((x) => x === 0),
    ).toBe(true);
    expect(err).toContain('hidden [3, 29, 32] in ');
  });
});

describe('relata encode', () => {
  test('names the weights that it does not use, in one line', async () => {
    const { err } = await encode('--encoder', encoder, '--ids', idsFile([[2, 7, 3]]));
    expect(err.split('\n').filter((line) => line.includes('ignored'))).toEqual([
      `ignored 2 weights that are not the encoder's: ${FOREIGN_WEIGHTS.join(', ')}`,
    ]);
  });

  test('text, a line a sequence: what its pieces give as ids', async () => {
    const text = write('lines.txt', 'the born in\n\nthe [MASK] the the\n');
    const { tensor } = await encode('--encoder', encoder, '--text', text);
    const ids = tensor('input_ids');
    expect(ids.shape[0]).toBe(3);
    const longest = ids.shape[1] ?? 0;
    const rows = [0, 1, 2].map((row) =>
      Array.from(ids.data.slice(row * longest, (row + 1) * longest), Number),
    );
    const pieces = readFileSync(join(encoder, 'vocab.txt'), 'utf8').trimEnd().split('\n');
    const [pad, cls, sep, mask] = ['[PAD]', '[CLS]', '[SEP]', '[MASK]'].map((piece) => pieces.indexOf(piece));
    expect(rows[1]).toEqual([cls, sep, ...Array(longest - 2).fill(pad)]);
    expect(rows[0]?.slice(0, 2)).toEqual([cls, pieces.indexOf('the')]);
    // Special tokens in the text are text.
    expect(rows[2]).not.toContain(mask);

    const real = rows.map((row) => row.slice(0, row.indexOf(sep ?? -1) + 1));
    const again = await encode('--encoder', encoder, '--ids', idsFile(real));
    expect(toFloat32(again.tensor('hidden'))).toEqual(toFloat32(tensor('hidden')));
  });

  test('nothing to encode, and sequences without a piece', async () => {
    expect((await encode('--encoder', encoder, '--ids', idsFile([]))).tensor('hidden').shape).toEqual([
      0, 0, 32,
    ]);
    const { tensor } = await encode('--encoder', encoder, '--ids', idsFile([[], [2]]));
    expect(tensor('hidden').shape).toEqual([2, 1, 32]);
    expect(
      toFloat32(tensor('hidden'))
        .subarray(0, 32)
        .every((x) => x === 0),
    ).toBe(true);
  });

  test.each([
    [[[1, 2, 400]], 'Expected ids below 400, got 400 (', 'input_ids[0][2]'],
    [[[1], [-1]], 'got -1', 'input_ids[1][0]'],
    [[[1], [1.5]], 'got 1.5', 'input_ids[1][0]'],
    [[1, 2], 'got 1', 'input_ids[0]'],
    [undefined, 'got nothing', 'input_ids'],
    [
      [Array(257).fill(1)],
      'Expected at most 256 pieces, as many as the encoder takes, got 257',
      'input_ids[0]',
    ],
  ])('wrong ids: %j', async (ids, message, place) => {
    const run = encode('--encoder', encoder, '--ids', idsFile(ids));
    await expect(run).rejects.toMatchObject({ code: 'E_FIELD', exit: 3 });
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toThrow(place);
  });

  test('a line that is too long is named', async () => {
    const text = write('long.txt', `the\n${'the '.repeat(255)}\n`);
    const run = encode('--encoder', encoder, '--text', text);
    await expect(run).rejects.toThrow(/got 257 \(.*long\.txt: line 2\)/);
  });

  test('ids or text, not both and not neither; a size has no weights', async () => {
    const [ids, text] = [idsFile([[1]]), write('line.txt', 'the\n')];
    for (const args of [[], ['--ids', ids, '--text', text]]) {
      await expect(encode('--encoder', encoder, ...args)).rejects.toThrow('Expected either --ids or --text');
    }
    await expect(encode('--encoder', 'tiny', '--ids', ids)).rejects.toMatchObject({ code: 'E_USAGE' });
    await expect(encode('--encoder', encoder, '--ids', join(folder, 'no'))).rejects.toMatchObject({
      exit: 4,
    });
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });
});
