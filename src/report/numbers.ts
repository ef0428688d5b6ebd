/** Numbers and names as the report prints them: scores in per cent as papers do, a real minus sign, a dash for what there is not. */
import { deviation, mean } from 'd3-array';

export const NONE = '–';
const MINUS = '−';

/** Several values of one measure: seeds of a system. */
export interface Spread {
  readonly mean: number;
  /** Of a sample (n - 1); null for one value. */
  readonly deviation: number | null;
  readonly n: number;
}

/** Of the values that there are; null when there are none. */
export function spread(values: readonly (number | null)[]): Spread | null {
  const present = values.filter((value) => value !== null);
  const average = mean(present);
  return average === undefined
    ? null
    : { mean: average, deviation: deviation(present) ?? null, n: present.length };
}

/** 0.45678 -> "45.68". */
export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : fixed(value * 100, 2);
}

/** 0.0123 -> "+1.23". */
export function scoreDifference(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const text = score(value);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** "40.12 ± 0.34". */
export function scoreSpread(value: Spread | null): string {
  if (value === null) return NONE;
  return value.deviation === null ? score(value.mean) : `${score(value.mean)} ± ${score(value.deviation)}`;
}

/** With `digits` decimals. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined) return NONE;
  const text = value.toFixed(digits);
  return text.startsWith('-') ? (Number(text) === 0 ? text.slice(1) : MINUS + text.slice(1)) : text;
}

/** 1234567 -> "1,234,567". */
export function whole(value: number | null | undefined): string {
  return value === null || value === undefined
    ? NONE
    : Math.round(value).toLocaleString('en-US').replace('-', MINUS);
}

/** 0.277 -> "28 %". */
export function percent(share: number): string {
  return `${fixed(share * 100, 0)} %`;
}

/** "42 s", "3 min 07 s", "1 h 02 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${two(total % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${whole(Math.floor(minutes / 60))} h ${two(minutes % 60)} min`;
}

/** "512 MB", "1.28 GB" (powers of 1000). */
export function bytes(value: number | null): string {
  if (value === null) return NONE;
  return value < 1e9 ? `${fixed(value / 1e6, 0)} MB` : `${fixed(value / 1e9, 2)} GB`;
}

/** A p-value: "0.012", and no zero that a finite number of resamples cannot show. */
export function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : fixed(p, 3);
}

/** "a", "a and b", "a, b and c"; "a, x; b and c" where items have commas. */
export function list(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  if (items.length < 2) return last;
  const comma = items.some((item) => item.includes(',')) ? '; ' : ', ';
  return `${items.slice(0, -1).join(comma)} and ${last}`;
}

/** The beginning of a text that is too long for its place. */
export function shortened(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
