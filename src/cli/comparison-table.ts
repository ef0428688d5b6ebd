/** `relata evaluate --against` for people. */
import type { BootstrapResult, Difference } from '../evaluation/bootstrap.ts';
import { count, paint, percentage, table } from './terminal.ts';

export function comparisonTable({ f1, ignF1, documents, resamples, confidence }: BootstrapResult): string {
  const rows = [
    ['', 'this', 'against', 'difference', `${confidence * 100} % interval`, 'p'],
    line('F1', f1),
    ...(ignF1 === null ? [] : [line('Ign F1', ignF1)]),
  ];
  return [
    table(rows, { align: 'lr' }),
    '',
    paint(
      'dim',
      `Paired bootstrap, ${count(resamples)} draws of ${count(documents)} documents: how far other documents of the kind could move the
difference, and p (two-sided), how easily it would vanish. It says nothing of other seeds.`,
    ),
  ].join('\n');
}

function line(name: string, { first, second, difference, low, high, p }: Difference): string[] {
  return [
    name,
    percentage(first),
    percentage(second),
    signed(difference),
    `${signed(low)} to ${signed(high)}`,
    p < 0.001 ? '< 0.001' : p.toFixed(3),
  ];
}

function signed(score: number): string {
  const text = percentage(score);
  return score > 0 ? `+${text}` : text;
}
