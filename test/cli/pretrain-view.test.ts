/** What a pretraining run looks like, from given events. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { pretrainTable, PretrainView } from '../../src/cli/pretrain-view.ts';
import { shapeOf } from '../../src/models/bert-config.ts';
import type { PretrainEvent } from '../../src/training/pretrain-events.ts';
import { pretrainSchema } from '../../src/training/pretrain-options.ts';

beforeEach(() => void vi.stubEnv('CI', 'true'));
afterEach(() => vi.unstubAllEnvs());

/** The lines that a view writes where there is no terminal. An event comes at a time of its own, in seconds. */
function shown(...events: (readonly [time: number, event: PretrainEvent])[]): string[] {
  let [time, written] = [0, ''];
  const view = new PretrainView({
    output: { write: (text: string) => (written += text) },
    now: () => time,
  });
  for (const [at, event] of events) {
    time = at;
    view.show(event);
  }
  view.end();
  return written.split('\n').slice(0, -1);
}

const prepared = (
  options: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): PretrainEvent => ({
  kind: 'prepared',
  about: {
    request: pretrainSchema.parse({ text: ['a.txt'], ...options }),
    shape: shapeOf('mini', 16_000),
    documents: 1200,
    words: 345_678,
    pieces: 456_789,
    heldOut: 4567,
    vocabulary: 16_000,
    vocabularyFrom: 'text',
    learningRate: 1e-3,
    pretrained: false,
    ...more,
  },
});
const start = (step = 0, share = 0, seconds = 0): PretrainEvent => ({
  kind: 'start',
  step,
  share,
  parameters: 7_654_321,
  seconds,
});
const step = (number: number, share: number, seconds: number, loss = 5): PretrainEvent => ({
  kind: 'step',
  step: number,
  share,
  loss,
  norm: 1,
  learningRate: 8.66e-4,
  pieces: 4096,
  masked: 600,
  window: 128,
  seconds,
});
const look = (number: number, seconds: number, perplexity: number): PretrainEvent => ({
  kind: 'evaluation',
  step: number,
  share: 0,
  pieces: number * 4096,
  memory: 1e9,
  loss: Math.log(perplexity),
  perplexity,
  accuracy: 0.31257,
  seconds,
});

describe('while the text is read', () => {
  test('share, megabytes a second, words, remaining time; one after the other', () => {
    const text = (doing: 'counting words' | 'cutting into pieces', bytes: number): PretrainEvent => ({
      kind: 'text',
      doing,
      bytes,
      totalBytes: 400e6,
      words: bytes / 4,
    });
    expect(
      shown(
        [0, text('counting words', 20e6)],
        [40, text('counting words', 100e6)],
        [100, text('cutting into pieces', 0)],
        [140, text('cutting into pieces', 200e6)],
      ),
    ).toEqual([
      'counting words  25 %  100.0 MB/400.0 MB  2.0 MB/s  40 s  2:30 left  25,000,000 words',
      'cutting into pieces  50 %  200.0 MB/400.0 MB  5.0 MB/s  40 s  40 s left  50,000,000 words',
    ]);
  });
});

describe('what the run works on', () => {
  test('from random weights and text alone', () => {
    expect(shown([0, prepared()])).toEqual([
      '1,200 documents, 345,678 words: 456,789 pieces to train on, 4,567 held out',
      'mini: 4 layers, 256 wide, 4 heads, from random weights; vocabulary of 16,000 pieces, built from the text',
      'updates of 4,096 pieces at 0.001, windows of 128 pieces, of 512 for the last 10 %, 15 % of the pieces to guess',
    ]);
  });

  test('from a checkpoint, with windows of one length', () => {
    const [, encoder, windows] = shown([
      0,
      prepared(
        { encoder: 'dir', longShare: 0 },
        { pretrained: true, vocabularyFrom: 'checkpoint', learningRate: 0.256 / 768 / 5 },
      ),
    ]);
    expect(encoder).toBe(
      'going on from dir: 4 layers, 256 wide, 4 heads; vocabulary of 16,000 pieces, of the checkpoint',
    );
    expect(windows).toContain('at 0.0000667, windows of 128 pieces, 15 %');
  });

  test('a given vocabulary, and weights that are not used', () => {
    const lines = shown(
      [0, prepared({ vocabulary: 'vocab.txt' }, { vocabularyFrom: 'file' })],
      [0, { kind: 'ignored', names: ['a', 'b', 'c', 'd'] }],
    );
    expect(lines[1]).toContain('vocabulary of 16,000 pieces, of vocab.txt');
    expect(lines.at(-1)).toBe(
      "ignored 4 weights of the checkpoint that are not the encoder's or its language model's: a, b, c, ...",
    );
    expect(shown([0, { kind: 'no-head' }])).toEqual([
      'the checkpoint has no language-model head to go on from: it begins with random weights',
    ]);
  });

  test.each([
    [{ hours: 2 }, 'for 2 h'],
    [{ steps: 1000 }, 'for 1,000 steps'],
    [{ passes: 3 }, 'for 3 passes over the text'],
    [{}, 'for 1 pass over the text'],
  ])('its budget: %j', (options, words) => {
    expect(shown([0, prepared(options)], [0, start()]).at(-1)).toBe(
      `masked language model  7,654,321 parameters, ${words}`,
    );
  });

  test('a run that goes on', () => {
    expect(shown([0, prepared({ steps: 2000 })], [0, start(500, 0.25, 60)]).at(-1)).toBe(
      'masked language model  7,654,321 parameters, for 2,000 steps, from step 500, 25 % done',
    );
  });
});

describe('while it trains', () => {
  test('a row per look at the held-out part; the time of a look is no part of the speed', () => {
    const lines = shown(
      [0, prepared({ steps: 100 })],
      [0, start()],
      [1, look(0, 1, 16_000)],
      [3, step(1, 0.01, 3)],
      [5, step(2, 0.02, 5)],
      [9, look(2, 9, 49.5)],
      [10, step(3, 0.03, 10)],
      [12, look(3, 12, 2e7)],
    ).slice(-4);
    expect(lines).toEqual([
      '     step  M pieces     loss  perplexity  accuracy     rate  pieces/s     time',
      '        0       0.0    9.680      16,000     31.26        -         -    1.0 s',
      '        2       0.0    3.902       49.50     31.26   8.7e-4     2,048    9.0 s',
      '        3       0.0   16.811      2.0e+7     31.26   8.7e-4     4,096     12 s',
    ]);
  });

  test('the loss of the line is smoothed; the rest of a run takes as long as what is done', () => {
    const lines = shown(
      [0, prepared({ steps: 100 })],
      [0, start()],
      [10, step(10, 0.1, 10, 6)],
      [40, step(11, 0.2, 40, 4)],
    );
    expect(lines.at(-1)).toBe('pretrain  20 %  40 s  2:40 left  loss 5.900  205 pieces/s');
  });

  test('of a budget of time what has not passed is left, also of one that goes on', () => {
    const lines = shown([0, prepared({ hours: 2 })], [0, start(100, 0.5, 3600)], [60, step(110, 0.75, 3660)]);
    expect(lines.at(-1)).toMatch(/^pretrain  75 %  1:00  30:00 left /);
    // Speed is that of this process alone.
    expect(lines.at(-1)).toContain('  68 pieces/s');
  });
});

test('the result', () => {
  const table = pretrainTable({
    kind: 'result',
    folder: 'out',
    scores: { loss: 2.7135, perplexity: 15.082, accuracy: 0.4831 },
    step: 12_345,
    pieces: 50_565_120,
    seconds: 7200,
  });
  expect(table.split('\n')).toEqual([
    '           loss  perplexity  accuracy   steps      pieces     time',
    '--------  -----  ----------  --------  ------  ----------  -------',
    'held out  2.713       15.08     48.31  12,345  50,565,120  2:00:00',
  ]);
});
