/** What the commands print with: numbers, colours, tables, a progress line. */
export { bytes, count, duration, paint, percent, percentage, type Output } from './format.ts';
export { Progress, type ProgressOptions } from './progress.ts';
export { table, type TableOptions } from './table.ts';
