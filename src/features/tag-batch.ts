/**
 * Sequences of a tagger as the arrays that its graph takes.
 *
 * Letters: N pieces, U sequences of pieces, T pieces of the longest; W words, V sequences of words, L words of the longest;
 * A affixes of a word, D directions, K tags.
 */
import { type Batch, encoderInputs, wordInputs } from './batch.ts';
import type { TagSequence } from './tag-sequences.ts';

/** How a tagger reads a batch. */
export type TagForm =
  | {
      readonly reads: 'pieces';
      readonly directions: 1 | 2;
      /** Of sequences that are padded alike; default 1. */
      readonly groups?: number;
    }
  | { readonly reads: 'words'; readonly directions: 1 | 2 };

/** The inputs of one run over all of `sequences`. */
export function buildTagBatch(sequences: readonly TagSequence[], form: TagForm): Batch {
  const ids = sequences.map((sequence) => sequence.ids);
  const pieces = form.reads === 'pieces' ? encoderInputs(ids, { groups: form.groups ?? 1 }) : undefined;
  const read = pieces ? sequences.map(({ states }) => new Int32Array(states.length)) : ids;
  const words = wordInputs([{ features: { sequences: read } }], { directions: form.directions, blank: 0 });
  const { words: wordIds, before, after, sequenceOf, stepsToPadded, stepsToRows } = words.integers;
  const own = { words: wordIds, before, after, sequenceOf, stepsToPadded, stepsToRows };
  const { N: W, U: V, T: L } = words.sizes;
  return {
    sizes: { ...pieces?.sizes, W, V, L },
    floats: { ...pieces?.floats },
    integers: {
      ...pieces?.integers,
      ...Object.fromEntries(Object.entries(own).flatMap(([name, value]) => (value ? [[name, value]] : []))),
      ...(pieces && { wordStates: { shape: [W], data: wordStates(sequences, W) } }),
      shapes: {
        shape: [W],
        data: joined(
          sequences.map(({ shapes }) => shapes),
          W,
        ),
      },
      affixes: affixInput(sequences),
    },
  };
}

/** What tags should be, for training: rows of 0 and 1, [W, K]. */
export function tagTargets(tags: readonly Int32Array[], K: number): Float32Array {
  const all = joined(
    tags,
    tags.reduce((sum, { length }) => sum + length, 0),
  );
  const result = new Float32Array(all.length * K);
  all.forEach((tag, w) => (result[w * K + tag] = 1));
  return result;
}

/** Of each word the row among all pieces. */
function wordStates(sequences: readonly TagSequence[], W: number): Int32Array {
  const result = new Int32Array(W);
  let [row, w] = [0, 0];
  for (const { ids, states } of sequences) {
    for (const state of states) result[w++] = row + state;
    row += ids.length;
  }
  return result;
}

/** [W A]. */
function affixInput(sequences: readonly TagSequence[]): Batch['integers'][string] {
  const size = sequences.reduce((sum, { affixes }) => sum + affixes.length, 0);
  return {
    shape: [size],
    data: joined(
      sequences.map(({ affixes }) => affixes),
      size,
    ),
  };
}

function joined(arrays: readonly Int32Array[], size: number): Int32Array {
  const result = new Int32Array(size);
  let at = 0;
  for (const array of arrays) {
    result.set(array, at);
    at += array.length;
  }
  return result;
}
