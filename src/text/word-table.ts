/** The word table [V, D] with which a system begins: from word vectors, or random. */
import { fail } from '../core/errors.ts';
import type { Rng } from '../core/rng.ts';
import type { WordVectors } from './word-vectors.ts';
import { BLANK_WORD, UNKNOWN_WORD, type WordVocabulary } from './words.ts';

/** D where there are no vectors: that of the DocRED baselines' table. */
export const WORD_DIMENSION = 100;

/** Rows of a file of vectors that stand for every other word; the first one that is there counts. */
const UNKNOWN_ROWS = ['<unk>', 'unk'] as const;

/** As many float32 values as one array holds in every supported Node. */
const MAX_VALUES = 2 ** 30;

/** The first values of the embedding of words. */
export interface WordTable {
  /** D. */
  readonly dimension: number;
  /** [V, D]; row i belongs to the vocabulary's word i. */
  readonly table: Float32Array;
}

/**
 * The table of a vocabulary.
 *
 * - A word that has a vector begins with it. Spellings must be equal: rows with capitals are not used.
 * - `[BLANK]` is zero, so that what follows a text looks like the zero padding of a convolution. Differs from the
 *   DocRED baselines, whose row 0 holds what its file happens to hold.
 * - `[UNK]` is the vector of `<unk>`, else that of `unk`, else the mean of all vectors given, which Pennington (of GloVe)
 *   found to be a good one for unknown words. He also says that `unk` in the published files is learnt from that very
 *   word; files made by others use the name for unknown words. Without vectors `[UNK]` is drawn.
 * - Other words are drawn: normal around 0, with the deviation of the vectors' own values (about the values' mean), so
 *   that known and unknown words have the same scale; of deviation 1 where there are no vectors, as PyTorch's
 *   `nn.Embedding` does by default.
 *
 * @param vectors - undefined: all words are drawn, with `dimension` values
 * @param options.rng - gives the values, words in the order of their ids
 * @param options.dimension - D where there are no vectors; default: 100
 * @throws RelataError `E_FIELD` for a dimension that is no positive whole number, or a table of more than 2^30 values
 */
export function wordTable(
  vocabulary: WordVocabulary,
  vectors: WordVectors | undefined,
  options: { readonly rng: Rng; readonly dimension?: number },
): WordTable {
  const { rng } = options;
  const dimension = vectors?.dimension ?? options.dimension ?? WORD_DIMENSION;
  const { words } = vocabulary;
  if (!Number.isInteger(dimension) || dimension < 1 || words.length * dimension > MAX_VALUES) {
    throw fail('E_FIELD', {
      expected: `a word table of at most ${MAX_VALUES} values, with one or more for a word`,
      found: `${words.length} words of ${dimension} values`,
      where: 'word table',
    });
  }
  const known = new Map(vectors?.words.map((word, row) => [word, row]));
  const deviation = vectors === undefined || known.size === 0 ? 1 : deviationOf(vectors.vectors);
  const table = new Float32Array(words.length * dimension); // [V, D]
  for (let id = 0; id < words.length; id++) {
    if (id === BLANK_WORD) continue;
    const target = table.subarray(id * dimension, (id + 1) * dimension); // [D]
    const row = id === UNKNOWN_WORD ? unknownRow(known) : known.get(words[id] as string);
    if (vectors !== undefined && row !== undefined) {
      target.set(vectors.vectors.subarray(row * dimension, (row + 1) * dimension));
    } else if (vectors !== undefined && id === UNKNOWN_WORD && known.size > 0) {
      target.set(meanRow(vectors));
    } else {
      for (let i = 0; i < dimension; i++) target[i] = rng.normal() * deviation;
    }
  }
  return { dimension, table };
}

function unknownRow(known: ReadonlyMap<string, number>): number | undefined {
  const name = UNKNOWN_ROWS.find((row) => known.has(row));
  return name === undefined ? undefined : known.get(name);
}

/** The mean of all vectors, summed in float64. [D] */
function meanRow({ dimension, words, vectors }: WordVectors): Float64Array {
  const mean = new Float64Array(dimension);
  for (let i = 0; i < vectors.length; i++) {
    const at = i % dimension;
    mean[at] = (mean[at] as number) + (vectors[i] as number) / words.length;
  }
  return mean;
}

/** The standard deviation of all values about their mean, in two passes of float64. */
function deviationOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
