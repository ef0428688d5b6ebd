/** `relata compare`: trains systems under one budget and writes the report. */
import { resolve } from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { compare, type CompareEvent } from '../report/compare.ts';
import type { Comparison } from '../report/comparison.ts';
import { byDevF1, measured, rowsOf } from '../report/rows.ts';
import { parseRuns } from '../report/run-spec.ts';
import { flagOf } from '../training/request-issue.ts';
import { fetchView } from './fetch-progress.ts';
import { interruptible } from './interrupt.ts';
import { trainForm } from './request-forms.ts';
import { absolute, addRequestOptions, commandOf, givenOf, quoted } from './request-options.ts';
import { count, duration, paint, percentage, Progress, table } from './terminal.ts';
import { TrainingView } from './training-view.ts';

/** Options of a request that are each run's own. */
const OWN = ['system'] as const;

export function compareCommand(): Command {
  const command = new Command('compare')
    .description(
      "Train systems under one budget, score them on the same documents, and write report.html and report.json: the paper's tables with its numbers beside, curves, break-downs, intervals and costs. Finished runs in the folder are not trained again, and stopped ones go on: the same command does either. Options below are those of `relata train` and hold for all runs; systems that cannot use one go without it (--encoder, --word-vectors). --train and --dev must be given; BERT is mini, from random weights, unless --encoder says otherwise.",
    )
    .option('--out <dir>', 'folder of the report, with the runs in runs/')
    .option(
      '--systems <list>',
      'all (the seven of the paper), or names separated by commas, each with options of its own as +option=value or +option: cnn,bilstm,bilstm+seed=2,bilstm+two-step,bilstm+without=types,bert+encoder=base; runs that differ in their seed alone share a row',
      'all',
    )
    .option(
      '--test <file>',
      'documents that are scored at the threshold chosen on dev; without labels they are only counted',
    )
    .option('--json', 'print report.json on standard output') as unknown as Command;
  return addRequestOptions(command, trainForm, OWN).action(async (options: Record<string, unknown>) => {
    const { out, systems, test, json, ...flags } = options as Record<string, string | undefined>;
    if (out === undefined)
      throw fail('E_USAGE', {
        what: 'Expected --out, but it is missing',
        help: 'Name a folder for the report.',
      });
    const fetching = fetchView();
    const found = await interruptible(async (signal) =>
      show(
        compare({
          runs: parseRuns(systems ?? 'all').map((run) => ({
            ...run,
            options: absolute(trainForm, run.options),
          })),
          common: commonFrom(flags),
          test: test === undefined ? undefined : resolve(test),
          out: resolve(out),
          command: commandLine(process.argv.slice(2)),
          commandOf: (request, folder) => commandOf(trainForm, request, folder),
          signal,
          onFetch: fetching.onFetch,
        }),
      ),
    ).finally(fetching.end);
    if (found === undefined) {
      process.stderr.write('\nStopped and saved. Go on with the same command.\n');
      process.exitCode = 130;
    } else if (json) {
      process.stdout.write(`${JSON.stringify(found.comparison, null, 2)}\n`);
    } else {
      process.stdout.write(`\n${resultsTable(found.comparison)}\n\n${found.files.join('\n')}\n`);
    }
  });
}

/** Flags as the keys of a request, paths as they are from anywhere. */
function commonFrom(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  for (const key of ['train', 'dev']) {
    if (flags[key] === undefined)
      throw fail('E_USAGE', {
        what: `Expected ${flagOf(key)}, but it is missing`,
        help: '`relata compare --help` lists every option.',
      });
  }
  return absolute(trainForm, givenOf(trainForm, flags));
}

/** Shows events as they come. @returns the last, or undefined when the work was interrupted */
async function show(
  events: AsyncIterable<CompareEvent>,
): Promise<Extract<CompareEvent, { kind: 'written' }> | undefined> {
  let view = new TrainingView();
  let scoring: Progress | undefined;
  let [runs, scored] = [0, 0];
  try {
    for await (const event of events) {
      switch (event.kind) {
        case 'run':
          view.end();
          view = new TrainingView();
          ({ runs } = event);
          process.stderr.write(
            `\n${paint('bold', `${event.label}, run ${event.index + 1} of ${event.runs}`, process.stderr)}  ${event.id}\n`,
          );
          break;
        case 'training':
          view.show(event.event);
          break;
        case 'scored':
          scoring ??= new Progress({ label: 'score', unit: 'runs', total: runs });
          scoring.update(++scored, event.id);
          break;
        case 'interrupted':
          return undefined;
        case 'written':
          return event;
        default:
          event satisfies never;
      }
    }
    return undefined;
  } finally {
    view.end();
    scoring?.done();
  }
}

function resultsTable(comparison: Comparison): string {
  const rows = byDevF1(rowsOf(comparison)).map((row) => {
    const mean = (of: Parameters<typeof measured>[1]): number | null => measured(row, of)?.mean ?? null;
    const spread = measured(row, (run) => run.dev.f1);
    return [
      row.label,
      String(row.runs.length),
      percentage(mean((run) => run.dev.f1)),
      row.runs.length > 1 ? percentage(spread?.deviation ?? null) : '-',
      percentage(mean((run) => run.dev.ignF1)),
      percentage(mean((run) => run.dev.auc)),
      percentage(mean((run) => run.test?.f1 ?? null)),
      duration(mean((run) => run.cost.seconds) ?? 0),
      count(mean((run) => run.cost.piecesPerSecond) ?? 0),
    ];
  });
  const head = ['', 'runs', 'dev F1', '+-', 'Ign F1', 'AUC', 'test F1', 'time', 'pieces/s'];
  return table([head, ...rows], { align: 'lr' });
}

/** As a person would type it. */
function commandLine(args: readonly string[]): string {
  return ['relata', ...args.map(quoted)].join(' ');
}
