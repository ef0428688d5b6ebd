/**
 * The inputs of every system, as graph values; names as in `features/batch.ts`.
 *
 * Letters: N pieces or words, U sequences, T steps or pieces of the longest, B documents, E entities, M entities of the
 * largest document, W words of mentions, P pairs, D directions.
 */
import type { Dim } from '../graph/dims.ts';
import { addDims, multiplyDims } from '../graph/dims.ts';
import { inGroup } from '../features/batch.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { RowMap } from '../graph/ops/index.ts';
import type { BertInputs } from '../nn/bert-encoder.ts';
import type { Neighbours } from '../nn/conv-layer.ts';
import type { MentionInputs } from '../nn/entity-vectors.ts';
import type { AttentionInputs } from '../nn/pair-attention.ts';
import type { BlockInputs, PairInputs } from '../nn/pair-scorer.ts';
import type { WordInputs } from '../nn/word-embeddings.ts';

const integers = (graph: Graph, name: string, shape: readonly Dim[]): Value =>
  graph.input(name, 'int32', shape);

/** @param groups - of sequences that are padded alike: group g of several has N, U and T of its own, N0, U0, T0 and so on */
export function bertInputs(graph: Graph, groups = 1): BertInputs {
  const places = Array.from({ length: groups }, (_, g) => {
    const own = (name: string): string => inGroup(name, g, groups);
    const [N, U, T] = [own('N'), own('U'), own('T')];
    return {
      mask: graph.input(own('mask'), 'float32', [U, 1, 1, T]),
      rows: {
        toPadded: integers(graph, own('piecesToPadded'), [U, T]),
        toRows: integers(graph, own('piecesToRows'), [N]),
      },
    };
  });
  const N = addDims(...places.map(({ rows }) => rows.toRows.shape[0] ?? 0));
  return {
    pieces: integers(graph, 'pieces', [N]),
    positions: integers(graph, 'positions', [N]),
    groups: places,
  };
}

export function wordInputs(graph: Graph): WordInputs {
  return {
    words: integers(graph, 'words', ['N']),
    coreference: integers(graph, 'coreference', ['N']),
    types: integers(graph, 'types', ['N']),
  };
}

/** Where each word stands in the steps of a recurrent layer, and its sequence. */
export function sequenceInputs(graph: Graph, directions: number): { steps: RowMap; sequenceOf: Value } {
  return {
    steps: {
      toPadded: integers(graph, 'stepsToPadded', ['T', directions, 'U']),
      toRows: integers(graph, 'stepsToRows', [multiplyDims('N', directions)]),
    },
    sequenceOf: integers(graph, 'sequenceOf', ['N']),
  };
}

export function neighbourInputs(graph: Graph): Neighbours {
  const [before, after] = [integers(graph, 'before', ['N']), integers(graph, 'after', ['N'])];
  return { before: { from: before, to: after }, after: { from: after, to: before } };
}

export function mentionInputs(graph: Graph): MentionInputs {
  return {
    states: integers(graph, 'mentionStates', ['W']),
    weights: graph.input('mentionWeights', 'float32', ['W', 1]),
    entities: integers(graph, 'mentionEntities', ['W']),
    count: 'E',
  };
}

/** @param pairs - the dimension that counts the scored pairs */
export function pairInputs(graph: Graph, pairs = 'P'): PairInputs {
  return {
    entities: {
      toPadded: integers(graph, 'entitiesToPadded', ['B', 'M']),
      toRows: integers(graph, 'entitiesToRows', ['E']),
    },
    pairs: {
      toPadded: integers(graph, 'pairsToPadded', ['B', 'M', 'M']),
      toRows: integers(graph, 'pairsToRows', [pairs]),
    },
    entityDistance: integers(graph, 'entityDistance', [pairs]),
    distanceEntity: integers(graph, 'distanceEntity', [pairs]),
  };
}

/** Vectors of H heads and T tails, and P pairs of them. @param width - of a vector */
export function blockInputs(
  graph: Graph,
  width: number,
): BlockInputs & { readonly heads: Value; readonly tails: Value } {
  return {
    heads: graph.input('heads', 'float32', ['H', width]),
    tails: graph.input('tails', 'float32', ['T', width]),
    places: integers(graph, 'places', ['P']),
    entityDistance: integers(graph, 'headDistance', ['P']),
    distanceEntity: integers(graph, 'tailDistance', ['P']),
  };
}

/** C context pairs, J of the largest document; Q asked pairs of the largest. */
export function attentionInputs(graph: Graph): AttentionInputs {
  return {
    context: {
      toPadded: integers(graph, 'contextToPadded', ['B', 'J']),
      toRows: integers(graph, 'contextToRows', ['C']),
    },
    mask: graph.input('contextMask', 'float32', ['B', 1, 'J']),
    asked: integers(graph, 'asked', ['P']),
    queries: {
      toPadded: integers(graph, 'askedToPadded', ['B', 'Q']),
      toRows: integers(graph, 'askedToRows', ['P']),
    },
  };
}
