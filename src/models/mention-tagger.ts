/**
 * The tagger of mentions: for every word the score of every tag (see `features/bio.ts`).
 *
 * A word is its state of BERT, or its vector, and how it is written, which most vocabularies do not keep and which tells
 * most: an LSTM reads both (for cnn: convolutions), and a linear layer gives the scores. The LSTM above BERT is what lets
 * a word know how its neighbours are written. Source of the form: Lample et al. 2016, without their CRF: transitions that
 * cannot be are left out when tags are chosen.
 *
 * Letters: N pieces; W words, V sequences, L words of the longest, A affixes of a word, D directions, K tags.
 */
import { tagCount } from '../features/bio.ts';
import type { TagForm } from '../features/tag-batch.ts';
import { AFFIX_ROWS, AFFIXES, wordShapes } from '../features/word-surface.ts';
import { multiplyDims } from '../graph/dims.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { concat, gather, relu, reshape } from '../graph/ops/index.ts';
import { bertEncoder, type BertShape } from '../nn/bert-encoder.ts';
import { convLayer, maxPool } from '../nn/conv-layer.ts';
import { type Dropout, lockedDropout } from '../nn/dropout.ts';
import { normal } from '../nn/initialisers.ts';
import { linearLayer } from '../nn/linear-layer.ts';
import { lstmLayer } from '../nn/lstm-layer.ts';
import { Parameters } from '../nn/parameters.ts';
import { WORD_TABLE, type WordShape } from '../nn/word-embeddings.ts';
import { bertInputs } from './inputs.ts';

/** What reads words for a tagger where no BERT does. */
export const tagReaders = ['bilstm', 'lstm', 'cnn'] as const;
export type TagReader = (typeof tagReaders)[number];
export const tagEncoders = [...tagReaders, 'bert'] as const;
export const isTagReader = (name: string): name is TagReader =>
  (tagReaders as readonly string[]).includes(name);

/** What decides a tagger's graph and what goes into it. */
export type TaggerConfig = {
  /** Of mentions; type t has the tags `beginTag(t)` and `insideTag(t)`. */
  readonly types: readonly string[];
} & (
  | { readonly system: TagReader; readonly encoder: Omit<WordShape, 'types'> }
  | { readonly system: 'bert'; readonly encoder: BertShape }
);

/** Width of a recurrent state, and of a state of BERT before it goes there. */
const WIDTH = 128;
/** Width of a word after each block of convolution, and their number, as in the system `cnn`. */
const CNN = { width: 200, blocks: 3 } as const;
/** Widths of what is known of a word's writing: its shape, and each of its affixes. */
const SURFACE = { shape: 16, affix: 16 } as const;
/** Of all tables that are learnt: small, so that rows which few words touch say little. */
const DEVIATION = 0.1;

/** How a tagger reads a batch. @param groups - of sequences of BERT that are padded alike */
export function tagForm({ system }: TaggerConfig, groups = 1): TagForm {
  const directions = system === 'lstm' ? 1 : 2;
  return system === 'bert' ? { reads: 'pieces', groups, directions } : { reads: 'words', directions };
}

/** @param groups - as in `tagForm` @returns parameters and scores of tags [W, K] */
export function mentionTagger(
  graph: Graph,
  config: TaggerConfig,
  dropout: Dropout,
  groups = 1,
): { readonly params: Parameters; readonly logits: Value; readonly classes: number } {
  const params = new Parameters(graph);
  const classes = tagCount(config.types.length);
  const own =
    config.system === 'bert'
      ? bertWords(params, config.encoder, dropout, groups)
      : wordVectors(params, config.encoder);
  const words = concat([own, surface(params)], 1); // [W, I]
  const states =
    config.system === 'cnn' ? convolved(params, words, dropout) : read(params, words, config, dropout);
  return { params, logits: linearLayer(params, 'tags', states, { size: classes, group: 'head' }), classes };
}

const wordInput = (graph: Graph, name: string): Value => graph.input(name, 'int32', ['W']);

/** The state of each word's first piece, narrower: [W, 128]. */
function bertWords(params: Parameters, shape: BertShape, dropout: Dropout, groups: number): Value {
  const { graph } = params;
  const hidden = bertEncoder(params, shape, bertInputs(graph, groups), dropout); // [N, D]
  const words = gather(hidden, wordInput(graph, 'wordStates')); // [W, D]
  return linearLayer(params, 'projection', words, { size: WIDTH, group: 'head' });
}

/** [W, width]. */
function wordVectors(params: Parameters, { vocabularySize, width, frozen }: Omit<WordShape, 'types'>): Value {
  const table = params.declare(WORD_TABLE, [vocabularySize, width], normal(DEVIATION), {
    group: 'encoder',
    rows: true,
    frozen,
  });
  return gather(table, wordInput(params.graph, 'words'));
}

/** How words are written: [W, 16 + A 16]. */
function surface(params: Parameters): Value {
  const { graph } = params;
  const table = (name: string, rows: number, width: number): Value =>
    params.declare(`${name}_embedding.weight`, [rows, width], normal(DEVIATION), {
      group: 'head',
      rows: true,
    });
  const shapes = gather(table('shape', wordShapes.length, SURFACE.shape), wordInput(graph, 'shapes')); // [W, 16]
  const rows = graph.input('affixes', 'int32', [multiplyDims('W', AFFIXES)]);
  const affixes = gather(table('affix', AFFIX_ROWS, SURFACE.affix), rows); // [W A, 16]
  return concat([shapes, reshape(affixes, ['W', AFFIXES * SURFACE.affix])], 1);
}

/** Words read by an LSTM, in both directions unless the system is lstm: [W, D 128]. */
function read(params: Parameters, words: Value, config: TaggerConfig, dropout: Dropout): Value {
  const { graph } = params;
  const { directions } = tagForm(config);
  const steps = {
    toPadded: graph.input('stepsToPadded', 'int32', ['L', directions, 'V']),
    toRows: graph.input('stepsToRows', 'int32', [multiplyDims('W', directions)]),
  };
  const dropped = lockedDropout(dropout, words, wordInput(graph, 'sequenceOf'), 'V');
  return dropout(lstmLayer(params, 'lstm', dropped, steps, WIDTH, 'head'));
}

/** Words read by blocks of convolution, pooling, ReLU and dropout: [W, 200]. */
function convolved(params: Parameters, words: Value, dropout: Dropout): Value {
  const { graph } = params;
  const [before, after] = [wordInput(graph, 'before'), wordInput(graph, 'after')];
  const neighbours = { before: { from: before, to: after }, after: { from: after, to: before } };
  let states = words;
  for (let block = 0; block < CNN.blocks; block++) {
    const seen = convLayer(params, `conv.${block}`, states, neighbours, CNN.width);
    states = dropout(relu(maxPool(seen, neighbours)));
  }
  return states;
}
