/** Runs by name: what is understood, what is refused and in which words, and where runs lie. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { parseRuns, planRuns, requestOf, runFolder, type RunSpec } from '../../src/report/run-spec.ts';

const common = { train: ['/t.json'], dev: '/d.json' };
const one = (text: string): RunSpec => {
  const [spec] = parseRuns(text);
  if (!spec) throw new Error('no run');
  return spec;
};

describe('parseRuns', () => {
  test('all is the seven of the paper, in the order of its tables', () => {
    expect(parseRuns('all').map(({ id }) => id)).toEqual([
      'cnn',
      'lstm',
      'bilstm',
      'context-aware',
      'sentence',
      'bert',
      'bert-two-step',
    ]);
    expect(parseRuns('all,cnn+seed=2')).toHaveLength(8);
  });

  test('options as numbers, texts, switches and lists', () => {
    const text = ' cnn , bert+encoder=a=b/c+learning-rate=1e-3+two-step+cased=false+text=sentence-cls';
    expect(parseRuns(text)).toEqual([
      { id: 'cnn', system: 'cnn', options: {} },
      {
        id: 'bert+encoder=a=b/c+learning-rate=1e-3+two-step+cased=false+text=sentence-cls',
        system: 'bert',
        options: {
          encoder: 'a=b/c',
          learningRate: 0.001,
          twoStep: true,
          cased: false,
          text: 'sentence-cls',
        },
      },
    ]);
    expect(one('lstm+without=types+without=distances').options).toEqual({ without: ['types', 'distances'] });
    expect(one('bert+freeze=embeddings+freeze=encoder.0-2').options).toEqual({
      freeze: ['embeddings', 'encoder.0-2'],
    });
  });

  test.each([
    ['', 'at least one system after --systems, got none'],
    [' , ,', 'at least one system after --systems, got none'],
    ['cnn,tree', 'Expected --systems to name any of cnn, lstm, bilstm, .* or all, got "tree"'],
    ['all+seed=2', 'got "all"'],
    ['cnn,lstm,cnn', 'every run of --systems once, got cnn twice'],
    ['all,cnn', 'got cnn twice'],
    ['cnn+speed=2', 'an option of `relata train` in cnn\\+speed=2, got "speed"'],
    ['cnn+', 'got ""'],
    ['cnn+system=lstm', 'got "system"'],
    ['cnn+__proto__=1', 'got "__proto__"'],
    ['cnn+constructor', 'got "constructor"'],
    ['cnn+seed=2+seed=3', 'every option of a run once, got seed twice in cnn\\+seed=2\\+seed=3'],
    ['cnn+dev=x.json', '--dev to be the same for all runs, got one of its own in cnn\\+dev=x.json'],
    ['cnn+train=x.json', '--train to be the same'],
    ['cnn+no-relation=NA', '--no-relation to be the same'],
  ])('%j is refused', (text, message) => {
    const parse = (): unknown => parseRuns(text);
    expect(parse).toThrow(expect.objectContaining({ code: 'E_USAGE', exit: 2 }) as Error);
    expect(parse).toThrow(new RegExp(message));
  });
});

describe('requestOf', () => {
  test('own options win over common ones, and each system takes what it can use', () => {
    const given = {
      ...common,
      seed: 4,
      encoder: 'tiny',
      wordVectors: '/v.txt',
      without: ['types', 'distances'],
      freeze: ['encoder'],
    };
    expect(requestOf(one('cnn+seed=7'), given)).toMatchObject({
      system: 'cnn',
      seed: 7,
      wordVectors: '/v.txt',
    });
    expect(requestOf(one('cnn'), given)).not.toHaveProperty('encoder');
    const bert = requestOf(one('bert'), given);
    expect(bert).toMatchObject({ seed: 4, encoder: 'tiny', without: ['distances'], freeze: ['encoder'] });
    expect(requestOf(one('cnn'), given)).toMatchObject({ freeze: [] });
    expect(requestOf(one('bert+freeze=encoder.1'), given)).toMatchObject({ freeze: ['encoder.1'] });
    expect(bert).not.toHaveProperty('wordVectors');
    expect(requestOf(one('bert'), common)).toMatchObject({ encoder: 'mini' });
    expect(requestOf(one('cnn+two-step=false'), { ...common, twoStep: true })).toMatchObject({
      twoStep: false,
    });
  });

  test.each([
    ['cnn', { epochs: 0 }, 'Expected --epochs to be above 0, got 0'],
    ['cnn', { batchDocuments: 'many' }, 'Expected --batch-documents to be a number, got "many"'],
    ['cnn+epochs=1.5', {}, 'Expected epochs of cnn+epochs=1.5 to be a whole number, got 1.5'],
    [
      'cnn+batch-documents',
      {},
      'Expected batch-documents of cnn+batch-documents to be a number, got no value',
    ],
    ['cnn+seed=', {}, 'to be a number, got ""'],
    ['cnn+two-step=maybe', {}, 'to be true or false, got "maybe"'],
    ['cnn+mode=wild', {}, 'to be one of corrected, faithful, got "wild"'],
    ['cnn+without=words', {}, 'to be one of types, coreference, distances'],
    ['cnn+encoder=tiny', {}, 'Expected encoder of cnn+encoder=tiny to be left out: cnn reads words'],
    [
      'cnn+freeze=embeddings',
      {},
      'Expected freeze of cnn+freeze=embeddings to be left out: cnn has no parts',
    ],
    ['bert+freeze=encoder.2-1', {}, 'to be layers from the lower to the higher, such as encoder.0-5'],
    ['bert+word-vectors=v', {}, 'Expected word-vectors of bert+word-vectors=v to be left out'],
  ])('%s with %j is refused', (id, more, message) => {
    const request = (): unknown => requestOf(one(id), { ...common, ...more });
    expect(request).toThrow(expect.objectContaining({ code: 'E_USAGE', exit: 2 }) as Error);
    expect(request).toThrow(message);
  });
});

test.each([
  'cnn,cnn+seed=1',
  'cnn+seed=2,cnn+seed=02',
  'bert-two-step,bert+two-step',
  'bert-two-step,bert-two-step+negatives=3',
  'cnn,cnn+negatives=all',
])('runs that are the same: %s', (text) => {
  const [a, b] = text.split(',');
  expect(() => planRuns(parseRuns(text), common)).toThrow(
    `Expected runs that differ, got ${a} and ${b}, which are the same`,
  );
});

describe('runFolder', () => {
  test('plain ids are readable', () => {
    expect(
      ['cnn', 'bilstm+seed=2', 'bert+two-step+learning-rate=1e-5'].map((id) => runFolder({ id })),
    ).toEqual(['cnn', 'bilstm_seed=2', 'bert_two-step_learning-rate=1e-5']);
  });

  const hostile = fc
    .string({ unit: fc.constantFrom(...'ab_-+=./\\:*?"<>| \0\n~@éÉAB1%$'), maxLength: 12 })
    .map((tail) => `bert+encoder=${tail}`);

  test('no two ids share one, whatever the case of letters, and none leads elsewhere', () => {
    const near = ['a/b', 'a-b', 'a_b', 'a+b', 'A/b', 'a\\b', 'a b', 'a:b', 'a?b', '../b', 'a.', 'a'];
    const seen = new Map<string, string>();
    const check = (id: string): void => {
      const folder = runFolder({ id });
      expect(folder).toMatch(/^[\w=.@-]{1,200}$/);
      expect(folder).toMatch(/^bert[^.]/);
      expect(folder).not.toMatch(/\.$/);
      const other = seen.get(folder.toLowerCase());
      expect(other ?? id, folder).toBe(id);
      seen.set(folder.toLowerCase(), id);
    };
    for (const text of near) check(`bert+encoder=${text}`);
    fc.assert(fc.property(hostile, check), { numRuns: 2000, seed: 1 });
    check(`bert+encoder=${'x'.repeat(5000)}`);
    check(`bert+encoder=${'x'.repeat(5001)}`);
    check('bert+encoder=a+seed=2');
    check('bert+encoder=a_seed=2');
  });
});
