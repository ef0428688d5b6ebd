/** A line of the results, as `--json` prints it and as the table shows it. */
import { table } from '../src/cli/table.ts';

export type Unit = 'ms' | 's' | 'GB' | 'GFLOP/s' | '%';

export interface Row {
  readonly work: string;
  /** In `unit`; null when it could not be measured. */
  readonly ours: number | null;
  /** In `unit`; null when there is no peer, or none on this machine. */
  readonly peer: number | null;
  /** How many times as good as the peer: above 1 we are better, whichever way the unit goes. */
  readonly ratio: number | null;
  /** What `ratio` must reach, or what `ours` may be at most; null where a row only reports. */
  readonly target: number | null;
  readonly targetOf: 'ratio' | 'ours' | null;
  readonly met: boolean | null;
  readonly unit: Unit;
}

export interface Measured {
  readonly ours: number | null;
  readonly peer?: number | null;
}

/** A row from two measurements. @param options.atLeast - ratio to reach; @param options.atMost - bound of `ours` */
export function toRow(
  work: string,
  unit: Unit,
  { ours, peer = null }: Measured,
  { atLeast, atMost }: { readonly atLeast?: number; readonly atMost?: number } = {},
): Row {
  const moreIsBetter = unit === 'GFLOP/s' || unit === '%';
  const ratio = ours === null || peer === null ? null : moreIsBetter ? ours / peer : peer / ours;
  const target = atLeast ?? atMost ?? null;
  const targetOf = atLeast !== undefined ? 'ratio' : atMost !== undefined ? 'ours' : null;
  let met: boolean | null = null;
  if (atLeast !== undefined && ratio !== null) met = ratio >= atLeast;
  if (atMost !== undefined && ours !== null) met = ours <= atMost;
  return { work, ours, peer, ratio, target, targetOf, met, unit };
}

/** The rows for people. */
export function showRows(rows: readonly Row[]): string {
  const head = ['work', 'ours', 'peer', '', 'ratio', 'target', 'met'];
  return table([head, ...rows.map(cells)], { align: 'lrrlrrl' });
}

/** The rows as a Markdown table, for `results.md`. */
export function markdownRows(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const head = ['work', 'ours', 'peer', 'unit', 'ratio', 'target', 'met'];
  return [head, head.map(() => '---'), ...rows.map(cells)].map(line).join('');
}

function cells({ work, ours, peer, ratio, target, targetOf, met, unit }: Row): string[] {
  const bound = target === null ? '' : targetOf === 'ours' ? `<= ${target} ${unit}` : `>= ${target} x`;
  const verdict = met === null ? '' : met ? 'yes' : 'NO';
  return [
    work,
    number(ours),
    number(peer),
    unit,
    ratio === null ? '-' : `${ratio.toFixed(2)} x`,
    bound,
    verdict,
  ];
}

function number(value: number | null): string {
  if (value === null) return '-';
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4);
}
