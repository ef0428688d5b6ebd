/** How a run went, from logs that are made up. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { stageHistory } from '../../src/report/history.ts';
import { temporaryFolder } from '../cli/relata.ts';

const root = temporaryFolder();
let folders = 0;

/** A folder with this metrics.jsonl. */
function logged(...lines: readonly (object | string)[]): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(join(folder, 'metrics.jsonl'), `${text.join('\n')}\n`);
  return folder;
}

const step = (seconds: number, loss: number): object => ({ kind: 'step', step: 10, epoch: 0, loss, seconds });
const evaluation = (
  epoch: number,
  seconds: number,
  { best = false, memory = 100, pieces = 1000 * (epoch + 1) } = {},
): object => ({
  kind: 'evaluation',
  epoch,
  step: 20 * (epoch + 1),
  scores: { f1: 0.1 * (epoch + 1), ignF1: null },
  theta: 0.5,
  best,
  pieces,
  memory,
  seconds,
});

test('one process: epochs from 1, the mean loss since the evaluation before, the last pieces, the most memory', () => {
  const folder = logged(
    step(1, 4),
    step(2, 2),
    evaluation(0, 3, { best: true, memory: 500 }),
    evaluation(1, 5, { best: true, memory: 900 }),
    step(6, 1),
    evaluation(2, 8, { memory: 700 }),
  );
  expect(stageHistory(folder, 'step 1')).toEqual({
    history: [
      { stage: 'step 1', epoch: 1, step: 20, seconds: 3, loss: 3, scores: { f1: 0.1, ignF1: null } },
      { stage: 'step 1', epoch: 2, step: 40, seconds: 5, loss: null, scores: { f1: 0.2, ignF1: null } },
      { stage: 'step 1', epoch: 3, step: 60, seconds: 8, loss: 1, scores: { f1: 0.1 * 3, ignF1: null } },
    ],
    seconds: 8,
    pieces: 3000,
    memory: 900,
    epochs: 3,
    bestEpoch: 2,
  });
});

test('several processes: time and pieces are those of the run, memory the most of any', () => {
  const folder = logged(
    step(40, 1),
    evaluation(0, 100, { memory: 800 }),
    step(110, 1), // the second process
    evaluation(1, 130, { memory: 300, best: true }),
    evaluation(2, 135, { memory: 400 }), // the third
  );
  const { seconds, memory, pieces, history, bestEpoch } = stageHistory(folder, 'one step');
  expect([seconds, memory, pieces, bestEpoch]).toEqual([135, 800, 3000, 2]);
  expect(history.map((entry) => entry.seconds)).toEqual([100, 130, 135]);
});

test('no log, and an empty one', () => {
  const nothing = { history: [], seconds: 0, pieces: 0, memory: 0, epochs: 0, bestEpoch: null };
  expect(stageHistory(join(root, 'none'), 'one step')).toEqual(nothing);
  expect(stageHistory(logged(), 'one step')).toEqual(nothing);
});

describe('a damaged log names file and line', () => {
  test.each([
    ['cut off', '{"kind":"step","lo', 'E_JSON', /to hold valid JSON/],
    ['of another kind', { kind: 'note' }, 'E_FIELD', /a step or an evaluation/],
    ['no object', '7', 'E_FIELD', /a step or an evaluation/],
    ['a wrong field', { ...evaluation(1, 9), seconds: 'nine' }, 'E_FIELD', /seconds\)$/],
    ['no loss', { kind: 'step', step: 1, seconds: 9 }, 'E_FIELD', /loss\)$/],
  ])('%s', (_, line, code, message) => {
    const folder = logged(step(1, 1), evaluation(0, 2), line);
    const read = (): unknown => stageHistory(folder, 'one step');
    expect(read).toThrow(expect.objectContaining({ code, exit: 3 }) as Error);
    expect(read).toThrow(`${join(folder, 'metrics.jsonl')}, line 3`);
    expect(read).toThrow(message);
  });
});
