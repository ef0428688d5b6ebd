/** The `relata` command: declares the commands, runs one, turns errors into messages and exit statuses. */
import { Command, CommanderError } from '@commander-js/extra-typings';

import { fail, RelataError } from '../core/errors.ts';
import { bundleCommand } from './bundle.ts';
import { calibrateCommand } from './calibrate.ts';
import { checkCommand } from './check.ts';
import { compareCommand } from './compare.ts';
import { demoCommand } from './demo.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { evaluateCommand } from './evaluate.ts';
import { encodeCommand } from './encode.ts';
import { extractCommand } from './extract.ts';
import { fillCommand } from './fill.ts';
import { predictCommand } from './predict.ts';
import { pretrainCommand } from './pretrain.ts';
import { sampleCommand } from './sample.ts';
import { serveCommand } from './serve.ts';
import { statsCommand } from './stats.ts';
import { systemsCommand } from './systems.ts';
import { trainCommand } from './train.ts';
import { packageVersion } from '../core/version.ts';

const program = new Command('relata')
  .description('Document-level relation extraction: train, score, extract.')
  .version(packageVersion())
  .showHelpAfterError('(add --help for the options)')
  .showSuggestionAfterError(true);

const commands = [
  trainCommand(),
  pretrainCommand(),
  fillCommand(),
  bundleCommand(),
  extractCommand(),
  explainCommand(),
  serveCommand(),
  predictCommand(),
  evaluateCommand(),
  calibrateCommand(),
  exportCommand(),
  compareCommand(),
  systemsCommand(),
  checkCommand(),
  statsCommand(),
  sampleCommand(),
  encodeCommand(),
  demoCommand(),
] as const;
for (const command of commands) {
  program.addCommand(command.copyInheritedSettings(program as never).exitOverride());
}

// A reader that has seen enough (`relata check ... | head`) closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  report(fail('E_FILE', { reason: error.message }, { cause: error }));
  process.exit();
});

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are no errors; everything else is a wrong use, which commander has explained.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof RelataError) {
    report(error);
  } else if (error instanceof Error && 'syscall' in error) {
    report(fail('E_FILE', { reason: error.message }, { cause: error }));
  } else {
    process.stderr.write(
      'Relata failed in a way that it does not know. Please report this with the lines below.\n',
    );
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 70;
  }
}

function report(error: RelataError): void {
  process.stderr.write(`${error.code}: ${error.message}\n${error.help}\n`);
  process.exitCode = error.exit;
}
