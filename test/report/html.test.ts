/** The page and the picture: well-formed, complete, safe; charts' points lie where plain arithmetic says. */
import { describe, expect, test } from 'vitest';

import { themes } from '../../src/report/ink.ts';
import type { Comparison } from '../../src/report/comparison.ts';
import { reportHtml } from '../../src/report/html.ts';
import { reportPicture } from '../../src/report/picture.ts';
import { bareComparison, comparison, HOSTILE, hostileComparison, largeComparison } from './comparison.ts';
import { all, attribute, type Element, parse, textOf } from './parse.ts';

const cases: readonly (readonly [string, () => Comparison])[] = [
  ['whole', comparison],
  ['bare', bareComparison],
  ['large', largeComparison],
  ['hostile', hostileComparison],
];
const page = parse(reportHtml(comparison()));
const text = textOf(page);
const percent = (share: number): string => (share * 100).toFixed(2).replace('-', '−');
const thousands = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

describe.each(cases)('the page of the %s comparison', (_, make) => {
  const html = reportHtml(make());
  const page = parse(html);

  test('is well-formed and needs nothing from elsewhere', () => {
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'image', 'use', 'foreignObject'])
      expect(all(page, name), name).toEqual([]);
    const [css] = all(page, 'style');
    expect(css?.children.join('')).not.toMatch(/url\(|@import|@font-face/);
    const addresses = all(page, 'a').map((a) => attribute(a, 'href'));
    expect(addresses.filter((address) => !address.startsWith('#'))).toEqual([
      'https://arxiv.org/abs/1909.11898',
    ]);
    const policy = all(page, 'meta').find(
      (meta) => meta.attributes.get('http-equiv') === 'Content-Security-Policy',
    );
    expect(policy?.attributes.get('content')).toMatch(/^default-src 'none'/);
  });

  test('says no undefined, NaN, null or infinity', () => {
    expect(html).not.toMatch(/undefined|NaN|Infinity|\bnull\b|\[object/);
  });

  test('has headings in order and contents that lead to them', () => {
    const ids = all(page, 'h2').map((h2) => attribute(h2, 'id'));
    expect(all(page, 'h1')).toHaveLength(1);
    expect(new Set(ids).size).toBe(ids.length);
    const links = all(page, 'nav').flatMap((nav) => all(nav, 'a').map((a) => attribute(a, 'href')));
    expect(links).toEqual(ids.map((id) => `#${id}`));
    for (const section of all(page, 'section')) expect(ids).toContain(attribute(section, 'aria-labelledby'));
  });

  test('has tables with headings for every column, and pictures with names', () => {
    expect(all(page, 'table').length).toBeGreaterThan(5);
    for (const table of all(page, 'table')) {
      for (const th of all(table, 'th')) expect(attribute(th, 'scope')).toMatch(/^(row|col|colgroup)$/);
      const [head] = all(table, 'thead');
      const width = (head === undefined ? [] : all(head, 'tr').slice(0, 1))
        .flatMap((tr) => tr.children)
        .reduce(
          (sum, th) => sum + (typeof th === 'string' ? 0 : Number(th.attributes.get('colspan') ?? 1)),
          0,
        );
      for (const body of all(table, 'tbody'))
        for (const tr of all(body, 'tr')) expect(tr.children, textOf(tr)).toHaveLength(width);
    }
    const nameless = all(page, 'svg').filter(
      (svg) =>
        svg.attributes.get('aria-hidden') !== 'true' &&
        all(svg, 'title').map(textOf).join('') === '' &&
        (svg.attributes.get('aria-label') ?? '') === '',
    );
    expect(nameless).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('and its picture in %s is well-formed', (theme) => {
    const [svg] = all(parse(reportPicture(make(), theme)), 'svg');
    const [x, y, width, height] = attribute(svg ?? page, 'viewBox')
      .split(' ')
      .map(Number);
    expect([x, y]).toEqual([0, 0]);
    expect(width).toBeGreaterThan(600);
    expect(height).toBeGreaterThan(80);
    expect(reportPicture(make(), theme)).not.toMatch(/undefined|NaN|var\(|Infinity/);
  });
});

describe('what was measured is on the page', () => {
  const { data, runs, bootstraps, machine, command } = comparison();

  test('data', () => {
    for (const set of data) {
      expect(text, 'file').toContain(set.file);
      expect(text, 'sha256').toContain(set.sha256);
      const { documents, relations, relationsObserved, instances, facts, words, entities, pairs } = set;
      for (const value of [documents, relations, relationsObserved, instances, facts, words, entities, pairs])
        expect(text, set.role).toContain(thousands(value ?? 0));
    }
    for (const value of ['3,053', '38,269', '34,715', '12,332', '11,790', '12,842', '12,101'])
      expect(text, 'Table 1').toContain(value);
  });

  test('runs', () => {
    for (const run of runs) {
      const { f1, ignF1, precision, recall, auc, ignAuc, tieSafeF1, theta, stages } = run.dev;
      const shares = [f1, ignF1, precision, recall, auc, ignAuc, tieSafeF1, ...Object.values(run.test ?? {})];
      for (const share of [...shares, ...stages.flatMap(({ scores }) => Object.values(scores))])
        expect(text, run.id).toContain(percent(share ?? 0));
      expect(text, run.id).toContain((theta ?? 0).toFixed(4));
      expect(text, run.id).toContain(thousands(run.parameters));
      expect(text, run.id).toContain(thousands(run.cost.pieces));
      expect(text, run.id).toContain(thousands(run.cost.piecesPerSecond ?? 0));
      expect(text, run.id).toContain(`${((run.cost.peakMemory ?? 0) / 1e9).toFixed(2)} GB`);
      expect(text, run.id).toContain(run.command);
      expect(text, run.id).toContain(run.folder);
    }
    expect(text, 'command').toContain(command);
    expect(text, 'machine').toContain(machine.cpu);
    expect(text, 'machine').toContain(machine.node);
  });

  test('what scores mean: errors before and after, and where they were measured', () => {
    for (const { reliability, label } of runs.filter(({ label }) => label === 'CNN' || label === 'BERT'))
      expect(text, label).toContain(
        `error ${percent(reliability?.before.ece ?? 0)} before, ${percent(reliability?.after.ece ?? 0)} after`,
      );
    expect(text).toContain('Fitted on dev and measured on 200 test documents, which it has not seen.');
    const onDev = comparison();
    const runsOnDev = onDev.runs.map((run) => ({
      ...run,
      reliability: run.reliability && { ...run.reliability, measuredOn: 'dev' as const },
    }));
    const page = textOf(parse(reportHtml({ ...onDev, runs: runsOnDev })));
    expect(page).toContain('each half of them is measured with what was fitted on the other');
    expect(page).not.toContain('measured on 200 test documents');
  });

  test('several seeds as mean and deviation, by hand', () => {
    const seeds = runs.filter(({ label }) => label === 'BiLSTM').map(({ dev }) => dev.f1);
    const mean = seeds.reduce((sum, f1) => sum + f1, 0) / 3;
    const deviation = Math.sqrt(seeds.reduce((sum, f1) => sum + (f1 - mean) ** 2, 0) / 2);
    expect(text, 'BiLSTM').toContain(`${percent(mean)} ± ${percent(deviation)}`);
    expect(text, 'less the paper').toContain(percent(mean - 0.5094));
  });

  test("the paper's numbers", () => {
    for (const value of '43.45 42.26 50.68 50.07 50.94 51.06 51.09 50.70 54.16 53.20 54.42 53.92 50.26 50.97 49.31'.split(
      ' ',
    ))
      expect(text, 'paper').toContain(value);
  });

  test('break-downs, of single runs as they are', () => {
    for (const run of runs.filter(({ label }) => label === 'CNN' || label === 'BERT')) {
      const { groups, relations } = run.breakdown;
      for (const row of [...groups.flatMap(({ rows }) => rows), ...relations]) {
        expect(text, run.id).toContain(row.name);
        expect(text, row.name).toContain(thousands(row.support));
        for (const share of [row.f1, row.precision, row.recall])
          expect(text, row.name).toContain(percent(share));
      }
    }
  });

  test('bootstraps', () => {
    for (const { difference, low, high, resamples } of bootstraps) {
      expect(text, 'difference').toContain(percent(difference));
      expect(text, 'interval').toContain(
        `${low > 0 ? '+' : ''}${percent(low)} to ${high > 0 ? '+' : ''}${percent(high)}`,
      );
      expect(text, 'resamples').toContain(thousands(resamples));
    }
  });
});

describe('what is not known', () => {
  const bare = textOf(parse(reportHtml(bareComparison())));

  test('is a dash, and sections without content are left out', () => {
    expect(bare).toContain('No test scores');
    for (const title of [
      'Precision and recall',
      'What the scores mean',
      'Training',
      'Where the systems differ',
      'How sure',
    ])
      expect(bare).not.toContain(title);
    expect(bare).toContain('Wall time');
    expect(bare).not.toContain('0.00 0.00');
  });
});

describe('hostile strings', () => {
  const unfit = ['\u0000', '\u202e', '\ud800'];
  const html = reportHtml(hostileComparison());

  test('appear as text, without characters that no document may hold', () => {
    const visible = unfit.reduce((text, character) => text.replaceAll(character, '\ufffd'), HOSTILE);
    expect(textOf(parse(html))).toContain(visible);
    for (const output of [html, reportPicture(hostileComparison(), 'light')]) {
      expect(output).not.toMatch(/<script|<img/);
      expect([...output].filter((character) => unfit.includes(character))).toEqual([]);
    }
  });

  test('end neither title nor style', () => {
    const page = parse(html);
    expect(all(page, 'head')).toHaveLength(1);
    expect(all(page, 'style')).toHaveLength(1);
    expect(all(page, 'body')).toHaveLength(1);
  });
});

describe('points of the charts', () => {
  /** The number that an axis says at a place, from two of its ticks; a third has to agree. */
  function readAxis(ticks: readonly (readonly [place: number, value: number])[]): (place: number) => number {
    const [[p0, v0], [p1, v1]] = [ticks[0] ?? [0, 0], ticks.at(-1) ?? [0, 0]];
    const read = (place: number): number => v0 + ((place - p0) / (p1 - p0)) * (v1 - v0);
    for (const [place, value] of ticks) expect(read(place)).toBeCloseTo(value, 1);
    return read;
  }
  const labels = (svg: Element, anchor: string) =>
    all(svg, 'text')
      .filter((label) => label.attributes.get('text-anchor') === anchor && /^[\d.]+$/.test(textOf(label)))
      .map((label) => ({
        x: Number(attribute(label, 'x')),
        // Text is drawn from its base line, a bit below its middle.
        y: Number(attribute(label, 'y')) - Number(attribute(label, 'font-size')) * 0.35,
        value: Number(textOf(label)),
      }));
  const chart = (start: string): Element => {
    const found = all(page, 'svg').find((svg) =>
      all(svg, 'title').some((title) => textOf(title).startsWith(start)),
    );
    if (found === undefined) throw new Error(`no chart ${start}`);
    return found;
  };
  const pointsOf = (path: Element): number[][] =>
    [...attribute(path, 'd').matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);

  test('precision and recall', () => {
    const svg = chart('Precision over recall');
    const x = readAxis(labels(svg, 'middle').map(({ x, value }) => [x, value]));
    const y = readAxis(labels(svg, 'end').map(({ y, value }) => [y, value]));
    const dots = all(svg, 'circle').map((dot) => [
      x(Number(attribute(dot, 'cx'))),
      y(Number(attribute(dot, 'cy'))),
    ]);
    const curves = all(svg, 'path').map((path) => pointsOf(path).map(([px = 0, py = 0]) => [x(px), y(py)]));
    const { runs } = comparison();
    expect(dots).toHaveLength(runs.length);
    const near = (found: readonly number[] | undefined, wanted: readonly number[]): boolean =>
      found !== undefined && wanted.every((value, i) => Math.abs((found[i] ?? NaN) - value * 100) < 0.15);
    for (const { id, dev, precisionRecall } of runs) {
      expect(
        dots.some((dot) => near(dot, [dev.recall, dev.precision])),
        id,
      ).toBe(true);
      const drawn = curves.some(
        (points) =>
          near(points[0], precisionRecall[0] ?? []) &&
          near(points.at(-1), precisionRecall.at(-1) ?? []) &&
          points.every((point) => precisionRecall.some((one) => near(point, one))),
      );
      expect(drawn, id).toBe(true);
    }
  });

  test('reliability, before and after', () => {
    const svg = chart('Reliability of LSTM');
    const x = readAxis(labels(svg, 'middle').map(({ x, value }) => [x, value]));
    const y = readAxis(labels(svg, 'end').map(({ y, value }) => [y, value]));
    const found = comparison().runs.find(({ label }) => label === 'LSTM')?.reliability;
    const wanted = [...(found?.before.bins ?? []), ...(found?.after.bins ?? [])];
    const dots = all(svg, 'circle');
    expect(wanted).toHaveLength(16);
    expect(dots).toHaveLength(wanted.length);
    for (const [i, dot] of dots.entries()) {
      expect(x(Number(attribute(dot, 'cx')))).toBeCloseTo((wanted[i]?.said ?? NaN) * 100, 1);
      expect(y(Number(attribute(dot, 'cy')))).toBeCloseTo((wanted[i]?.found ?? NaN) * 100, 1);
    }
    // What is right: from corner to corner.
    const diagonal = all(svg, 'line').find(
      (line) =>
        attribute(line, 'x1') !== attribute(line, 'x2') && attribute(line, 'y1') !== attribute(line, 'y2'),
    );
    const ends = ['x1', 'y1', 'x2', 'y2'].map((name) => Number(attribute(diagonal ?? svg, name)));
    expect([x(ends[0] ?? NaN), y(ends[1] ?? NaN), x(ends[2] ?? NaN), y(ends[3] ?? NaN)]).toEqual(
      [0, 0, 100, 100].map((value) => expect.closeTo(value, 1)),
    );
  });

  test('bars', () => {
    const svg = chart('F1 on dev');
    const x = readAxis(labels(svg, 'middle').map(({ x, value }) => [x, value]));
    const ends = all(svg, 'rect').map((bar) =>
      x(Number(attribute(bar, 'x')) + Number(attribute(bar, 'width'))),
    );
    const { runs } = comparison();
    const cnn = (runs.find(({ label }) => label === 'CNN')?.dev.f1 ?? 0) * 100;
    expect(ends).toHaveLength(15); // eight of ours, seven of the paper's
    expect(ends[0]).toBeCloseTo(cnn, 1);
    expect(ends[1]).toBeCloseTo(43.45, 1);
    for (const bar of all(svg, 'rect')) expect(x(Number(attribute(bar, 'x')))).toBeCloseTo(0, 1);
  });

  test('training', () => {
    const svg = chart('Training of LSTM');
    const x = readAxis(labels(svg, 'middle').map(({ x, value }) => [x, value]));
    const f1 = labels(svg, 'end').filter(({ value }) => value === 0 || value >= 1);
    const y = readAxis(f1.map(({ y, value }) => [y, value]));
    const run = comparison().runs.find(({ label }) => label === 'LSTM');
    const curve = all(svg, 'path').map(pointsOf).at(-1) ?? [];
    expect(curve).toHaveLength(run?.history.length ?? 0);
    for (const [i, entry] of (run?.history ?? []).entries()) {
      expect(x(curve[i]?.[0] ?? NaN)).toBeCloseTo(entry.epoch, 1);
      expect(y(curve[i]?.[1] ?? NaN)).toBeCloseTo((entry.scores['f1'] ?? 0) * 100, 1);
    }
  });
});

describe('colours', () => {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
      const share = parseInt(hex.slice(i, i + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  test.each(['light', 'dark'] as const)('stand out in %s (WCAG: lines 3, text 4.5)', (theme) => {
    const colors = themes[theme];
    const contrast = (name: string): number => {
      const [dark = 0, light = 0] = [luminance(colors[name] ?? ''), luminance(colors['paper'] ?? '')].sort(
        (a, b) => a - b,
      );
      return (light + 0.05) / (dark + 0.05);
    };
    for (const name of Object.keys(colors).filter((name) => name.startsWith('series')))
      expect(contrast(name), name).toBeGreaterThan(3);
    for (const name of ['text', 'muted', 'accent']) expect(contrast(name), name).toBeGreaterThan(4.5);
  });
});
