/** Options of commands that run a graph. */
import { Option } from '@commander-js/extra-typings';

import { devices } from '../runtime/session.ts';
import { wholeNumber } from './arguments.ts';

export const deviceOption = () =>
  new Option('--device <device>', 'where the graph runs; all but cpu need libraries (see the README)')
    .choices(devices)
    .default('cpu' as const);

export const threadsOption = () =>
  new Option('--threads <number>', 'threads of one operation; 0: one per core')
    .argParser(wholeNumber(0))
    .default(0);

export const batchPiecesOption = () =>
  new Option(
    '--batch-pieces <number>',
    'pieces or words that run at once: less needs less memory (default: 2048 pieces, 16384 words)',
  ).argParser(wholeNumber(1));
