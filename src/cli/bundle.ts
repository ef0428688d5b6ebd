/** `relata bundle`: a model that finds mentions and one that relates entities, as one folder. */
import { Command } from '@commander-js/extra-typings';

import { removeHalfBundle, writeBundle } from '../models/bundle.ts';
import { onInterrupt } from './interrupt.ts';
import { paint } from './terminal.ts';

export function bundleCommand() {
  return new Command('bundle')
    .description(
      'Join a model that finds mentions and one that relates entities into one folder, which `extract` and `serve` read texts with.',
    )
    .requiredOption('--mentions <dir>', 'model of `relata train --system mentions`, or its export')
    .requiredOption('--relations <dir>', 'model of any other system, or its export')
    .requiredOption('--out <dir>', 'folder to write: copies of both')
    .action(async ({ mentions, relations, out }) => {
      const settle = onInterrupt(() => removeHalfBundle(out));
      try {
        await writeBundle(out, { mentions, relations });
      } finally {
        settle();
      }
      process.stderr.write(`in ${out}. Next: ${paint('bold', `relata extract --model ${out} FILE`)}\n`);
    });
}
