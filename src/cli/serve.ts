/** `relata serve`: a model over HTTP, and the viewer. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';

import { limitKinds, type LimitName, limitNames, type Limits } from '../server/limits.ts';
import { wholeNumber } from './arguments.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';

/** The longest --timeout, in seconds. */
const DAY = 86_400;
/** The most of anything else. */
const MOST = 2 ** 31 - 1;

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export function serveCommand() {
  const command = new Command('serve')
    .description('Answer requests over HTTP: extraction, explanations, and the viewer as a page.')
    .requiredOption('--model <dir>', 'a bundle, or a model that `relata train` or `relata export` saved')
    .addOption(
      new Option('--port <number>', '0: any that is free')
        .argParser(wholeNumberBetween(0, 65_535))
        .default(8080),
    )
    .option('--host <address>', 'where it is reached; 0.0.0.0: from everywhere', '127.0.0.1')
    .option(
      '--token-file <file>',
      'asks for the token in this file (Authorization: Bearer TOKEN), but for /healthz, /readyz and the pages / and /docs',
    )
    .option(
      '--allow-origin <origin>',
      'lets pages of this origin ask (CORS); may be given again',
      (origin: string, origins: readonly string[] = []) => [...origins, origin],
    )
    .addOption(
      new Option('--log-level <level>', 'JSON lines on standard error')
        .choices(levels)
        .default('info' as const),
    )
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption());
  for (const name of limitNames) command.addOption(limitOption(name));
  return command.action(async (options) => {
    // The other commands start without a server's packages.
    const { runServer } = await import('./run-server.ts');
    await runServer({ ...options, limits: limitsOf(options) });
  });
}

function limitOption(name: LimitName) {
  const { flag, value, unit, meaning } = limitKinds[name];
  return new Option(`${flag} <${unit}>`, meaning)
    .argParser(wholeNumberBetween(1, name === 'seconds' ? DAY : MOST))
    .default(value as number);
}

/** Flags are called otherwise than limits: `--max-body` is `bodyBytes`. */
function limitsOf(options: Readonly<Record<string, unknown>>): Limits {
  return Object.fromEntries(
    limitNames.map((name) => {
      const key = limitKinds[name].flag
        .slice(2)
        .replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      return [name, Number(options[key])];
    }),
  ) as Limits;
}

function wholeNumberBetween(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = wholeNumber(least)(value);
    if (number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}
