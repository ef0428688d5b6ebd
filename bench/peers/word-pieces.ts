/** The same by `@huggingface/tokenizers`, called for every word as one must to know which pieces are whose. */
import { loadVocabulary } from '../../src/text/vocabulary-file.ts';
import { serve, timed } from '../ours/serve.ts';
import { publishedTokenizer } from '../published-tokenizer.ts';
import { type PiecesSetup, wordsOf } from '../words.ts';

await serve<PiecesSetup>(async ({ file, vocabulary: path }) => {
  const words = await wordsOf(file);
  const vocabulary = loadVocabulary(path);
  return {
    turn: async () => {
      const tokenizer = publishedTokenizer(vocabulary);
      let pieces = 0;
      const ms = await timed(async () => {
        for (const word of words) pieces += tokenizer.encode(word, { add_special_tokens: false }).ids.length;
      });
      return { ms, words: words.length, pieces };
    },
  };
});
