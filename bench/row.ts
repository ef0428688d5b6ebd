/** A line of the results, as `--json` prints it and as the table shows it. */
import { table } from '../src/cli/table.ts';

export type Unit = 'ms' | 's' | 'GB' | 'GB/s' | 'GFLOP/s' | '%' | 'exponent' | '1/s' | 'count';

/** Units of which more is better. */
const rising: ReadonlySet<Unit> = new Set(['GB/s', 'GFLOP/s', '%', '1/s']);

export interface Row {
  readonly work: string;
  /** In `unit`; null when it could not be measured. */
  readonly ours: number | null;
  /** In `unit`; null when there is no peer, or none on this machine. */
  readonly peer: number | null;
  /** How many times as good as the peer: above 1 we are better, whichever way the unit goes. */
  readonly ratio: number | null;
  /** The bound of `ratio` or of `ours`; null where a row only reports. */
  readonly target: number | null;
  readonly targetOf: 'ratio' | 'ours' | null;
  readonly bound: '>=' | '<=' | null;
  readonly met: boolean | null;
  readonly unit: Unit;
}

export interface Measured {
  readonly ours: number | null;
  readonly peer?: number | null;
}

/** What a row is judged by; nothing of it where it only reports. */
export interface Judged {
  /** What the ratio must reach. */
  readonly atLeast?: number;
  /** What `ours` may be at most. */
  readonly atMost?: number;
  /** What `ours` must reach. */
  readonly reach?: number;
}

/** A row from two measurements. */
export function toRow(
  work: string,
  unit: Unit,
  { ours, peer = null }: Measured,
  { atLeast, atMost, reach }: Judged = {},
): Row {
  const ratio = ours === null || peer === null ? null : rising.has(unit) ? ours / peer : peer / ours;
  const row = { work, ours, peer, ratio, unit };
  if (atLeast !== undefined)
    return {
      ...row,
      target: atLeast,
      targetOf: 'ratio',
      bound: '>=',
      met: ratio === null ? null : ratio >= atLeast,
    };
  if (atMost !== undefined)
    return {
      ...row,
      target: atMost,
      targetOf: 'ours',
      bound: '<=',
      met: ours === null ? null : ours <= atMost,
    };
  if (reach !== undefined)
    return {
      ...row,
      target: reach,
      targetOf: 'ours',
      bound: '>=',
      met: ours === null ? null : ours >= reach,
    };
  return { ...row, target: null, targetOf: null, bound: null, met: null };
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

function cells({ work, ours, peer, ratio, target, targetOf, bound, met, unit }: Row): string[] {
  const shown = target === null ? '' : `${bound} ${short(target)} ${targetOf === 'ours' ? unit : 'x'}`;
  const verdict = met === null ? '' : met ? 'yes' : 'NO';
  return [
    work,
    number(ours),
    number(peer),
    unit,
    ratio === null ? '-' : `${ratio.toFixed(2)} x`,
    shown,
    verdict,
  ];
}

function short(value: number): string {
  return String(Number(value.toFixed(2)));
}

function number(value: number | null): string {
  if (value === null) return '-';
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4);
}
