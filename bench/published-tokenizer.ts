import { Tokenizer } from '@huggingface/tokenizers';

import { isLowercase, type Vocabulary } from '../src/text/vocabulary.ts';

/** BERT's tokenizer of `@huggingface/tokenizers`, told about no special piece: it reads all of its input as text, as ours does. */
export function publishedTokenizer(vocabulary: Vocabulary, lowercase = isLowercase(vocabulary)): Tokenizer {
  return new Tokenizer(
    {
      added_tokens: [],
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: null,
      decoder: null,
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(vocabulary.ids),
      },
    },
    {},
  );
}
