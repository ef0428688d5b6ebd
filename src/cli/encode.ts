/** `relata encode`: last-layer states of a BERT checkpoint. */
import { Command } from '@commander-js/extra-typings';
import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { readBytes, readJson } from '../core/files.ts';
import { type SafeTensor, writeSafetensors } from '../core/safetensors.ts';
import { show } from '../data/problem.ts';
import { type EncoderSource, encoderSource } from '../models/encoder-source.ts';
import { encodeSequences } from '../prediction/encode-sequences.ts';
import { WordPiece } from '../text/wordpiece.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { fetchView } from './fetch-progress.ts';
import { count } from './terminal.ts';

export function encodeCommand() {
  return new Command('encode')
    .description(
      'Write the last-layer states of a BERT checkpoint as safetensors: `hidden` [B, T, D], zero at padding.',
    )
    .requiredOption('--encoder <dir>', "a checkpoint's folder, or a hub id")
    .option('--ids <file>', 'JSON with `input_ids`, an array of arrays of piece ids')
    .option('--text <file>', 'plain text, one sequence a line; also writes `input_ids`')
    .requiredOption('--out <file>', 'safetensors file to write')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .action(async ({ encoder, ids, text, out, device, threads, batchPieces }) => {
      if ((ids === undefined) === (text === undefined)) {
        throw fail('E_USAGE', { what: 'Expected either --ids or --text', help: 'Give one of them.' });
      }
      const fetching = fetchView();
      const source = await encoderSource(encoder, {
        vocabulary: () => {
          throw fail('E_USAGE', {
            what: `Expected a trained encoder, got the size ${encoder}`,
            help: 'Name a checkpoint folder.',
          });
        },
        onFetch: fetching.onFetch,
      }).finally(fetching.end);
      const sequences = ids === undefined ? fromText(text ?? '', source) : fromIds(ids, source);
      const { shape, hidden, ignored } = await encodeSequences(source, sequences, {
        device,
        threads,
        batchPieces,
      });
      const tensors: [string, SafeTensor][] = [['hidden', { dtype: 'F32', shape, data: hidden }]];
      if (text !== undefined) tensors.push(['input_ids', paddedIds(sequences, shape[1])]);
      writeSafetensors(out, tensors);
      if (ignored.length > 0)
        process.stderr.write(
          `ignored ${ignored.length} weights that are not the encoder's: ${ignored.slice(0, 3).join(', ')}${ignored.length > 3 ? ', ...' : ''}\n`,
        );
      process.stderr.write(`hidden [${shape.map((size) => count(size)).join(', ')}] in ${out}\n`);
    });
}

const idsSchema = z.object({ input_ids: z.array(z.array(z.int().nonnegative())) });

function fromIds(path: string, { shape }: EncoderSource): Int32Array[] {
  const value = readJson(path);
  const parsed = idsSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const keys = issue?.path ?? [];
    throw fail('E_FIELD', {
      expected: '`input_ids` to be an array of arrays of piece ids',
      found: show(
        keys.reduce((at: unknown, key) => (isObject(at) ? Reflect.get(at, key) : undefined), value),
      ),
      where: `${path}: ${keys.map((key) => (typeof key === 'number' ? `[${key}]` : String(key))).join('')}`,
    });
  }
  return parsed.data.input_ids.map((ids, i) => {
    const where = `${path}: input_ids[${i}]`;
    const outside = ids.findIndex((id) => id >= shape.vocabularySize);
    if (outside >= 0)
      throw fail('E_FIELD', {
        expected: `ids below ${shape.vocabularySize}`,
        found: String(ids[outside]),
        where: `${where}[${outside}]`,
      });
    mustFit(ids.length, shape.positions, where);
    return Int32Array.from(ids);
  });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

function fromText(path: string, source: EncoderSource): Int32Array[] {
  const { shape } = source;
  const vocabulary = source.vocabulary();
  const wordPiece = new WordPiece(vocabulary);
  const { cls, sep } = vocabulary.special;
  const lines = readBytes(path, 'a text file').toString('utf8').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, i) => {
    const pieces = line.split(/\s+/).flatMap((word) => [...wordPiece.pieces(word)]);
    mustFit(pieces.length + 2, shape.positions, `${path}: line ${i + 1}`);
    return Int32Array.of(cls, ...pieces, sep);
  });
}

function mustFit(length: number, positions: number, where: string): void {
  if (length > positions)
    throw fail('E_FIELD', {
      expected: `at most ${positions} pieces, as many as the encoder takes`,
      found: String(length),
      where,
    });
}

function paddedIds(sequences: readonly Int32Array[], longest: number): SafeTensor {
  const data = new Int32Array(sequences.length * longest);
  sequences.forEach((ids, i) => data.set(ids, i * longest));
  return { dtype: 'I32', shape: [sequences.length, longest], data };
}
