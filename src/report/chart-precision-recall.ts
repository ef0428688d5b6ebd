/** Precision over recall of every run, with lines of equal F1 and a point at each run's theta. */
import { range } from 'd3-array';
import { scaleLinear } from 'd3-scale';

import { type Area, dot, label, path, picture, type Point, thinned, xAxis, yAxis } from './chart.ts';
import type { Ink } from './ink.ts';
import { markup, type Markup } from './markup.ts';
import { list, score } from './numbers.ts';
import { middleRun, type Row } from './rows.ts';

const WIDTH = 560;
const HEIGHT = 500;
const area: Area = { left: 46, right: WIDTH - 44, top: 12, bottom: HEIGHT - 46 };
const tenths = range(0, 11, 2).map((tick) => tick / 10);
const perCent = (share: number): string => String(Math.round(share * 100));

/** Null where no run has a curve. */
export function precisionRecallChart(rows: readonly Row[], ink: Ink): Markup | null {
  const drawn = rows.filter(hasCurve);
  if (drawn.length === 0) return null;
  return picture(
    {
      width: WIDTH,
      height: HEIGHT,
      title: 'Precision over recall on dev',
      description: `Curves of ${list(drawn.map((row) => row.label))}. At their thresholds: ${drawn
        .map(
          ({ label, runs: [run] }) =>
            `${label} precision ${score(run.dev.precision)}, recall ${score(run.dev.recall)}`,
        )
        .join('; ')}.`,
    },
    precisionRecallDrawing(rows, ink).body,
  );
}

export function hasCurve(row: Row): boolean {
  return row.runs.some((run) => run.precisionRecall.length > 0);
}

/** The drawing alone, to stand in a larger picture. */
export function precisionRecallDrawing(
  rows: readonly Row[],
  ink: Ink,
): { readonly width: number; readonly height: number; readonly body: readonly Markup[] } {
  const x = scaleLinear([0, 1], [area.left, area.right]);
  const y = scaleLinear([0, 1], [area.bottom, area.top]);
  const at = ([recall, precision]: readonly [number, number]): Point => [x(recall), y(precision)];
  const center = (area.left + area.right) / 2;
  const body = [
    ...yAxis(y, area, ink, { ticks: tenths, format: perCent }),
    ...xAxis(x, area, ink, { ticks: tenths, format: perCent }),
    label([center, area.bottom + 33], 'recall (%)', { color: ink.muted, anchor: 'middle' }),
    label([11, (area.top + area.bottom) / 2], 'precision (%)', {
      color: ink.muted,
      anchor: 'middle',
      rotate: -90,
    }),
    ...[0.2, 0.4, 0.6, 0.8].flatMap((f1) => [
      path(equalF1(f1).map(at), { color: ink.muted, width: 0.8, dash: '1 3', opacity: 0.8 }),
      label(at([1.01, f1 / (2 - f1)]), `F1 ${perCent(f1)}`, { color: ink.muted, size: 10 }),
    ]),
    // The best row is drawn last, on top, and of a row's seeds the one in the middle is drawn full.
    ...[...rows].reverse().flatMap((row) => curves(row, at, ink)),
  ];
  return { width: WIDTH, height: HEIGHT, body };
}

/** What a row looks like in the picture. */
export function lineSample(row: Row, ink: Ink): Markup {
  const { color, dash } = ink.series(row.index);
  return markup`<svg class="sample" viewBox="0 0 40 10" width="40" height="10" aria-hidden="true">${path(
    [
      [0, 5],
      [40, 5],
    ],
    { color, dash, width: 2 },
  )}</svg>`;
}

function curves(row: Row, at: (point: readonly [number, number]) => Point, ink: Ink): Markup[] {
  const { color, dash } = ink.series(row.index);
  const middle = middleRun(row);
  const others = row.runs.filter((run) => run !== middle);
  return [
    ...others.map((run) =>
      path(thinned(run.precisionRecall.map(at)), { color, dash, width: 0.9, opacity: 0.45 }),
    ),
    path(thinned(middle.precisionRecall.map(at)), { color, dash, width: 2 }),
    ...row.runs
      .filter((run) => run.precisionRecall.length > 0)
      .map((run) =>
        dot(at([run.dev.recall, run.dev.precision]), {
          fill: color,
          ring: ink.paper,
          radius: run === middle ? 4.2 : 2.6,
        }),
      ),
  ];
}

/** [recall, precision] of all that has this F1. */
function equalF1(f1: number): [number, number][] {
  const lowest = f1 / (2 - f1);
  return range(0, 61).map((i) => {
    const recall = lowest + ((1 - lowest) * i) / 60;
    return [recall, (f1 * recall) / (2 * recall - f1)];
  });
}
