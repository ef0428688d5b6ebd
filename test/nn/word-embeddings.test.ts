/** What is known of a word, and how words make an entity. */
import { describe, expect, test } from 'vitest';

import { Rng } from '../../src/core/rng.ts';
import { Graph } from '../../src/graph/graph.ts';
import { gather } from '../../src/graph/ops/index.ts';
import { entityVectors } from '../../src/nn/entity-vectors.ts';
import { Parameters } from '../../src/nn/parameters.ts';
import { type Feature, wordEmbeddings } from '../../src/nn/word-embeddings.ts';
import { randomArray } from '../graph/numeric.ts';
import type { Array64 } from '../graph/oracle.ts';
import { wrongGradients, errorOf, integers, rowsOf, withParameters } from './ragged.ts';

describe('wordEmbeddings', () => {
  const build = (without: readonly Feature[]) => {
    const graph = new Graph();
    const params = new Parameters(graph);
    const ids = (name: string) => graph.input(name, 'int32', ['N']);
    const y = wordEmbeddings(
      params,
      { vocabularySize: 5, width: 2, frozen: false, types: ['A', 'B'] },
      { words: ids('words'), coreference: ids('coreference'), types: ids('types') },
      without,
    );
    return { params, y };
  };
  const feeds = {
    words: integers([5], [4, 0, 2, 2, 1]),
    coreference: integers([5], [0, 511, 1, 0, 0]),
    types: integers([5], [0, 2, 0, 1, 0]),
  };

  test.each([
    { without: [] },
    { without: ['types'] },
    { without: ['coreference'] },
    { without: ['types', 'coreference', 'distances'] },
  ] as const)('side by side, without $without', async ({ without }) => {
    const { params, y } = build(without);
    const leftOut = new Set<Feature>(without);
    // Rows 0 of the tags are random here, and must not show.
    const all = withParameters(params, feeds, Rng.fromSeed(1));
    const row = (table: string, id: number): number[] => [...(rowsOf(all[table] as Array64)[id] ?? [])];
    const tag = (name: string, id: number): number[] =>
      id === 0 ? Array<number>(20).fill(0) : row(`${name}_embedding.weight`, id);
    const expected = [...feeds.words.data].flatMap((word, n) => [
      ...row('word_embedding.weight', word),
      ...(leftOut.has('coreference') ? [] : tag('coreference', feeds.coreference.data[n] ?? 0)),
      ...(leftOut.has('types') ? [] : tag('type', feeds.types.data[n] ?? 0)),
    ]);
    expect(await errorOf(y, all, expected)).toBeLessThan(1e-5);
  });

  test('gradients of the tables of words and types, none at the row of no type', async () => {
    const { params, y } = build(['coreference']);
    const rng = Rng.fromSeed(2);
    expect(await wrongGradients(y, params.values, withParameters(params, feeds, rng), rng)).toEqual([]);
  });
});

describe('entityVectors', () => {
  const graph = new Graph();
  const states = graph.input('states', 'float32', ['N', 2]);
  const y = entityVectors(states, {
    states: graph.input('places', 'int32', ['W']),
    weights: graph.input('weights', 'float32', ['W', 1]),
    entities: graph.input('entities', 'int32', ['W']),
    count: 'E',
  });
  // In a model the number of entities comes with other inputs.
  const all = gather(y, graph.input('each', 'int32', ['E']));
  const feeds = {
    states: integers([4, 2], [1, 2, 10, 20, 100, 200, 1000, 2000]),
    places: integers([4], [0, 2, 2, 3]),
    weights: integers([4, 1], [0.5, 0.5, 0.25, 0.125]),
    entities: integers([4], [0, 0, 2, 2]),
    each: integers([3], [0, 1, 2]),
  };

  test('weighted sums of states; an entity without words is zero', async () => {
    expect(await errorOf(all, feeds, [50.5, 101, 0, 0, 150, 300])).toBeLessThan(1e-5);
  });

  test('gradients', async () => {
    const rng = Rng.fromSeed(3);
    const random = { ...feeds, states: randomArray([4, 2], rng) };
    expect(await wrongGradients(all, new Map([['states', states]]), random, rng)).toEqual([]);
  });
});
