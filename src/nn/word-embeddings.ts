/**
 * What the word-level systems know of a word: its vector, which entity it belongs to, and that entity's type.
 *
 * Source: DocRED baselines, models/BiLSTM.py and gen_data.py. Letters: N words, V words of the vocabulary.
 */
import type { Value } from '../graph/graph.ts';
import { concat, gather } from '../graph/ops/index.ts';
import { normal } from './initialisers.ts';
import { paddedTable } from './padded-table.ts';
import type { Parameters } from './parameters.ts';

/** Rows of the coreference table: no entity, then entities in the order of the document. */
export const COREFERENCE_ROWS = 512;
/** Width of a coreference and of a type embedding. */
const TAG_WIDTH = 20;

/** Features that a system can do without (the DocRED paper's ablations). */
export const features = ['types', 'coreference', 'distances'] as const;
export type Feature = (typeof features)[number];

export interface WordShape {
  /** V, with the two reserved words. */
  readonly vocabularySize: number;
  /** Width of a word vector. */
  readonly width: number;
  /** Whether word vectors stay as they are. */
  readonly frozen: boolean;
  /** Entity types; type i has id i + 1. */
  readonly types: readonly string[];
}

/** A word's ids, each int32 [N]. */
export interface WordInputs {
  readonly words: Value;
  /** 1 + the index of the word's entity, 0 without one. */
  readonly coreference: Value;
  /** 1 + the index of its type, 0 without one. */
  readonly types: Value;
}

/** The name of the table of word vectors [V, width]. */
export const WORD_TABLE = 'word_embedding.weight';

/** @returns [N, width + 20 + 20], less what is left out */
export function wordEmbeddings(
  params: Parameters,
  { vocabularySize, width, frozen, types }: WordShape,
  inputs: WordInputs,
  without: readonly Feature[],
): Value {
  const group = 'encoder';
  const words = params.declare(WORD_TABLE, [vocabularySize, width], normal(1), { group, rows: true, frozen });
  const tags = (name: string, rows: number, ids: Value): Value =>
    gather(paddedTable(params, `${name}_embedding.weight`, [rows, TAG_WIDTH], { padding: 0, group }), ids); // [N, 20]
  return concat(
    [
      gather(words, inputs.words),
      ...(without.includes('coreference') ? [] : [tags('coreference', COREFERENCE_ROWS, inputs.coreference)]),
      ...(without.includes('types') ? [] : [tags('type', types.length + 1, inputs.types)]),
    ],
    1,
  );
}
