import { describe, expect, test } from 'vitest';

import { lookAhead } from '../../src/core/look-ahead.ts';

/** Yields 0, 1, ... below `count`, and tells of each how far it is. */
async function* numbers(log: string[], count: number, failure?: Error): AsyncGenerator<number> {
  try {
    for (let i = 0; i < count; i++) {
      log.push(`make ${i}`);
      await Promise.resolve();
      yield i;
    }
    if (failure) throw failure;
  } finally {
    log.push('closed');
  }
}

const pause = async (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1));

describe('lookAhead', () => {
  test('makes one value ahead, and no more', async () => {
    const log: string[] = [];
    for await (const i of lookAhead(numbers(log, 4))) {
      await pause();
      log.push(`use ${i}`);
    }
    expect(log).toEqual([
      'make 0',
      'make 1',
      'use 0',
      'make 2',
      'use 1',
      'make 3',
      'use 2',
      'closed',
      'use 3',
    ]);
  });

  test('makes nothing before it is asked', async () => {
    const log: string[] = [];
    const values = lookAhead(numbers(log, 2));
    await pause();
    expect(log).toEqual([]);
    await values.return(undefined);
    expect(log).toEqual([]);
  });

  test('an error comes after all values before it, however late they are taken', async () => {
    const log: string[] = [];
    const values = lookAhead(numbers(log, 2, new Error('no more')));
    expect(await values.next()).toEqual({ done: false, value: 0 });
    await pause();
    expect(await values.next()).toEqual({ done: false, value: 1 });
    await pause(); // it has failed by now, which must not end the process
    expect(log.at(-1)).toBe('closed');
    await expect(values.next()).rejects.toThrow('no more');
    expect(await values.next()).toEqual({ done: true, value: undefined });
  });

  test('who leaves early leaves nothing behind: the value in the making is waited for, then the source is closed', async () => {
    const log: string[] = [];
    for await (const i of lookAhead(numbers(log, 9))) {
      if (i === 1) break;
    }
    expect(log).toEqual(['make 0', 'make 1', 'make 2', 'closed']);
    await pause();
    expect(log).toHaveLength(4);
  });

  test('who leaves early hears nothing of an error of the value in the making', async () => {
    const log: string[] = [];
    const seen: number[] = [];
    for await (const i of lookAhead(numbers(log, 1, new Error('unseen')))) {
      seen.push(i);
      break;
    }
    expect([seen, log]).toEqual([[0], ['make 0', 'closed']]);
  });
});
