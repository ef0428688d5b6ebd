/** `relata train`: trains a system, shows how it goes, saves it. */
import { existsSync } from 'node:fs';

import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { flagOf } from '../training/request-issue.ts';
import { MENTIONS, readRequest, requestPath, type TrainingRequest } from '../training/request.ts';
import type { ResultRow } from '../training/stage.ts';
import { trainSystem } from '../training/train-system.ts';
import { fetchView } from './fetch-progress.ts';
import { interruptible } from './interrupt.ts';
import { mentionTable } from './mention-table.ts';
import { absolute, addRequestOptions, requestFrom } from './request-options.ts';
import { paint } from './terminal.ts';
import { resultTable, TrainingView } from './training-view.ts';

export function trainCommand(): Command {
  const command = new Command('train')
    .description(
      "Train a system of the paper, or what finds mentions, on documents in DocRED form. Defaults are the originals' (Wang et al. 2019 and the DocRED baselines); sources stand in brackets, and defaults without one are Relata's own.",
    )
    .option('--out <dir>', 'folder of the run and of the model that it saves')
    .option('--resume <dir>', 'go on with a run that was stopped')
    .option(
      '--config <file>',
      'JSON file with any of the options below as keys (`batchPieces` for --batch-pieces); flags win',
    )
    .option('--json', 'print the result as JSON') as unknown as Command;
  return addRequestOptions(command).action(async (options: Record<string, unknown>) => {
    const { out, request } = runOf(options);
    const rows = await train(request, out);
    if (rows === undefined) return;
    if (options['json'] === true)
      process.stdout.write(`${JSON.stringify({ folder: out, results: rows }, null, 2)}\n`);
    else
      process.stdout.write(
        `\n${tableOf(rows)}\n\nSaved in ${out}. Next: ${paint('bold', nextCommand(request, out))}\n`,
      );
  });
}

function tableOf(rows: readonly ResultRow[]): string {
  const [mentions] = rows.flatMap((row) => (row.mentions ? [row.mentions] : []));
  return mentions ? mentionTable(mentions) : resultTable(rows);
}

const nextCommand = ({ system }: TrainingRequest, out: string): string =>
  system === MENTIONS
    ? `relata bundle --mentions ${out} --relations DIR --out DIR`
    : `relata predict --model ${out} --input FILE --out result.json`;

function runOf(options: Readonly<Record<string, unknown>>): { out: string; request: TrainingRequest } {
  const { out, resume, config, json: _json, ...flags } = options as Record<string, string | undefined>;
  if (resume !== undefined) {
    const others = Object.keys({ ...flags, ...(out && { out }), ...(config && { config }) }).map(flagOf);
    if (others.length > 0) {
      throw fail('E_USAGE', {
        what: `Expected --resume alone, got ${others.join(', ')} beside it`,
        help: 'A resumed run goes on with the options that it began with.',
      });
    }
    return { out: resume, request: readRequest(resume).request };
  }
  if (out === undefined)
    throw fail('E_USAGE', {
      what: 'Expected --out, but it is missing',
      help: 'Name a folder for the model.',
    });
  if (existsSync(requestPath(out))) {
    throw fail('E_FILE_EXISTS', {
      path: requestPath(out),
      help: `Go on with that run by --resume ${out}, or choose another folder.`,
    });
  }
  return { out, request: absolute(requestFrom(flags, config)) };
}

/** Runs a request and shows it. @returns the result, or undefined when the run was interrupted (exit status 130) */
export async function train(
  request: TrainingRequest,
  out: string,
): Promise<readonly ResultRow[] | undefined> {
  const view = new TrainingView();
  const fetching = fetchView();
  try {
    return await interruptible(async (signal) => {
      for await (const event of trainSystem(request, out, { signal, onFetch: fetching.onFetch })) {
        view.show(event);
        if (event.kind === 'result') return event.rows;
      }
      view.end();
      process.stderr.write(`\nStopped and saved. Go on with: relata train --resume ${out}\n`);
      process.exitCode = 130;
      return undefined;
    });
  } finally {
    fetching.end();
    view.end();
  }
}
