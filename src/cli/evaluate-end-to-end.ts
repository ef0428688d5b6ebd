/** `relata evaluate --end-to-end`: what a bundle finds in words alone, beside what it finds between gold entities. */
import type { Document } from '../data/document.ts';
import { openBundle } from '../models/bundle.ts';
import { type EndToEndEvaluation, evaluateEndToEnd } from '../prediction/evaluate-end-to-end.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { count, paint, percentage, Progress, table } from './terminal.ts';

/** @throws RelataError as `openBundle` and `evaluateEndToEnd` */
export async function runEndToEnd(
  folder: string,
  documents: readonly Document[],
  { batchPieces, ...engine }: SessionOptions & { readonly batchPieces?: number | undefined },
): Promise<EndToEndEvaluation> {
  const bundle = await openBundle(folder, engine);
  const progress = new Progress({ label: 'score', unit: 'documents', total: 2 * documents.length });
  try {
    return await evaluateEndToEnd(bundle, documents, {
      batchPieces,
      onDocument: (done) => progress.update(done),
    });
  } finally {
    progress.done();
    await bundle.dispose();
  }
}

export function endToEndTable({ found, given, theta }: EndToEndEvaluation): string {
  const rows = [
    ['facts between', 'F1', 'precision', 'recall', 'correct', 'predicted', 'gold'],
    ...(
      [
        ['entities it found', found],
        ['gold entities', given],
      ] as const
    ).map(([name, scores]) => [
      name,
      percentage(scores.f1),
      percentage(scores.precision),
      percentage(scores.recall),
      count(scores.correct),
      count(scores.predicted),
      count(scores.gold),
    ]),
  ];
  return [
    table(rows, { align: 'lr' }),
    '',
    `${percentage(found.entitiesFound)} % of the gold entities were found by one of their mentions; theta ${theta.toFixed(4)}`,
    paint(
      'dim',
      'A fact counts when both its entities share a mention with gold ones between which the relation holds, each gold fact once.',
    ),
  ].join('\n');
}
