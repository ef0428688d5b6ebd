/** Table 2 as bars: dev F1 of each row, and below it the paper's. */
import { max } from 'd3-array';
import { scaleLinear } from 'd3-scale';

import { type Area, label, picture, rule, type StrokeStyle, xAxis } from './chart.ts';
import type { Ink } from './ink.ts';
import { markup, type Markup } from './markup.ts';
import { score, scoreSpread, shortened, type Spread } from './numbers.ts';
import { paperF1 } from './paper.ts';
import { measured, type Row } from './rows.ts';

const WIDTH = 640;
const LEFT = 150;
const RIGHT_MARGIN = 96;
const TOP = 6;
/** Height of a row, bars and the space around them. */
const BLOCK = 36;
const HIGHEST_BLOCK = 54;
/** Below the bars: the axis. */
const FOOT = 42;

export function scoresChart(rows: readonly Row[], ink: Ink): Markup {
  const { height, body } = scoresDrawing(rows, ink);
  return picture(
    {
      width: WIDTH,
      height,
      title: 'F1 on dev, here and in the paper',
      description: rows
        .map((row) => {
          const paper = paperF1(row);
          const ours = scoreSpread(measured(row, (run) => run.dev.f1));
          return `${row.label}: ${ours}${paper ? `, the paper ${score(paper.dev)}` : ''}.`;
        })
        .join(' '),
    },
    body,
  );
}

/** The drawing alone, to stand in a larger picture. @param height - that rows grow to fill, as far as they look well */
export function scoresDrawing(
  rows: readonly Row[],
  ink: Ink,
  height = 0,
): { readonly width: number; readonly height: number; readonly body: readonly Markup[] } {
  const entries = rows.map((row) => ({
    row,
    ours: measured(row, (run) => run.dev.f1),
    paper: paperF1(row)?.dev ?? null,
  }));
  const block = Math.min(HIGHEST_BLOCK, Math.max(BLOCK, (height - TOP - FOOT) / rows.length));
  const thick = block * 0.36;
  const thin = block * 0.25;
  const area: Area = { left: LEFT, right: WIDTH - RIGHT_MARGIN, top: TOP, bottom: TOP + block * rows.length };
  const highest =
    max(entries, ({ ours, paper }) => Math.max((ours?.mean ?? 0) + (ours?.deviation ?? 0), paper ?? 0)) ?? 0;
  const x = scaleLinear([0, highest || 1], [area.left, area.right]).nice(5);
  const ticks = x.ticks(5);
  const body = [
    ...ticks.map((tick) => rule([x(tick), area.top], [x(tick), area.bottom], { color: ink.rule })),
    ...xAxis(x, area, ink, { ticks, format: (tick) => String(Math.round(tick * 1000) / 10) }),
    label([(area.left + area.right) / 2, area.bottom + 31], 'F1 on dev (%)', {
      color: ink.muted,
      anchor: 'middle',
    }),
    ...entries.flatMap(({ row, ours, paper }, i) => {
      const top = area.top + i * block + (block - thick - (paper === null ? 0 : thin + 2)) / 2;
      const below = top + thick + 2;
      const value = ours?.mean ?? 0;
      const end = Math.max(value + (ours?.deviation ?? 0), value);
      return [
        label([area.left - 10, top + thick / 2], shortened(row.label, 20), {
          color: ink.text,
          anchor: 'end',
          size: 12.5,
        }),
        bar(x(0), top, x(value) - x(0), thick, ink.ours),
        ...whisker(ours, top + thick / 2, x, ink),
        label([x(end) + 6, top + thick / 2], scoreSpread(ours), {
          color: ink.text,
          bold: true,
          halo: ink.paper,
        }),
        ...(paper === null
          ? []
          : [
              bar(x(0), below, x(paper) - x(0), thin, ink.theirs),
              label([x(paper) + 6, below + thin / 2], `paper ${score(paper)}`, {
                color: ink.muted,
                size: 10.5,
                halo: ink.paper,
              }),
            ]),
      ];
    }),
  ];
  return { width: WIDTH, height: area.bottom + FOOT, body };
}

function bar(x: number, y: number, width: number, height: number, color: string): Markup {
  return markup`<rect x="${x.toFixed(2)}" y="${y.toFixed(2)}" width="${Math.max(0, width).toFixed(2)}" height="${height.toFixed(2)}" rx="1.5" style="fill:${color}"/>`;
}

/** A line one deviation to each side. */
function whisker(ours: Spread | null, y: number, x: (value: number) => number, ink: Ink): Markup[] {
  if (ours === null || ours.deviation === null) return [];
  const low = x(Math.max(0, ours.mean - ours.deviation));
  const high = x(ours.mean + ours.deviation);
  const style: StrokeStyle = { color: ink.text, width: 1.3 };
  return [
    rule([low, y], [high, y], style),
    rule([low, y - 3], [low, y + 3], style),
    rule([high, y - 3], [high, y + 3], style),
  ];
}
