/** `relata export`: a trained model as a program that only predicts. */
import { join, resolve } from 'node:path';

import { Command, Option } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { removeHalfWritten } from '../core/files.ts';
import { exportSystem } from '../models/export.ts';
import { precisions, stepFolders } from '../models/model-folder.ts';
import { onInterrupt } from './interrupt.ts';
import { bytes, table } from './terminal.ts';

export function exportCommand() {
  return new Command('export')
    .description('Make a program for fast prediction of a trained model: ONNX with the weights inside.')
    .requiredOption('--model <dir>', 'folder that `relata train` saved')
    .requiredOption('--out <dir>', 'folder to write, which `predict` and `evaluate` take like any model')
    .addOption(
      new Option(
        '--precision <precision>',
        "fp32: the model's own numbers; int8: the products of a BERT encoder in 8 bits, smaller and several times as fast",
      )
        .choices(precisions)
        .default('fp32' as const),
    )
    .action(async ({ model, out, precision }) => {
      if (resolve(model) === resolve(out)) {
        throw fail('E_USAGE', {
          what: `Expected --out to be another folder than --model, got ${out} twice`,
          help: 'The trained model stays as it is: an exported one cannot be trained on.',
        });
      }
      const head = ['program', 'weights', 'file', 'matrices of 8 bits'];
      const rows: string[][] = [];
      const settle = onInterrupt(() => {
        for (const part of ['', ...stepFolders]) removeHalfWritten(join(out, part), process.pid);
      });
      try {
        for await (const { part, before, after, rounded } of exportSystem(model, out, precision))
          rows.push([part === '' ? 'model' : part, bytes(before), bytes(after), `${rounded}`]);
      } finally {
        settle();
      }
      process.stdout.write(`${table([head, ...rows], { align: 'lrrr' })}\n`);
      const cost = precision === 'int8' ? `; what 8 bits cost, \`relata evaluate --model ${out}\` tells` : '';
      process.stderr.write(`in ${out}${cost}\n`);
    });
}
