/** WordPiece over all words of DocRED's training part against `@huggingface/tokenizers` called per word; caches are empty at first. */
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { median } from '../alternate.ts';
import { hasDocred, trainFile, vocabularyFile } from '../batches.ts';
import { type Answer, startNodePeer, startOurs } from '../contestant.ts';
import { publishedTokenizer } from '../published-tokenizer.ts';
import { type Row, toRow } from '../row.ts';
import { wordsOf } from '../words.ts';
import type { Context } from './context.ts';

export async function wordpiece({ blocks }: Context): Promise<Row[]> {
  if (!hasDocred) return [];
  const words = await wordsOf(trainFile);
  const differing = differences(new Set(words));
  const setup = { file: trainFile, vocabulary: vocabularyFile };
  const answers = { ours: [] as Answer[], peer: [] as Answer[] };
  const ours = await startOurs('word-pieces', setup);
  const peer = await startNodePeer('word-pieces', setup);
  for (let turn = -2; turn < blocks; turn++) {
    for (const who of turn % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const)) {
      const answer = await (who === 'ours' ? ours : peer).run();
      if (turn >= 0) answers[who].push(answer);
    }
  }
  await Promise.all([ours.end(), peer.end()]);
  const time = (of: readonly Answer[], name = 'ms'): number | null =>
    median(of.map((answer) => answer[name] ?? Number.NaN));
  const ms = { ours: time(answers.ours), peer: time(answers.peer) };
  const lookUp = time(answers.ours, 'lookUpMs');
  const count = words.length.toLocaleString('en');
  const agreement = differing === 0 ? 'the same pieces' : `${differing} words differ`;
  return [
    toRow(`WordPiece, ${count} words of docred/train.json (${agreement})`, 'ms', ms, { atLeast: 3 }),
    toRow('WordPiece, share of a look-up per word', '%', {
      ours: lookUp !== null && ms.ours ? (100 * lookUp) / ms.ours : null,
    }),
  ];
}

/** How many words are spelt differently; some are named on stderr. */
function differences(words: ReadonlySet<string>): number {
  const vocabulary = loadVocabulary(vocabularyFile);
  const [ours, peer] = [new WordPiece(vocabulary), publishedTokenizer(vocabulary)];
  const found = [...words].filter(
    (word) => ours.pieces(word).join() !== peer.encode(word, { add_special_tokens: false }).ids.join(),
  );
  for (const word of found.slice(0, 10))
    console.error(`ours and @huggingface/tokenizers differ on ${JSON.stringify(word)}`);
  return found.length;
}
