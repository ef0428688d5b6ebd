/** `relata train`: trains a system, shows how it goes, saves it. */
import { Command } from '@commander-js/extra-typings';

import { MENTIONS, readRequest, requestPath, type TrainingRequest } from '../training/request.ts';
import type { ResultRow } from '../training/stage.ts';
import { trainSystem } from '../training/train-system.ts';
import { fetchView } from './fetch-progress.ts';
import { interruptible } from './interrupt.ts';
import { mentionTable } from './mention-table.ts';
import { trainForm } from './request-forms.ts';
import { addRunOptions, runOf, sayStopped } from './run-options.ts';
import { paint } from './terminal.ts';
import { resultTable, TrainingView } from './training-view.ts';

export function trainCommand(): Command {
  const command = new Command('train').description(
    "Train a system of the paper, or what finds mentions, on documents in DocRED form. Defaults are the originals' (Wang et al. 2019 and the DocRED baselines); sources stand in brackets, and defaults without one are Relata's own.",
  ) as unknown as Command;
  return addRunOptions(command, trainForm).action(async (options: Record<string, unknown>) => {
    const { out, request } = runOf(trainForm, options, {
      pathIn: requestPath,
      read: (folder) => readRequest(folder).request,
    });
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
      sayStopped(trainForm, out);
      return undefined;
    });
  } finally {
    fetching.end();
    view.end();
  }
}
