/** The `relata` command: declares the commands, runs one, turns errors into messages and exit statuses. */
import { Command } from '@commander-js/extra-typings';

import { RelataError } from '../core/errors.ts';
import { checkCommand } from './check.ts';
import { evaluateCommand } from './evaluate.ts';
import { sampleCommand } from './sample.ts';
import { statsCommand } from './stats.ts';
import { packageVersion } from './version.ts';

const program = new Command('relata')
  .description('Document-level relation extraction: train, score, extract.')
  .version(packageVersion())
  .showHelpAfterError('(add --help for the options)')
  .showSuggestionAfterError(true);

// Commands are added here, one file each.
program.addCommand(checkCommand());
program.addCommand(statsCommand());
program.addCommand(evaluateCommand());
program.addCommand(sampleCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof RelataError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n${error.help}\n`);
  process.exitCode = error.exit;
}
