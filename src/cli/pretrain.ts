/** `relata pretrain`: trains an encoder on plain text, shows how it goes, saves it. */
import { Command } from '@commander-js/extra-typings';

import type { PretrainEvent } from '../training/pretrain-events.ts';
import type { PretrainRequest } from '../training/pretrain-options.ts';
import { pretrain, pretrainPath, readPretrainRequest } from '../training/pretrain.ts';
import { fetchView } from './fetch-progress.ts';
import { interruptible } from './interrupt.ts';
import { PretrainView, pretrainTable } from './pretrain-view.ts';
import { pretrainForm } from './request-forms.ts';
import { quoted } from './request-options.ts';
import { addRunOptions, runOf, sayStopped } from './run-options.ts';
import { paint } from './terminal.ts';

type Result = Extract<PretrainEvent, { kind: 'result' }>;

export function pretrainCommand(): Command {
  const command = new Command('pretrain').description(
    'Train an encoder on plain text, as a masked language model: it learns to guess words that are hidden from it. From random weights, or going on from a checkpoint with texts of another field. The folder that it saves is an --encoder of `relata train`, and a BERT checkpoint for other software. Sources of defaults stand in brackets.',
  ) as unknown as Command;
  return addRunOptions(command, pretrainForm).action(async (options: Record<string, unknown>) => {
    const { out, request } = runOf(pretrainForm, options, {
      pathIn: pretrainPath,
      read: readPretrainRequest,
    });
    const result = await shown(request, out);
    if (result === undefined) return;
    const { kind: _kind, ...printed } = result;
    if (options['json'] === true) process.stdout.write(`${JSON.stringify(printed, null, 2)}\n`);
    else process.stdout.write(`\n${pretrainTable(result)}\n\nSaved in ${out}. Next:\n${nextCommands(out)}\n`);
  });
}

const nextCommands = (out: string): string =>
  [
    `relata fill ${quoted(out)} "Paris is the [MASK] of France."`,
    `relata train --system bert-two-step --encoder ${quoted(out)} --train FILE --dev FILE --out DIR`,
  ]
    .map((line) => `  ${paint('bold', line)}`)
    .join('\n');

/** Runs a request and shows it. @returns the result, or undefined when the run was interrupted (exit status 130) */
async function shown(request: PretrainRequest, out: string): Promise<Result | undefined> {
  const view = new PretrainView();
  const fetching = fetchView();
  try {
    return await interruptible(async (signal) => {
      for await (const event of pretrain(request, out, { signal, onFetch: fetching.onFetch })) {
        view.show(event);
        if (event.kind === 'result') return event;
      }
      view.end();
      sayStopped(pretrainForm, out);
      return undefined;
    });
  } finally {
    fetching.end();
    view.end();
  }
}
