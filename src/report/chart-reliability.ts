/**
 * How often facts are right over how likely they are said to be: a panel for a system, before and after calibration.
 *
 * What is right lies on the dotted line; above it the scores are too low, below it too high. The two lines differ in
 * colour, in dashes and in their points, hollow before and filled after.
 */
import { range } from 'd3-array';
import { scaleLinear } from 'd3-scale';

import { type Area, dot, label, path, picture, type Point, rule, xAxis, yAxis } from './chart.ts';
import type { ComparedRun } from './comparison.ts';
import type { Ink } from './ink.ts';
import { markup, type Markup } from './markup.ts';
import { list, percent, score } from './numbers.ts';

type Reliability = NonNullable<ComparedRun['reliability']>;
type Bins = Reliability['before']['bins'];

const SIZE = 270;
const area: Area = { left: 46, right: SIZE - 12, top: 12, bottom: SIZE - 42 };
const fifths = range(0, 6).map((tick) => tick / 5);
const perCent = (share: number): string => String(Math.round(share * 100));

/** @param name - of the system, for those who hear the picture */
export function reliabilityChart(name: string, { before, after }: Reliability, ink: Ink): Markup {
  const x = scaleLinear([0, 1], [area.left, area.right]);
  const y = scaleLinear([0, 1], [area.bottom, area.top]);
  const center = (area.left + area.right) / 2;
  const said = ({ bins }: Reliability['before']): string =>
    list(bins.map((bin) => `${percent(bin.said)} said, ${percent(bin.found)} right`));
  return picture(
    {
      width: SIZE,
      height: SIZE,
      title: `Reliability of ${name}`,
      description: `Before calibration, error ${score(before.ece)}: ${said(before)}. After, error ${score(after.ece)}: ${said(after)}.`,
    },
    yAxis(y, area, ink, { ticks: fifths, format: perCent }),
    xAxis(x, area, ink, { ticks: fifths, format: perCent }),
    label([center, area.bottom + 31], 'probability (%)', { color: ink.muted, anchor: 'middle' }),
    label([10, (area.top + area.bottom) / 2], 'right (%)', {
      color: ink.muted,
      anchor: 'middle',
      rotate: -90,
    }),
    rule([x(0), y(0)], [x(1), y(1)], { color: ink.muted, dash: '1.5 3' }),
    line(before.bins, beforeStyle(ink)),
    line(after.bins, afterStyle(ink)),
  );

  function line(bins: Bins, { color, fill, ring, dash }: LineStyle): Markup[] {
    const at = (bin: Bins[number]): Point => [x(bin.said), y(bin.found)];
    return [
      path(bins.map(at), { color, dash, width: 1.6 }),
      ...bins.map((bin) => dot(at(bin), { fill, ring, radius: radiusOf(bin.facts) })),
    ];
  }
}

/** What a line looks like. */
export function reliabilitySample(which: 'before' | 'after', ink: Ink): Markup {
  const { color, fill, ring, dash } = which === 'before' ? beforeStyle(ink) : afterStyle(ink);
  return markup`<svg class="sample" viewBox="0 0 40 10" width="40" height="10" aria-hidden="true">${path(
    [
      [0, 5],
      [40, 5],
    ],
    { color, dash, width: 1.6 },
  )}${dot([20, 5], { fill, ring, radius: 3.4 })}</svg>`;
}

interface LineStyle {
  readonly color: string;
  readonly fill: string;
  readonly ring: string;
  readonly dash: string;
}

const beforeStyle = (ink: Ink): LineStyle => {
  const { color } = ink.series(1);
  return { color, fill: ink.paper, ring: color, dash: '4 3' };
};
const afterStyle = (ink: Ink): LineStyle => ({ color: ink.ours, fill: ink.ours, ring: ink.paper, dash: '' });

/** From one fact to millions. */
function radiusOf(facts: number): number {
  return Math.round(10 * Math.min(5.5, 2 + 0.75 * Math.log10(Math.max(1, facts)))) / 10;
}
