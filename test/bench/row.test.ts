/** What a benchmark's row says of a target. */
import { describe, expect, test } from 'vitest';

import { markdownRows, showRows, toRow } from '../../bench/row.ts';

describe('the ratio', () => {
  test('is how many times as good as the peer, whichever way the unit goes', () => {
    expect(toRow('time', 'ms', { ours: 50, peer: 200 }).ratio).toBe(4);
    expect(toRow('memory', 'GB', { ours: 4, peer: 2 }).ratio).toBe(0.5);
    expect(toRow('rate', 'GFLOP/s', { ours: 50, peer: 200 }).ratio).toBe(0.25);
    expect(toRow('share', '%', { ours: 90, peer: 45 }).ratio).toBe(2);
  });

  test('is null without a peer, or without a measurement', () => {
    expect(toRow('time', 'ms', { ours: 50 }).ratio).toBeNull();
    expect(toRow('time', 'ms', { ours: null, peer: 50 }).ratio).toBeNull();
  });
});

describe('the verdict', () => {
  test('of a row that only reports is null', () => {
    const { target, targetOf, bound, met } = toRow('time', 'ms', { ours: 1, peer: 2 });
    expect({ target, targetOf, bound, met }).toEqual({
      target: null,
      targetOf: null,
      bound: null,
      met: null,
    });
  });

  test.each([
    { ours: 100, met: true },
    { ours: 101, met: false },
    { ours: null, met: null },
  ])('of a ratio of 2 to reach, ours $ours, peer 200: $met', ({ ours, met }) => {
    expect(toRow('time', 'ms', { ours, peer: 200 }, { atLeast: 2 }).met).toBe(met);
  });

  test('of a ratio to reach is null without a peer', () => {
    expect(toRow('time', 'ms', { ours: 1 }, { atLeast: 2 }).met).toBeNull();
  });

  test.each([
    { ours: 2, met: true },
    { ours: 2.01, met: false },
    { ours: null, met: null },
  ])('of at most 2 s, ours $ours: $met', ({ ours, met }) => {
    expect(toRow('start', 's', { ours }, { atMost: 2 })).toMatchObject({
      target: 2,
      targetOf: 'ours',
      bound: '<=',
      met,
    });
  });

  test.each([
    { ours: 80, met: true },
    { ours: 79.9, met: false },
    { ours: null, met: null },
  ])('of 80 % to reach, ours $ours: $met', ({ ours, met }) => {
    expect(toRow('share', '%', { ours }, { reach: 80 })).toMatchObject({
      target: 80,
      targetOf: 'ours',
      bound: '>=',
      met,
    });
  });
});

test('rows for people name the bound with its unit', () => {
  const rows = [
    toRow('a', 's', { ours: 2 }, { atMost: 2 }),
    toRow('b', '%', { ours: 79 }, { reach: 80 }),
    toRow('c', 'GB', { ours: 4, peer: 4.5 }, { atLeast: 1 / 0.8 }),
    toRow('d', 'ms', { ours: 1, peer: 1 }),
  ];
  const lines = markdownRows(rows).split('\n').slice(2);
  expect(lines).toEqual([
    '| a | 2.00 | - | s | - | <= 2 s | yes |',
    '| b | 79.0 | - | % | - | >= 80 % | NO |',
    '| c | 4.00 | 4.50 | GB | 1.13 x | >= 1.25 x | NO |',
    '| d | 1.00 | 1.00 | ms | 1.00 x |  |  |',
    '',
  ]);
  expect(showRows(rows).split('\n')).toHaveLength(6);
});
