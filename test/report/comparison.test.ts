import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { comparisonSchema, readComparison } from '../../src/report/comparison.ts';
import { differences } from '../../src/report/differences.ts';
import { findings } from '../../src/report/findings.ts';
import {
  bytes,
  duration,
  list,
  probability,
  score,
  scoreDifference,
  shortened,
} from '../../src/report/numbers.ts';
import { rowsOf, type Row } from '../../src/report/rows.ts';
import { bareComparison, comparison, hostileComparison, largeComparison } from './comparison.ts';

const folder = mkdtempSync(join(tmpdir(), 'relata-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(value: unknown): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(value));
  return path;
}
function rows(of = comparison()): [Row, ...Row[]] {
  const [first, ...rest] = rowsOf(of);
  if (first === undefined) throw new Error('no row');
  return [first, ...rest];
}

describe('report.json', () => {
  test.each([comparison, bareComparison, largeComparison])('comes back as it was: %o', (make) => {
    expect(readComparison(saved(make()))).toEqual(make());
  });

  test('with odd strings too', () => {
    expect(comparisonSchema.parse(hostileComparison())).toEqual(hostileComparison());
  });

  test('is refused with the place of what is wrong', () => {
    const whole = comparison();
    const [run] = whole.runs;
    expect(() => readComparison(saved({ ...whole, runs: [] }))).toThrow(/report\.json: runs/);
    expect(() => readComparison(saved({ ...whole, runs: [run, run] }))).toThrow(/two runs have one id/);
    const bootstraps = [{ ...whole.bootstraps[0], a: ['nobody'] }];
    expect(() => readComparison(saved({ ...whole, bootstraps }))).toThrow(/no run has the id nobody/);
    expect(() => readComparison(saved({ ...whole, runs: [{ ...run, parameters: 1.5 }] }))).toThrow(
      /runs\.0\.parameters/,
    );
    expect(() => readComparison(join(folder, 'nothing.json'))).toThrow(/Expected the report.json/);
  });
});

describe('rows', () => {
  test('are runs that differ in their seed only', () => {
    expect(rows().map(({ label, runs }) => [label, runs.length])).toEqual([
      ['CNN', 1],
      ['LSTM', 1],
      ['BiLSTM', 3],
      ['Context-Aware', 1],
      ['SentModel', 3],
      ['BERT', 1],
      ['BERT-Two-Step', 1],
      ['BiLSTM, two steps', 1],
    ]);
  });

  test('of one label say what sets them apart', () => {
    const { runs, ...rest } = comparison();
    const changed = runs.map((run) => (run.id === 'bilstm-2' ? { ...run, mode: 'faithful' as const } : run));
    expect(rowsOf({ ...rest, runs: changed }).map(({ label, runs }) => [label, runs.length])).toContainEqual([
      'BiLSTM (faithful)',
      1,
    ]);
  });
});

describe('findings', () => {
  const all = findings(comparison(), rows()).sentences.join('\n').replaceAll('\u{a0}', ' ');

  test('name the best, its lead and the interval', () => {
    expect(findings(comparison(), rows()).best.label).toBe('BiLSTM, two steps');
    expect(all).toContain(
      'ahead of Context-Aware. 95 % interval of the difference: −0.98 to +2.50, p = 0.420',
    );
  });

  test('compare SentModel with BiLSTM by the bootstrap over all seeds, also when it was asked the other way round', () => {
    const claim =
      /SentModel is 0\.\d\d F1 below BiLSTM .* −1\.92 to \+1\.26, p = 0\.443; the choice of documents alone could/;
    expect(all).toMatch(claim);
    const whole = comparison();
    const bootstraps = whole.bootstraps.map(({ a, b, difference, low, high, ...rest }) => ({
      ...rest,
      a: b,
      b: a,
      difference: -difference,
      low: -high,
      high: -low,
    }));
    const turned = findings({ ...whole, bootstraps }, rows(whole)).sentences.join('\n');
    expect(turned.replaceAll('\u{a0}', ' ')).toMatch(claim);
  });

  test('do not call one run best', () => {
    expect(findings(bareComparison(), rows(bareComparison())).headline).toBe('CNN reaches 34.14 F1 on dev');
  });
});

describe('differences', () => {
  const of = (value = comparison()): string =>
    differences(value)
      .map(({ what, why }) => `${what}: ${why}`)
      .join('\n');

  test('are counted on the data that were used', () => {
    expect(of()).toContain(
      "train.json has 847 documents; the paper's has 3,053 (28 %), and 10,571 label entries of 38,269 (28 %)",
    );
    const whole = comparison();
    const data = whole.data.map((set) =>
      set.role === 'dev' ? { ...set, documents: 998, instances: 12_275 } : set,
    );
    expect(of({ ...whole, data })).toMatch(/998 documents.*August 2021/);
    expect(of()).not.toContain('August 2021');
  });

  test('are said only where they are', () => {
    expect(of()).toMatch(/BERT without pretraining/);
    expect(of()).toMatch(/AUC of two steps/);
    const whole = comparison();
    const runs = whole.runs
      .filter(({ twoStep }) => !twoStep)
      .map((run) => ({
        ...run,
        mode: 'faithful' as const,
        encoder:
          run.encoder.kind === 'bert'
            ? { kind: 'bert' as const, size: 'bert-base-uncased', pretrained: true }
            : {
                kind: 'words' as const,
                dimension: 100,
                vectors: { file: 'glove.txt', coverage: 0.98, trained: false },
              },
      }));
    const faithful = of({ ...whole, runs });
    for (const absent of [
      'pretraining',
      'Word vectors are learnt',
      'Other word vectors',
      'Another BERT',
      'Corrected',
      'AUC of two',
    ])
      expect(faithful).not.toContain(absent);
  });
});

test('numbers', () => {
  expect([score(0.45678), score(null), score(-0.001), score(0)]).toEqual(['45.68', '–', '−0.10', '0.00']);
  expect([
    scoreDifference(0.0123),
    scoreDifference(-0.0123),
    scoreDifference(0),
    scoreDifference(-1e-9),
  ]).toEqual(['+1.23', '−1.23', '0.00', '0.00']);
  expect([0.4, 9.96, 59.4, 59.6, 187, 3599.7, 3720, 90_000].map(duration)).toEqual([
    '0.4 s',
    '10 s',
    '59 s',
    '1 min 00 s',
    '3 min 07 s',
    '1 h 00 min',
    '1 h 02 min',
    '25 h 00 min',
  ]);
  expect([bytes(5.12e8), bytes(1.284e9), bytes(null)]).toEqual(['512 MB', '1.28 GB', '–']);
  expect([probability(0.0001), probability(0.0314)]).toEqual(['< 0.001', '0.031']);
  expect([list(['a']), list(['a', 'b', 'c']), list(['a, x', 'b', 'c'])]).toEqual([
    'a',
    'a, b and c',
    'a, x; b and c',
  ]);
  expect([shortened('abc', 3), shortened('a😀cd', 3)]).toEqual(['abc', 'a😀…']);
});
