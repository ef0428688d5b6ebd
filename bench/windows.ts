/** What both sides of `pretraining` read: windows of text in which words are hidden, as plain JSON. */
import { existsSync } from 'node:fs';

import { Rng } from '../src/core/rng.ts';
import { sampleCorpus } from '../src/data/sample/sample-corpus.ts';
import { textLines } from '../src/data/text-lines.ts';
import { type MaskedWindow, WordMasker } from '../src/features/mask-words.ts';
import type { Vocabulary } from '../src/text/vocabulary.ts';
import { loadVocabulary } from '../src/text/vocabulary-file.ts';
import { wordsOf } from '../src/text/word-counter.ts';
import { WordPiece } from '../src/text/wordpiece.ts';
import { FRAME, WindowedPass } from '../src/training/text-windows.ts';
import { sampleVocabulary, shared, vocabularyFile } from './batches.ts';

/** See `MaskedWindow`. */
export interface BenchWindow {
  readonly ids: readonly number[];
  readonly masked: readonly number[];
  readonly targets: readonly number[];
}

export interface WindowsSize {
  readonly windows: number;
  /** Of each, with [CLS] and [SEP]. */
  readonly pieces: number;
}

/** Of the pieces, to be guessed: as pretraining has it by default. */
const MASK_SHARE = 0.15;

const textFile = shared('text/wikipedia-00.txt.xz');
const hasText = existsSync(textFile) && existsSync(vocabularyFile);

/** Windows from the head of a text of Wikipedia, or from the sample corpus where it is absent. */
export async function maskedWindows({ windows, pieces }: WindowsSize): Promise<BenchWindow[]> {
  const wanted = windows * (pieces - FRAME);
  const { vocabulary, ids } = hasText ? await publishedPieces(wanted) : await madeUpPieces(wanted);
  if (ids.length < wanted) throw new Error(`${ids.length} pieces of text, and ${wanted} are needed`);
  const text = {
    length: ids.length,
    read: (from: number, count: number) => Int32Array.from(ids.slice(from, from + count)),
  };
  const { special } = vocabulary;
  const pass = new WindowedPass(text, { special, window: pieces, seed: 1, pass: 0, shuffled: false });
  const masker = new WordMasker(vocabulary);
  const rng = Rng.fromSeed(1, 'masks');
  return Array.from({ length: windows }, (_, i) => {
    const window = masker.mask(pass.ids(i), MASK_SHARE, rng);
    return { ids: [...window.ids], masked: [...window.masked], targets: [...window.targets] };
  });
}

/** The window as our lesson takes it. */
export const toWindow = ({ ids, masked, targets }: BenchWindow): MaskedWindow => ({
  ids: Int32Array.from(ids),
  masked: Int32Array.from(masked),
  targets: Int32Array.from(targets),
});

/** K: pieces to guess. */
export const maskedOf = (windows: readonly BenchWindow[]): number =>
  windows.reduce((sum, { masked }) => sum + masked.length, 0);

interface Pieces {
  readonly vocabulary: Vocabulary;
  readonly ids: readonly number[];
}

async function publishedPieces(wanted: number): Promise<Pieces> {
  const vocabulary = loadVocabulary(vocabularyFile);
  return { vocabulary, ids: await firstPieces(textLines(textFile), vocabulary, wanted) };
}

async function madeUpPieces(wanted: number): Promise<Pieces> {
  const { train } = sampleCorpus({ documents: 300, seed: 1 });
  const vocabulary = sampleVocabulary(train);
  const documents = train.map(({ sents }) => [sents.flat().join(' '), '']);
  return { vocabulary, ids: await firstPieces(documents, vocabulary, wanted) };
}

/** The first pieces of a text, `wanted` or somewhat more if it has them; [SEP] where an empty line ends a document. */
async function firstPieces(
  text: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  vocabulary: Vocabulary,
  wanted: number,
): Promise<number[]> {
  const tokenizer = new WordPiece(vocabulary);
  const { sep } = vocabulary.special;
  const ids: number[] = [];
  for await (const lines of text) {
    for (const line of lines) {
      const words = wordsOf(line);
      for (const word of words) ids.push(...tokenizer.pieces(word));
      if (words.length === 0 && ids.length > 0 && ids.at(-1) !== sep) ids.push(sep);
      if (ids.length >= wanted) return ids;
    }
  }
  return ids;
}
