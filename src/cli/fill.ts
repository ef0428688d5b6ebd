/** `relata fill`: what a pretrained encoder guesses where a text has gaps. */
import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { type FilledText, openFill } from '../prediction/fill.ts';
import { wholeNumber } from './arguments.ts';
import { deviceOption, threadsOption } from './engine-options.ts';
import { readStandardInput } from './standard-input.ts';
import { paint, percent, table } from './terminal.ts';

export function fillCommand() {
  return new Command('fill')
    .description(
      'Guess what stands in the gaps of texts, to see what an encoder learnt: "Paris is the [MASK] of France." A gap is one piece of the vocabulary; each of several is guessed by itself.',
    )
    .argument(
      '<encoder>',
      'folder of `relata pretrain`, a BERT checkpoint with its language-model head, or wikipedia-mini, which comes with Relata',
    )
    .argument('<texts...>', 'texts with [MASK] in them; - for one a line on standard input')
    .option('--top <number>', 'guesses to show of each gap', wholeNumber(1), 5)
    .option('--json', 'print a JSON array with one object per text')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .action(async (encoder, given, { top, json, device, threads }) => {
      const texts = (
        await Promise.all(given.map(async (text) => (text === '-' ? linesIn() : [text])))
      ).flat();
      const { fill, dispose } = await openFill(encoder, { device, threads });
      const filled: FilledText[] = [];
      try {
        for (const text of texts) filled.push(await fill(text, top));
      } finally {
        await dispose();
      }
      process.stdout.write(
        json === true ? `${JSON.stringify(filled, null, 2)}\n` : `${filled.map(shown).join('\n\n')}\n`,
      );
    });
}

/** Lines of standard input that are not empty. */
async function linesIn(): Promise<string[]> {
  const text = new TextDecoder().decode(await readStandardInput());
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length === 0)
    throw fail('E_USAGE', {
      what: 'Expected texts on standard input, got none',
      help: 'Pipe them in, one a line: echo "Paris is the [MASK] of France." | relata fill DIR -',
    });
  return lines;
}

function shown({ masks, filled }: FilledText): string {
  const rows = masks.flatMap(({ guesses }, k) =>
    guesses.map(({ piece, probability }, rank) => [
      rank === 0 ? String(k + 1) : '',
      piece,
      percent(probability),
    ]),
  );
  return `${paint('bold', filled)}\n\n${table([['gap', 'guess', 'probability'], ...rows], { align: 'rlr' })}`;
}
