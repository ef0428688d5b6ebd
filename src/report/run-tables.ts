/** Every run by itself: scores, steps, settings, cost. */
import { max } from 'd3-array';

import type { ComparedRun, Comparison } from './comparison.ts';
import { markup, type Markup } from './markup.ts';
import { bytes, duration, fixed, NONE, score, whole } from './numbers.ts';
import { encoderText, negativesText, runName, type Row } from './rows.ts';
import { barCell, cell, heading, rowHeading, table } from './table.ts';

export function runScoresTable({ runs }: Comparison, rows: readonly Row[]): Markup {
  const withTest = runs.some(({ test }) => test !== null);
  const measures = ['F1', 'Ign F1', 'Precision', 'Recall'];
  return table({
    name: 'Scores of every run',
    caption: `Scores of every run (%)${withTest ? '; test at the dev theta' : ''}.`,
    head: [
      markup`<tr>${heading('Run', { text: true, rows: 2 })}${heading('Dev', { span: 8, first: true })}${withTest && heading('Test', { span: 4, first: true })}</tr>`,
      markup`<tr>${measures.map((name, i) => heading(name, { first: i === 0 }))}${['Theta', 'AUC', 'Ign AUC', 'Tie-safe F1'].map((name) => heading(name))}${withTest && measures.map((name, i) => heading(name, { first: i === 0 }))}</tr>`,
    ],
    bodies: [
      runs.map(
        (run) =>
          markup`<tr>${rowHeading(runName(run, rows))}${fourScores(run.dev)}${cell(fixed(run.dev.theta, 4))}${[run.dev.auc, run.dev.ignAuc, run.dev.tieSafeF1].map((value) => cell(score(value)))}${withTest && fourScores(run.test)}</tr>`,
      ),
    ],
    wide: true,
  });
}

/** What the steps of two-step runs reached on their own tasks; null without such runs. */
export function stepsTable({ runs }: Comparison, rows: readonly Row[]): Markup | null {
  const lines = runs.flatMap((run) => run.dev.stages.map((stage) => ({ run, ...stage })));
  if (lines.length === 0) return null;
  const names = [...new Set(lines.flatMap(({ scores }) => Object.keys(scores)))];
  return table({
    name: 'Steps',
    caption:
      'What each step reaches on dev, on its own task (%): step 1 says whether a pair is related, step 2 how, on related pairs.',
    head: markup`<tr>${heading('Run', { text: true })}${heading('Step', { text: true })}${names.map((name) => heading(measureNames[name] ?? name))}</tr>`,
    bodies: [
      lines.map(
        ({ run, stage, scores }) =>
          markup`<tr>${rowHeading(runName(run, rows))}${cell(stage, { text: true })}${names.map((name) => cell(score(scores[name])))}</tr>`,
      ),
    ],
  });
}

const measureNames: Readonly<Record<string, string>> = {
  f1: 'F1',
  ignF1: 'Ign F1',
  precision: 'Precision',
  recall: 'Recall',
  accuracy: 'Accuracy',
  auc: 'AUC',
  removed: 'N/A pairs removed',
  rankingF1: 'Ranking F1',
  rankingIgnF1: 'Ranking Ign F1',
};

export function settingsTable({ runs }: Comparison, rows: readonly Row[]): Markup {
  return table({
    name: 'Settings of every run',
    caption: 'Settings of every run.',
    head: markup`<tr>${heading('Run', { text: true })}${heading('Seed')}${['Mode', 'Unrelated pairs', 'Steps', 'Reads'].map((name) => heading(name, { text: true }))}${heading('Parameters')}${heading('Folder', { text: true })}</tr>`,
    bodies: [
      runs.map(
        (run) =>
          markup`<tr>${rowHeading(runName(run, rows))}${cell(run.seed)}${[run.mode, negativesText(run), run.twoStep ? 'two' : 'one'].map((value) => cell(value, { text: true }))}${cell(readsText(run), { long: true })}${cell(whole(run.parameters))}${cell(markup`<code>${run.folder}</code>`, { long: true })}</tr>`,
      ),
    ],
    wide: true,
  });
}

function readsText(run: ComparedRun): string {
  const { encoder } = run;
  const coverage =
    encoder.kind === 'words' && encoder.vectors !== null
      ? `, ${fixed(encoder.vectors.coverage * 100, 1)} % of words known`
      : '';
  return encoderText(run) + coverage;
}

export function costTable({ runs }: Comparison, rows: readonly Row[]): Markup {
  const most = {
    seconds: max(runs, ({ cost }) => cost.seconds) || 1,
    speed: max(runs, ({ cost }) => cost.piecesPerSecond) || 1,
    memory: max(runs, ({ cost }) => cost.peakMemory) || 1,
  };
  return table({
    name: 'Cost of every run',
    caption:
      'What each run cost. Pieces are word pieces for BERT and words for the others, as often as training read them.',
    head: markup`<tr>${heading('Run', { text: true })}${['Wall time', 'Pieces/s', 'Peak memory', 'Pieces', 'Epochs', 'Best epoch'].map((name) => heading(name))}</tr>`,
    bodies: [
      runs.map((run) => {
        const { seconds, pieces, piecesPerSecond, peakMemory, stages } = run.cost;
        return markup`<tr>${rowHeading(runName(run, rows))}${barCell(duration(seconds), seconds / most.seconds)}${barCell(whole(piecesPerSecond), (piecesPerSecond ?? 0) / most.speed)}${barCell(bytes(peakMemory), (peakMemory ?? 0) / most.memory)}${cell(whole(pieces))}${cell(stages.map(({ epochs }) => whole(epochs)).join(' + ') || NONE)}${cell(stages.map(({ bestEpoch }) => whole(bestEpoch)).join(' + ') || NONE)}</tr>`;
      }),
    ],
  });
}

function fourScores(scores: ComparedRun['test']): Markup[] {
  return [scores?.f1, scores?.ignF1, scores?.precision, scores?.recall].map((value, i) =>
    cell(score(value), { first: i === 0 }),
  );
}
