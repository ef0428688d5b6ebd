import { afterEach, describe, expect, it, vi } from 'vitest';

import { bytes, count, duration, paint, percent, Progress, table } from '../../src/cli/terminal.ts';

afterEach(() => vi.unstubAllEnvs());

function terminal(columns = 80) {
  const written: string[] = [];
  return { written, isTTY: true, columns, write: (text: string) => written.push(text) };
}

describe('numbers', () => {
  it('reads well', () => {
    expect([count(1_234_567), count(0), count(12.345, 1)]).toEqual(['1,234,567', '0', '12.3']);
    expect([duration(0.84), duration(42.4), duration(187), duration(3729), duration(Infinity)]).toEqual([
      '0.8 s',
      '42 s',
      '3:07',
      '1:02:09',
      '?',
    ]);
    expect([bytes(512), bytes(3_400_000), bytes(1.25e9)]).toEqual(['512 B', '3.4 MB', '1.3 GB']);
    expect(percent(0.4567)).toBe('45.7 %');
  });
});

describe('table', () => {
  it('aligns columns, wide letters too', () => {
    const rows = [
      ['name', 'n'],
      ['a', 12_345],
      ['東京', 7],
    ];
    expect(table(rows, { output: { write: () => {} } })).toBe(
      ['name       n', '----  ------', 'a     12,345', '東京       7'].join('\n'),
    );
    expect(table(rows.slice(1), { align: 'rl', header: false })).toBe(['   a  12,345', '東京  7'].join('\n'));
    expect(table([])).toBe('');
  });
});

describe('paint', () => {
  it('colours a terminal only, and not with NO_COLOR', () => {
    vi.stubEnv('NO_COLOR', '');
    expect(paint('red', 'x', terminal())).toBe('\u001b[31mx\u001b[39m');
    expect(paint('red', 'x', { write: () => {} })).toBe('x');
    vi.stubEnv('NO_COLOR', '1');
    expect(paint('red', 'x', terminal())).toBe('x');
  });
});

describe('Progress', () => {
  it('redraws one line at most ten times a second, and leaves nothing behind', () => {
    vi.stubEnv('CI', '');
    vi.stubEnv('NO_COLOR', '1');
    const output = terminal(120);
    let time = 0;
    const progress = new Progress({
      label: 'train',
      unit: 'steps',
      total: 200,
      from: 50,
      output,
      now: () => time,
    });
    for (let done = 51; done <= 100; done++) {
      time += 0.02;
      progress.update(done, `loss ${done}`);
    }
    expect(output.written.length).toBeGreaterThanOrEqual(9);
    expect(output.written.length).toBeLessThanOrEqual(11);
    time = 10;
    progress.update(100, 'loss 0.5');
    // 50 steps in 10 s; 100 remain.
    expect(output.written.at(-1)).toBe(
      '\r\u001b[2Ktrain  ━━━━━━━━━━──────────  50 %  100/200 steps  5.0/s  10 s  20 s left  loss 0.5',
    );
    progress.done();
    expect(output.written.at(-1)).toBe('\r\u001b[2K');
  });

  it('shows bytes as people read them, and how many come in a second', () => {
    vi.stubEnv('CI', 'true');
    const output = { ...terminal(), isTTY: false };
    let time = 0;
    const progress = new Progress({
      label: 'read',
      unit: 'bytes',
      total: 200e6,
      output,
      now: () => time,
    });
    time = 40;
    progress.update(50e6, '7 words');
    expect(output.written).toEqual(['read  25 %  50.0 MB/200.0 MB  1.3 MB/s  40 s  2:00 left  7 words\n']);
  });

  it('shows a share alone where nothing is counted, and the time that is said to be left', () => {
    vi.stubEnv('CI', 'true');
    for (const [remaining, left] of [
      [undefined, '1:30 left'],
      [(done: number) => (1 - done) * 1000, '10:00 left'],
    ] as const) {
      const output = { ...terminal(), isTTY: false };
      let time = 0;
      const options = { label: 'train', total: 1, from: 0.1, remaining, output, now: () => time };
      const progress = new Progress(options);
      time = 45;
      progress.update(0.4, 'loss 3');
      expect(output.written).toEqual([`train  40 %  45 s  ${left}  loss 3\n`]);
    }
  });

  it('cuts the line to the terminal', () => {
    vi.stubEnv('CI', '');
    const output = terminal(20);
    new Progress({ label: 'check', unit: 'documents', output, now: () => 1 }).update(5, 'a long text');
    expect(output.written.join('')).toContain('check');
    // oxlint-disable-next-line no-control-regex
    expect(output.written.join('').replace(/\u001b\[[\d;]*[a-zA-Z]|\r/g, '')).toHaveLength(19);
  });

  it('prints a plain line now and then where there is no terminal, or in CI', () => {
    vi.stubEnv('CI', 'true');
    for (const isTTY of [true, false]) {
      const output = { ...terminal(), isTTY };
      let time = 0;
      const progress = new Progress({ label: 'train', unit: 'steps', output, now: () => time });
      for (let done = 1; done <= 70; done++) {
        time = done;
        progress.update(done);
      }
      progress.done();
      expect(output.written).toHaveLength(2);
      expect(output.written[0]?.endsWith('30 steps  1.0/s  30 s\n')).toBe(true);
    }
  });
});
