/** The comparison as one picture for a README: Table 2 as bars, and the precision-recall curves. */
import { hasCurve, precisionRecallDrawing } from './chart-precision-recall.ts';
import { scoresDrawing } from './chart-scores.ts';
import { label, path, picture } from './chart.ts';
import type { Comparison } from './comparison.ts';
import { findings } from './findings.ts';
import { type Ink, themeInk, type Theme } from './ink.ts';
import { markup, type Markup } from './markup.ts';
import { scoreSpread, shortened } from './numbers.ts';
import { measured, rowsOf, type Row } from './rows.ts';

const PAD = 22;
const GAP = 30;
const HEAD = 40;
const LEGEND_LINE = 18;
const LEGEND_ROWS = 10;

/** An SVG file with colours of its own. @param comparison - with at least one run */
export function reportPicture(comparison: Comparison, theme: Theme): string {
  const [first, ...rest] = rowsOf(comparison);
  if (first === undefined) throw new RangeError('a comparison has at least one run');
  const rows: [Row, ...Row[]] = [first, ...rest];
  const ink = themeInk(theme);
  const drawn = rows.filter(hasCurve);
  const curves = drawn.length === 0 ? null : precisionRecallDrawing(rows, ink);
  const bars = scoresDrawing(rows, ink, curves?.height);
  const width = PAD + bars.width + (curves === null ? 0 : GAP + curves.width) + PAD;
  const height = HEAD + Math.max(bars.height, curves?.height ?? 0) + PAD;
  const { headline } = findings(comparison, rows);
  return `${
    picture(
      { width, height, title: headline, description: describe(rows) },
      markup`<rect width="${width}" height="${height}" rx="8" style="fill:${ink.paper}"/>`,
      title(PAD, 'F1 on dev, here and in the paper', ink),
      markup`<g transform="translate(${PAD} ${HEAD})">${bars.body}</g>`,
      curves && [
        title(PAD + bars.width + GAP, 'Precision over recall on dev', ink),
        markup`<g transform="translate(${PAD + bars.width + GAP} ${HEAD})">${curves.body}${legend(drawn, curves.width, ink)}</g>`,
      ],
    ).text
  }\n`;
}

function title(x: number, text: string, ink: Ink): Markup {
  return label([x, 24], text, { color: ink.text, size: 15, bold: true });
}

/** In the corner that precision and recall leave empty: where both are high. */
function legend(rows: readonly Row[], width: number, ink: Ink): Markup {
  const left = width - 226;
  const ordered = [...rows].sort((a, b) => areaOf(b) - areaOf(a)).slice(0, LEGEND_ROWS);
  const more = rows.length - ordered.length;
  const lines = ordered.length + (more > 0 ? 1 : 0);
  return markup`<rect x="${left - 8}" y="14" width="182" height="${lines * LEGEND_LINE + 8}" rx="4" style="fill:${ink.paper}"/>${ordered.map(
    (row, i) => {
      const y = 27 + i * LEGEND_LINE;
      const { color, dash } = ink.series(row.index);
      return [
        path(
          [
            [left, y],
            [left + 36, y],
          ],
          { color, dash, width: 2 },
        ),
        label([left + 44, y], shortened(row.label, 21), { color: ink.text }),
      ];
    },
  )}${more > 0 && label([left + 44, 27 + ordered.length * LEGEND_LINE], `and ${more} more`, { color: ink.muted })}`;
}

function areaOf(row: Row): number {
  return measured(row, (run) => run.dev.auc)?.mean ?? 0;
}

function describe(rows: readonly Row[]): string {
  return rows.map((row) => `${row.label} ${scoreSpread(measured(row, (run) => run.dev.f1))}.`).join(' ');
}
