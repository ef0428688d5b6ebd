/** `relata evaluate --breakdown` for people. */
import type { Breakdown, BreakdownRow, RelationRow } from '../evaluation/breakdown.ts';
import { count, paint, percentage, table } from './terminal.ts';

/** Relations that are listed; `--json` has all. */
const MOST_RELATIONS = 20;

const header = ['F1', 'precision', 'recall', 'gold', 'predicted', 'correct'];

export function breakdownTable(breakdown: Breakdown): string {
  const { all, sentences, interLong, frequency, words, mentions, training, relations } = breakdown;
  const split = (title: string, rows: readonly BreakdownRow[]): string[][] => [
    [''],
    [title],
    ...rows.map((row) => line(`  ${row.name}`, row)),
  ];
  const rows = [
    ['break-down', ...header],
    line('all facts', all),
    ...split('a sentence mentions both (intra), none does (inter)', sentences),
    line('    inter, more than 5 sentences apart', interLong),
    ...split('relations', frequency),
    ...split('words between first mentions', words),
    ...split('mentions of both', mentions),
    ...(training === null ? [] : split('fact in training', training)),
  ];
  const elsewhere = sentences.some(({ name }) => name === 'elsewhere');
  return [
    table(rows, { align: 'lr' }),
    '',
    `Frequent relations: ${breakdown.frequentRelations.join(' ')}`,
    ...(elsewhere ? ['Elsewhere: predicted for titles or entities that the gold file does not have'] : []),
    ...(training === null ? [paint('dim', 'Facts in training: give that data as --train-facts.')] : []),
    '',
    relationsTable(relations),
  ].join('\n');
}

function relationsTable(relations: readonly RelationRow[]): string {
  const shown = relations.slice(0, MOST_RELATIONS);
  const rows = shown.map((row) => line(labelOf(row), row));
  const rest = relations.length - shown.length;
  return [
    table([['relation', ...header], ...rows], { align: 'lr' }),
    ...(rest > 0 ? [paint('dim', `and ${count(rest)} relations with less support: --json has all`)] : []),
  ].join('\n');
}

function labelOf({ relation, name }: RelationRow): string {
  return name === relation ? relation : `${relation} ${name}`;
}

/** Precision of no predictions and recall of no gold facts are not numbers for people. */
function line(name: string, row: BreakdownRow): string[] {
  const { f1, precision, recall, support, predicted, correct } = row;
  return [
    name,
    percentage(support + predicted === 0 ? null : f1),
    percentage(predicted === 0 ? null : precision),
    percentage(support === 0 ? null : recall),
    count(support),
    count(predicted),
    count(correct),
  ];
}
