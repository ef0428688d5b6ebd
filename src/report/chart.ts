/** What the charts share: a frame of SVG, text, axes with ticks, lines. Lengths are in units of the view box. */
import type { ScaleContinuousNumeric } from 'd3-scale';
import { line as lineShape } from 'd3-shape';

import type { Ink } from './ink.ts';
import { markup, type Markup, type Part } from './markup.ts';

export type Scale = ScaleContinuousNumeric<number, number>;
export type Point = readonly [x: number, y: number];

/** Sides of the drawing area. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The reader's own; the page's too. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
export const SMALL = 11.5;

/** A picture with a name, read aloud instead of its parts. */
export function picture(
  {
    width,
    height,
    title,
    description,
  }: { width: number; height: number; title: string; description: string },
  ...parts: readonly Part[]
): Markup {
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${FONT}" font-size="${SMALL}"><title>${title}</title><desc>${description}</desc>${parts}</svg>`;
}

export interface TextStyle {
  readonly color: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly bold?: boolean;
  readonly rotate?: number;
  /** A border in this colour keeps grid lines away from the letters. */
  readonly halo?: string;
}

/** Text whose middle of height is about at y. */
export function label(
  [x, y]: Point,
  text: string,
  { color, anchor = 'start', size = SMALL, bold = false, rotate, halo }: TextStyle,
): Markup {
  return markup`<text x="${n(x)}" y="${n(y + size * 0.35)}" text-anchor="${anchor}" font-size="${size}"${bold && markup` font-weight="600"`}${rotate !== undefined && markup` transform="rotate(${rotate} ${n(x)} ${n(y)})"`} style="fill:${color};font-variant-numeric:tabular-nums${halo !== undefined && `;paint-order:stroke;stroke:${halo};stroke-width:4px`}">${text}</text>`;
}

export interface StrokeStyle {
  readonly color: string;
  readonly width?: number;
  readonly dash?: string;
  readonly opacity?: number;
}

/** A line through points. */
export function path(
  points: readonly Point[],
  { color, width = 1.8, dash = '', opacity = 1 }: StrokeStyle,
): Markup {
  const d = lineShape()(points.map(([x, y]) => [x, y])) ?? '';
  return markup`<path d="${d}" fill="none" stroke-linejoin="round" stroke-width="${width}"${dash !== '' && markup` stroke-dasharray="${dash}"`}${opacity < 1 && markup` opacity="${opacity}"`} style="stroke:${color}"/>`;
}

export function rule([x1, y1]: Point, [x2, y2]: Point, { color, width = 1, dash = '' }: StrokeStyle): Markup {
  return markup`<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" stroke-width="${width}"${dash !== '' && markup` stroke-dasharray="${dash}"`} style="stroke:${color}"/>`;
}

/** A filled point that stands out from the lines below it. */
export function dot(
  [x, y]: Point,
  { fill, ring, radius = 3.6 }: { fill: string; ring: string; radius?: number },
): Markup {
  return markup`<circle cx="${n(x)}" cy="${n(y)}" r="${radius}" stroke-width="1.4" style="fill:${fill};stroke:${ring}"/>`;
}

/** Grid lines with their numbers at the left. */
export function yAxis(
  scale: Scale,
  area: Area,
  ink: Ink,
  { ticks, format = String }: { ticks: readonly number[]; format?: (tick: number) => string },
): Markup[] {
  return ticks.flatMap((tick) => [
    rule([area.left, scale(tick)], [area.right, scale(tick)], { color: ink.rule }),
    label([area.left - 6, scale(tick)], format(tick), { color: ink.muted, anchor: 'end' }),
  ]);
}

/** A line at the bottom with short ticks and their numbers. */
export function xAxis(
  scale: Scale,
  area: Area,
  ink: Ink,
  { ticks, format = String }: { ticks: readonly number[]; format?: (tick: number) => string },
): Markup[] {
  return [
    rule([area.left, area.bottom], [area.right, area.bottom], { color: ink.muted }),
    ...ticks.flatMap((tick) => [
      rule([scale(tick), area.bottom], [scale(tick), area.bottom + 4], { color: ink.muted }),
      label([scale(tick), area.bottom + 13], format(tick), { color: ink.muted, anchor: 'middle' }),
    ]),
  ];
}

/** Without points that lie on the last one that was kept; the first and the last stay. */
export function thinned(points: readonly Point[], apart = 0.4): Point[] {
  const kept: Point[] = [];
  for (const [i, point] of points.entries()) {
    const before = kept.at(-1);
    const distance = before ? Math.hypot(point[0] - before[0], point[1] - before[1]) : Infinity;
    if (distance >= apart || i === points.length - 1) kept.push(point);
  }
  return kept;
}

/** Hundredths are finer than any screen. */
function n(value: number): number {
  return Math.round(value * 100) / 100;
}
