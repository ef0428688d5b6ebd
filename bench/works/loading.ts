/** Checking and loading DocRED's training part, then WordPiece over it, each time in a fresh process. */
import { median } from '../alternate.ts';
import { hasDocred, trainFile, vocabularyFile } from '../batches.ts';
import { type Answer, startOurs } from '../contestant.ts';
import { type Row, toRow } from '../row.ts';
import type { Context } from './context.ts';

export async function loading({ blocks }: Context): Promise<Row[]> {
  const answers: Answer[] = [];
  const turns = hasDocred ? blocks : 0;
  for (let turn = 0; turn < turns; turn++) {
    const ours = await startOurs('loading', { file: trainFile, vocabulary: vocabularyFile });
    answers.push(await ours.run());
    await ours.end();
  }
  const seconds = (name: string): number | null => {
    const ms = median(answers.map((answer) => answer[name] ?? Number.NaN));
    return ms === null ? null : ms / 1000;
  };
  return [
    toRow('checking and loading docred/train.json', 's', { ours: seconds('loadMs') }, { atMost: 1 }),
    toRow('WordPiece over docred/train.json', 's', { ours: seconds('wordPieceMs') }, { atMost: 1 }),
  ];
}
