/** What a tagger finds, by type, as the commands print it. */
import type { MentionScore, MentionScores } from '../evaluation/mention-scores.ts';
import { percentage, table } from './terminal.ts';

/** A row for every type, for all, and for words alone. */
export function mentionTable(scores: MentionScores): string {
  const row = (name: string, { precision, recall, f1, gold, found }: MentionScore): (string | number)[] => [
    name,
    percentage(precision),
    percentage(recall),
    percentage(f1),
    gold,
    found,
  ];
  return table(
    [
      ['mentions', 'precision', 'recall', 'F1', 'gold', 'found'],
      ...scores.byType.map(({ type, ...score }) => row(type, score)),
      row('all', scores),
      row('all, whatever the type', scores.untyped),
    ],
    { align: 'lr' },
  );
}
