/** `relata systems`: what can be trained, and where the originals do what their papers do not say. */
import { Command } from '@commander-js/extra-typings';

import { descriptions, type Quirk, quirks } from '../models/quirks.ts';
import { encoderSystems, systemLabels } from '../models/systems.ts';
import { paint, table } from './terminal.ts';

export function systemsCommand() {
  return new Command('systems')
    .description('List the systems, and the quirks of the originals that `--mode faithful` reproduces.')
    .option('--json', 'print them as JSON')
    .action(({ json }) => {
      const systems = encoderSystems.map((name) => ({
        name,
        label: systemLabels[name],
        description: descriptions[name],
      }));
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ systems, quirks }, null, 2)}\n`
          : `${systemsTable(systems)}\n\n${quirks.map(quirkText).join('\n\n')}\n`,
      );
    });
}

function systemsTable(
  systems: readonly { readonly name: string; readonly label: string; readonly description: string }[],
): string {
  const rows = systems.map(({ name, label, description }) => [name, label, description]);
  const lines = [
    table([['--system', 'in the paper', 'what it is'], ...rows], { align: 'l' }),
    '',
    'Each trains in one step, or with --two-step in two. `relata train --help` has the options.',
    'Beside them, --system mentions trains what finds mentions in texts, with cnn, lstm, bilstm or a BERT as --encoder.',
    '',
    paint('bold', 'Quirks of the original code'),
    paint(
      'dim',
      '--mode faithful reproduces them; --mode corrected, the default, does what stands below each.',
    ),
  ];
  return lines.join('\n');
}

function quirkText({ name, faithful, corrected, source, systems, twoStep }: Quirk): string {
  const who = systems.length === encoderSystems.length ? 'all systems' : systems.join(', ');
  return [
    `${paint('bold', name)}  ${who}${twoStep === true ? ', in two steps' : ''}  ${paint('dim', `(${source})`)}`,
    `  faithful   ${faithful}`,
    `  corrected  ${corrected}`,
  ].join('\n');
}
