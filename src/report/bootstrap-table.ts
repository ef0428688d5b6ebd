/** Paired bootstraps: each difference with its interval, drawn on one scale. */
import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';

import { dot, label, type Point, rule, type Scale } from './chart.ts';
import type { BootstrapResult, Comparison } from './comparison.ts';
import { pageInk } from './ink.ts';
import { markup, type Markup } from './markup.ts';
import { fixed, probability, scoreDifference, whole } from './numbers.ts';
import { runsName, type Row } from './rows.ts';
import { cell, heading, rowHeading, table } from './table.ts';

const WIDTH = 170;
const HEIGHT = 22;

/** Null without bootstraps. */
export function bootstrapTable({ bootstraps, runs }: Comparison, rows: readonly Row[]): Markup | null {
  if (bootstraps.length === 0) return null;
  const [low = 0, high = 0] = extent(bootstraps.flatMap((one) => [one.low, one.high, one.difference, 0]));
  const x = scaleLinear([low, high > low ? high : low + 0.01], [12, WIDTH - 12]).nice(4);
  const named = (ids: readonly string[]): string =>
    runsName(
      runs.filter(({ id }) => ids.includes(id)),
      rows,
    );
  return table({
    name: 'Paired bootstraps',
    caption:
      'Paired bootstraps over the dev documents: the first system’s score less the second’s, in points. An interval that leaves 0 out is printed in bold.',
    head: markup`<tr>${heading('First', { text: true })}${heading('Second', { text: true })}${heading('Measure', { text: true })}${heading('Difference')}${heading(axis(x))}${heading('Interval')}${heading('Level')}${heading('p')}${heading('Resamples')}</tr>`,
    bodies: [
      bootstraps.map((one) => {
        const clear = one.low > 0 || one.high < 0;
        return markup`<tr>${rowHeading(named(one.a))}${cell(named(one.b), { long: true })}${cell(one.measure, { text: true })}${cell(scoreDifference(one.difference), { best: clear })}<td class="interval">${interval(one, x)}</td>${cell(`${scoreDifference(one.low)} to ${scoreDifference(one.high)}`, { best: clear })}${cell(`${fixed(one.level * 100, 0)} %`)}${cell(probability(one.p))}${cell(whole(one.resamples))}</tr>`;
      }),
    ],
    wide: true,
  });
}

function interval({ difference, low, high }: BootstrapResult, x: Scale): Markup {
  const middle = HEIGHT / 2;
  const at = (value: number, y = middle): Point => [x(value), y];
  const color = pageInk.text;
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">${[
    rule(at(0, 0), at(0, HEIGHT), { color: pageInk.muted, dash: '2 2' }),
    rule(at(low), at(high), { color, width: 1.6 }),
    rule(at(low, middle - 4), at(low, middle + 4), { color, width: 1.6 }),
    rule(at(high, middle - 4), at(high, middle + 4), { color, width: 1.6 }),
    dot(at(difference), { fill: pageInk.ours, ring: pageInk.paper, radius: 4.4 }),
  ]}</svg>`;
}

function axis(x: Scale): Markup {
  const ticks = x.ticks(4);
  return markup`<svg viewBox="0 0 ${WIDTH} 18" width="${WIDTH}" height="18" role="img" aria-label="Interval, from ${scoreDifference(ticks[0])} to ${scoreDifference(ticks.at(-1))}">${ticks.map(
    (tick) => [
      label(
        [x(tick), 6],
        fixed(Math.round(tick * 10_000) / 100, Number.isInteger(Math.round(tick * 1e4) / 100) ? 0 : 1),
        {
          color: pageInk.muted,
          anchor: 'middle',
          size: 11,
        },
      ),
      rule([x(tick), 14], [x(tick), 18], { color: pageInk.muted }),
    ],
  )}</svg>`;
}
