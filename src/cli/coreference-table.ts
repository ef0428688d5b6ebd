/** How well names group mentions, as `relata evaluate --coreference` prints it. */
import type { CoreferenceScores } from '../evaluation/coreference-scores.ts';
import { count, paint, percentage, table } from './terminal.ts';

export function coreferenceTable(scores: CoreferenceScores): string {
  const links = Object.entries(scores.byReason).map(([reason, { links: made, right }]) => [
    reason,
    count(made),
    made === 0 ? '-' : percentage(right / made),
  ]);
  return [
    table(
      [
        ['', 'F1', 'precision', 'recall'],
        ['B-cubed', percentage(scores.f1), percentage(scores.precision), percentage(scores.recall)],
      ],
      { align: 'lr' },
    ),
    '',
    `${percentage(scores.exact)} % of ${count(scores.entities)} entities have exactly the mentions that they should have`,
    '',
    table([['linked by', 'links', 'right'], ...links], { align: 'lr' }),
    '',
    paint(
      'dim',
      'Mentions and their types are the gold ones; a link is right when the two mentions are of one gold entity.',
    ),
  ].join('\n');
}
