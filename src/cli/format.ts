/** Numbers and colours as the commands print them. */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** The part of a stream that is used here. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  /** Width, in characters. */
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

/** `text` in a style where `output` is a terminal and NO_COLOR is not set; else as it is. */
export function paint(style: Style, text: string, output: Output = process.stdout): string {
  const plain = output.isTTY !== true || (process.env['NO_COLOR'] ?? '') !== '';
  // Node's own look at the streams is skipped where it has one, since `output` may be neither of them.
  return plain ? text : styleText(style, text, { validateStream: false });
}

/** 1234567.891 -> "1,234,567.89": a number with thousands apart and at most `digits` decimals. */
export function count(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

/** 0.4567 -> "45.7 %". */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** 0.4567 -> "45.67", as papers print scores; "-" where there is none. */
export function percentage(score: number | null | undefined): string {
  return typeof score === 'number' ? (score * 100).toFixed(2) : '-';
}

/** Seconds for people: "0.8 s", "42 s", "3:07", "1:02:09". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Bytes for people: "512 B", "3.4 MB", "1.2 GB" (powers of 1000). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let size = value;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
