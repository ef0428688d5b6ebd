/** Options of the commands whose work fills a folder, can be stopped, and goes on. */
import { existsSync } from 'node:fs';

import type { Command } from '@commander-js/extra-typings';
import type { z } from 'zod';

import { fail } from '../core/errors.ts';
import { flagOf } from '../training/request-issue.ts';
import { absolute, addRequestOptions, type RequestForm, requestFrom } from './request-options.ts';

/** Adds where a run lies, what it is asked, and how its result is printed. */
export function addRunOptions(command: Command, form: RequestForm): Command {
  const run = command
    .option('--out <dir>', 'folder of the run and of the model that it saves')
    .option('--resume <dir>', 'go on with a run that was stopped')
    .option(
      '--config <file>',
      'JSON file with any of the options below as keys (`batchPieces` for --batch-pieces); flags win',
    )
    .option('--json', 'print the result as JSON') as unknown as Command;
  return addRequestOptions(run, form);
}

/**
 * The folder and the request that such options name.
 *
 * @param run.pathIn - where a run's request lies in its folder
 * @param run.read - reads the request of a run
 * @throws RelataError `E_USAGE`, `E_FILE_EXISTS` where a new run would meet an old one; and what reading a request throws
 */
export function runOf<S extends z.ZodObject>(
  form: RequestForm<S>,
  options: Readonly<Record<string, unknown>>,
  run: { readonly pathIn: (out: string) => string; readonly read: (out: string) => z.infer<S> },
): { readonly out: string; readonly request: z.infer<S> } {
  const { out, resume, config, json: _json, ...flags } = options as Record<string, string | undefined>;
  if (resume !== undefined) {
    const others = Object.keys({ ...flags, ...(out && { out }), ...(config && { config }) }).map(flagOf);
    if (others.length > 0) {
      throw fail('E_USAGE', {
        what: `Expected --resume alone, got ${others.join(', ')} beside it`,
        help: 'A resumed run goes on with the options that it began with.',
      });
    }
    return { out: resume, request: run.read(resume) };
  }
  if (out === undefined)
    throw fail('E_USAGE', {
      what: 'Expected --out, but it is missing',
      help: 'Name a folder for the model.',
    });
  if (existsSync(run.pathIn(out))) {
    throw fail('E_FILE_EXISTS', {
      path: run.pathIn(out),
      help: `Go on with that run by --resume ${out}, or choose another folder.`,
    });
  }
  return { out, request: absolute(form, requestFrom(form, flags, config)) };
}

/** Says that a run was interrupted and how it goes on. */
export function sayStopped({ name }: RequestForm, out: string): void {
  process.stderr.write(`\nStopped and saved. Go on with: relata ${name} --resume ${out}\n`);
  process.exitCode = 130;
}
