/** Pieces of every word of a file's documents, one call a word, with a cache that is empty at first. */
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { WordPiece } from '../../src/text/wordpiece.ts';
import { type PiecesSetup, wordsOf } from '../words.ts';
import { serve, timed } from './serve.ts';

await serve<PiecesSetup>(async ({ file, vocabulary: path }) => {
  const words = await wordsOf(file);
  const vocabulary = loadVocabulary(path);
  const known = new Map(words.map((word, i) => [word, i]));
  return {
    turn: async () => {
      const wordPiece = new WordPiece(vocabulary);
      let pieces = 0;
      const ms = await timed(async () => {
        for (const word of words) pieces += wordPiece.pieces(word).length;
      });
      // The least that a cache by word can cost.
      let sum = 0;
      const lookUpMs = await timed(async () => {
        for (const word of words) sum += known.get(word) ?? 0;
      });
      return { ms, lookUpMs, words: words.length, pieces, sum };
    },
  };
});
