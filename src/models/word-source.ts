/** Where a word-level system's words come from: the training text, or a file of word vectors. */
import { Rng } from '../core/rng.ts';
import { initialValues, type ParameterSpec } from '../nn/parameters.ts';
import { WORD_TABLE, type WordShape } from '../nn/word-embeddings.ts';
import { coverage, type Coverage } from '../text/coverage.ts';
import { WORD_DIMENSION, wordTable } from '../text/word-table.ts';
import { readWordVectors, type WordVectors } from '../text/word-vectors.ts';
import { buildWordVocabulary, RESERVED_WORDS, wordVocabulary, type WordVocabulary } from '../text/words.ts';

export interface WordSource {
  readonly shape: WordShape;
  readonly vocabulary: WordVocabulary;
  /** How much of the training text has a vector; undefined where vectors are learnt. */
  readonly coverage: Coverage | undefined;
  readonly initial: (specs: readonly ParameterSpec[], seed: number) => Map<string, Float32Array>;
}

export interface WordSourceOptions {
  /** How often each word of the training text occurs. */
  readonly counts: ReadonlyMap<string, number>;
  readonly types: readonly string[];
  /** A file in GloVe's text form. */
  readonly vectors?: string | undefined;
  /** Whether the file's vectors are trained on. Without a file they are always trained. */
  readonly train: boolean;
  /** Occurrences that a word of the training text needs. */
  readonly minimumCount: number;
}

/**
 * Vectors that stay as they are bring all of their words, so that words which only later texts hold are known too; trained
 * ones bring those of the training text besides.
 *
 * @throws RelataError what reading the vectors throws
 */
export async function wordSource(options: WordSourceOptions): Promise<WordSource> {
  const { counts, types, minimumCount, train } = options;
  const own = buildWordVocabulary(counts, { minimum: minimumCount });
  const vectors =
    options.vectors === undefined ? undefined : await readWordVectors(options.vectors, { only: isLookedUp });
  const vocabulary = vectors ? withVectors(vectors, train ? own : undefined) : own;
  const shape: WordShape = {
    vocabularySize: vocabulary.words.length,
    width: vectors?.dimension ?? WORD_DIMENSION,
    frozen: vectors !== undefined && !train,
    types,
  };
  return {
    shape,
    vocabulary,
    coverage: vectors && coverage(vectors, counts),
    initial: (specs, seed) => {
      const { table } = wordTable(vocabulary, vectors, { rng: Rng.fromSeed(seed, WORD_TABLE) });
      return new Map([
        ...initialValues(
          specs.filter(({ name }) => name !== WORD_TABLE),
          seed,
        ),
        [WORD_TABLE, table],
      ]);
    },
  };
}

/** Words are looked up in lower case: others could never be found. */
const isLookedUp = (word: string): boolean => word === word.toLowerCase();

function withVectors({ words }: WordVectors, own: WordVocabulary | undefined): WordVocabulary {
  const others = own?.words.slice(RESERVED_WORDS.length) ?? [];
  return wordVocabulary([...RESERVED_WORDS, ...new Set([...words, ...others])]);
}
