/** The picture of `growth`: time over size, both logarithmic, and below it the memory. */
import { extent, max } from 'd3-array';
import { scaleLinear, scaleLog } from 'd3-scale';

import {
  type Area,
  dot,
  label,
  path,
  picture,
  type Point,
  rule,
  type Scale,
  xAxis,
  yAxis,
} from '../src/report/chart.ts';
import { type Ink, themeInk } from '../src/report/ink.ts';
import { markup, type Markup } from '../src/report/markup.ts';

export interface MeasuredPoint {
  readonly size: number;
  readonly seconds: number;
  /** The most that the process held, in GB. */
  readonly memory: number;
}

export interface GrowthSeries {
  /** What grows. */
  readonly what: string;
  /** What does not. */
  readonly fixed: string;
  readonly points: readonly MeasuredPoint[];
  readonly exponent: number;
}

const PANEL = 300;
const HEIGHT = 390;
const HEAD = 50;

/** Colours follow the light theme on paper of its own. */
export function growthChart(series: readonly GrowthSeries[]): string {
  const ink = themeInk('light');
  const points = series.flatMap((one) => one.points);
  const [least = 1, most = 1] = extent(points, ({ seconds }) => seconds);
  const highest = max(points, ({ memory }) => memory) ?? 1;
  const width = PANEL * series.length;
  const description = series
    .map(({ what, exponent }) => `Time grows with ${what} to the power of ${exponent.toFixed(2)}.`)
    .join(' ');
  const title = 'Time and memory of prediction with BERT-base in int8, by size';
  return `${
    picture(
      { width, height: HEIGHT, title, description },
      markup`<rect width="${width}" height="${HEIGHT}" rx="8" style="fill:${ink.paper}"/>`,
      series.map((one, i) => panel(one, { left: i * PANEL, time: [least, most], highest, index: i }, ink)),
    ).text
  }\n`;
}

function panel(
  { what, fixed, points, exponent }: GrowthSeries,
  place: { left: number; time: readonly [number, number]; highest: number; index: number },
  ink: Ink,
): Markup {
  const timeArea: Area = { left: 48, right: PANEL - 20, top: HEAD, bottom: 235 };
  const memoryArea: Area = { ...timeArea, top: 265, bottom: HEIGHT - 38 };
  const sizes = points.map(({ size }) => size);
  const [from = 1, to = 1] = extent(sizes);
  const x = scaleLog([from, to], [timeArea.left, timeArea.right]);
  const time = scaleLog([place.time[0] / 1.5, place.time[1] * 1.5], [timeArea.bottom, timeArea.top]);
  const memory = scaleLinear([0, place.highest * 1.1], [memoryArea.bottom, memoryArea.top]);
  const { color } = ink.series(place.index);
  const drawn = (y: Scale, cost: (point: MeasuredPoint) => number): Markup => {
    const at = points.map((point): Point => [x(point.size), y(cost(point))]);
    return markup`${path(at, { color })}${at.map((point) => dot(point, { fill: color, ring: ink.paper }))}`;
  };
  const powers = time.ticks().filter((tick) => Number.isInteger(Math.log10(tick)));
  return markup`<g transform="translate(${place.left} 0)">${[
    label([14, 20], `${what}: time ~ size^${exponent.toFixed(2)}`, { color: ink.text, size: 14, bold: true }),
    label([14, 37], fixed, { color: ink.muted }),
    yAxis(time, timeArea, ink, { ticks: powers.length > 0 ? powers : time.ticks(3) }),
    rule([timeArea.left, timeArea.bottom], [timeArea.right, timeArea.bottom], { color: ink.muted }),
    label([timeArea.left + 4, timeArea.top + 6], 'time (s)', { color: ink.muted, size: 10, halo: ink.paper }),
    drawn(time, ({ seconds }) => seconds),
    yAxis(memory, memoryArea, ink, { ticks: memory.ticks(3) }),
    label([memoryArea.left + 4, memoryArea.top - 4], 'peak memory (GB)', { color: ink.muted, size: 10 }),
    drawn(memory, (point) => point.memory),
    xAxis(x, memoryArea, ink, { ticks: sizes }),
  ]}</g>`;
}
