/** How a run went, from its metrics.jsonl. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { fail, reasonOf } from '../core/errors.ts';
import { misfit } from '../core/misfit.ts';
import { readBytes } from '../core/files.ts';
import type { ComparedRun } from './comparison.ts';

type Stage = ComparedRun['history'][number]['stage'];

const step = z.object({ kind: z.literal('step'), loss: z.number(), seconds: z.number() });
const evaluation = z.object({
  kind: z.literal('evaluation'),
  epoch: z.int(),
  step: z.int(),
  scores: z.record(z.string(), z.number().nullable()),
  best: z.boolean(),
  pieces: z.int(),
  memory: z.number(),
  seconds: z.number(),
});
const line = z.discriminatedUnion('kind', [step, evaluation]);

/** One stage of a run. */
export interface StageHistory {
  readonly history: ComparedRun['history'];
  /** Of all processes that trained it. */
  readonly seconds: number;
  readonly pieces: number;
  readonly memory: number;
  readonly epochs: number;
  readonly bestEpoch: number | null;
}

/**
 * Seconds are those of every process that worked on the run. The log tells them apart by a time that falls; one whose
 * first line is later than all of the process before it is taken for that one, and counts short by as much.
 *
 * @param folder - of a trained model; without a log nothing is known
 * @throws RelataError `E_JSON`, `E_FIELD` for a log that Relata did not write
 */
export function stageHistory(folder: string, stage: Stage): StageHistory {
  const path = join(folder, 'metrics.jsonl');
  const lines = existsSync(path) ? readLog(path) : [];
  const history: ComparedRun['history'] = [];
  let [seconds, memory, pieces] = [0, 0, 0];
  let bestEpoch: number | null = null;
  let losses: number[] = [];
  for (const entry of lines) {
    if (entry.kind === 'step') {
      losses.push(entry.loss);
      continue;
    }
    const loss = losses.length === 0 ? null : losses.reduce((a, b) => a + b, 0) / losses.length;
    losses = [];
    const epoch = entry.epoch + 1;
    history.push({ stage, epoch, step: entry.step, seconds: entry.seconds, loss, scores: entry.scores });
    if (entry.best) bestEpoch = epoch;
    ({ pieces, seconds } = entry);
    memory = Math.max(memory, entry.memory);
  }
  return { history, seconds, pieces, memory, epochs: history.at(-1)?.epoch ?? 0, bestEpoch };
}

function readLog(path: string): z.infer<typeof line>[] {
  const texts = readBytes(path).toString('utf8').split('\n');
  return texts.flatMap((text, i) => (text === '' ? [] : [parsed(text, `${path}, line ${i + 1}`)]));
}

function parsed(text: string, where: string): z.infer<typeof line> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail('E_JSON', { path: where, reason: reasonOf(error) }, { cause: error });
  }
  const { data, error } = line.safeParse(value);
  if (data) return data;
  throw misfit(error, { expected: 'a step or an evaluation, as training logs them', path: where });
}
