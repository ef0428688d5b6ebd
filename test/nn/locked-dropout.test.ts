/** Locked dropout: one mask for a sequence and a feature. */
import { expect, test } from 'vitest';

import { Graph } from '../../src/graph/graph.ts';
import { DropoutMasks, lockedDropout, noDropout } from '../../src/nn/dropout.ts';
import { relativeError, runEngine } from '../graph/check.ts';
import { integers } from './ragged.ts';

function build() {
  const graph = new Graph();
  const masks = new DropoutMasks(graph);
  const x = graph.input('x', 'float32', ['N', 3]);
  const sequenceOf = graph.input('sequenceOf', 'int32', ['N']);
  return { masks, x, sequenceOf, y: lockedDropout(masks.apply, x, sequenceOf, 'U') };
}

/** Sequences of 2, 1 and 3 words. */
const sequenceOf = integers([6], [0, 0, 1, 2, 2, 2]);

test('every word of a sequence is multiplied by the mask of the sequence', async () => {
  const { masks, y } = build();
  expect([...masks.shapes]).toEqual([['dropout.0', ['U', 3]]]);
  const x = Float64Array.from({ length: 18 }, (_, i) => i + 1);
  const mask = [1.25, 0, 1.25, 0, 0, 1.25, 1.25, 1.25, 0];
  const feeds = { x: integers([6, 3], x), sequenceOf, 'dropout.0': integers([3, 3], mask) };
  const { y: found } = await runEngine({ y }, feeds);
  const expected = [
    [1.25, 0, 3.75, 5, 0, 7.5],
    [0, 0, 11.25],
    [12.5, 13.75, 0, 16.25, 17.5, 0, 20, 21.25, 0],
  ];
  expect([...(found?.data ?? [])]).toEqual(expected.flat());
});

test('what is dropped at one word is dropped at all words of its sequence, and at no other by that', async () => {
  const { y } = build();
  const mask = [0, 2, 0, 2, 0, 2, 2, 2, 0];
  const ones = integers([6, 3], new Float64Array(18).fill(1));
  const { y: found } = await runEngine({ y }, { x: ones, sequenceOf, 'dropout.0': integers([3, 3], mask) });
  expect(relativeError(found?.data ?? [], [0, 2, 0, 0, 2, 0, 2, 0, 2, 2, 2, 0, 2, 2, 0, 2, 2, 0])).toBe(0);
});

test('is nothing at all outside of training', () => {
  const { x, sequenceOf: places } = build();
  const before = x.graph.nodes.length;
  expect(lockedDropout(noDropout, x, places, 'U')).toBe(x);
  expect(x.graph.nodes).toHaveLength(before);
});
