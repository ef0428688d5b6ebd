/** `relata explain` as a person meets it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { explainCommand } from '../../src/cli/explain.ts';
import { bar, signed } from '../../src/cli/explanation-page.ts';
import { explanationText } from '../../src/cli/explanation-text.ts';
import type { Document } from '../../src/data/document.ts';
import { exportSystem } from '../../src/models/export.ts';
import { openSystem } from '../../src/models/open-system.ts';
import { explain } from '../../src/prediction/explain.ts';
import type { Explanation } from '../../src/prediction/explanation.ts';
import { wrap } from '../../src/text/display-width.ts';
import { saveTwoStepBert, saveWords } from '../models/saved.ts';
import * as tiny from '../models/tiny.ts';
import * as words from '../models/words.ts';
import { writeDocuments } from '../training/fixtures.ts';
import { inProcess, relata, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const [doc, ...others] = tiny.corpus.train as [Document, ...Document[]];
const nameOf = (entity: number): string => doc.vertexSet[entity]?.[0]?.name ?? '';
const run = async (...args: string[]): Promise<string> =>
  (await inProcess(explainCommand().exitOverride(), ...args)).out;

beforeAll(async () => {
  saveTwoStepBert(at('model'));
  saveWords(at('context-aware'), { system: 'context-aware', mode: 'corrected' });
  for await (const _ of exportSystem(at('model'), at('exported'), 'fp32'));
  writeDocuments(at('one.json'), [doc]);
  writeDocuments(at('many.json'), [...others.slice(0, 3), doc]);
  writeDocuments(at('words.json'), [words.documents[0] as Document]);
});

afterEach(() => vi.unstubAllEnvs());

describe('the command', () => {
  const pair = ['--head', nameOf(0), '--tail', '#1'];

  test('is there, and prints an explanation of a pair for people', async () => {
    const { code, out, err } = await relata(
      'explain',
      '--model',
      at('model'),
      '--document',
      at('many.json'),
      '--title',
      doc.title,
      ...pair,
    );
    expect(code, err).toBe(0);
    const [head, tail] = [nameOf(0), nameOf(1)];
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/^".*" -- .* --> ".*": [\d.]+, (not )?above the threshold 0\.25 /);
    for (const part of [
      `"${head}" -- `,
      `--> "${tail}"`,
      'Step 1, are the two related at all?',
      'Step 2, which relation?',
      'the two entities',
      `by mentions of "${head}"`,
      'Words that moved it',
      'What each sentence is worth',
    ])
      expect(text).toContain(part);
    // oxlint-disable-next-line no-control-regex
    expect(out).not.toMatch(/\u001b/);
  });

  test('--json is what explain gives', async () => {
    const relation = tiny.relations.relationId(3);
    const printed = await run(
      '--model',
      at('model'),
      '--document',
      at('one.json'),
      ...pair,
      '--json',
      '--relation',
      tiny.relations.relationName(relation),
      '--theta',
      '0.5',
      '--threads',
      '1',
    );
    const system = await openSystem(at('model'), { threads: 1 });
    const options = { head: 0, tail: 1, relation, theta: 0.5, engine: { threads: 1 } };
    expect(JSON.parse(printed)).toEqual(await explain(system, doc, options));
    await system.dispose();
  });

  test('an exported model says what is missing, and the rest', async () => {
    const out = await run('--model', at('exported'), '--document', at('one.json'), ...pair);
    expect(out).toContain('This model was exported');
    expect(out).toContain('What each sentence is worth');
    expect(out).not.toContain('the two entities  ');
  });

  test('Context-Aware has words, but no parts', async () => {
    const args = ['--head', '0', '--tail', '1', '--document', at('words.json')];
    const out = await run('--model', at('context-aware'), ...args);
    expect(out).toContain('Words that moved it');
    expect(out).toContain('no exact parts');
    expect(out).not.toContain('Step 1');
  });

  test('a text needs a model that finds its entities', async () => {
    writeFileSync(at('text.txt'), 'Ada was born in London.');
    const args = ['--model', at('model'), '--document', at('text.txt'), '--head', 'Ada', '--tail', 'London'];
    await expect(run(...args)).rejects.toMatchObject({ code: 'E_NO_TAGGER' });
  });

  test.each([
    [['--document', 'many.json', ...pair], 'one document in'],
    [['--document', 'many.json', '--title', 'nothing', ...pair], 'one document "nothing"'],
    [['--document', 'one.json', '--head', 'nobody', '--tail', '1'], 'one entity "nobody"'],
    [['--document', 'one.json', '--head', '1', '--tail', '1'], 'two entities'],
    [['--document', 'one.json', ...pair, '--relation', 'nothing'], 'one relation "nothing" in the model'],
  ])('%s', async ([flag = '', file = '', ...rest], message) => {
    await expect(run('--model', at('model'), flag, at(file), ...rest)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('the text', () => {
  const sents = [
    ['Ada', 'Lovelace', 'was', 'born', 'in', 'London', '.'],
    ['She', 'wrote', '.'],
    ['London', 'grew', '.'],
  ];
  const mention = (name: string, sent_id: number, start: number, end: number) =>
    ({ name, sent_id, pos: [start, end], type: 'X' }) as const;
  const example: Document = {
    title: 'Ada',
    sents,
    vertexSet: [[mention('Ada Lovelace', 0, 0, 2)], [mention('London', 0, 5, 6), mention('London', 2, 0, 1)]],
  };
  const explanation: Explanation = {
    title: 'Ada',
    head: 0,
    tail: 1,
    headName: 'Ada Lovelace',
    tailName: 'London',
    relation: 'P19',
    name: 'place of birth',
    threshold: 0.5,
    gate: { probability: 0.75, margin: 1.1, open: true },
    relations: [
      { relation: 'P19', name: 'place of birth', logit: 2, score: 0.88, probability: 0.8 },
      { relation: 'P20', name: 'place of death', logit: -2, score: 0.12, probability: 0.05 },
    ],
    logit: {
      total: 2,
      entities: 3,
      distance: -0.5,
      bias: -0.5,
      headMentions: [3],
      tailMentions: [2, 1],
      headWords: [
        { sentence: 0, word: 0, share: 1.75 },
        { sentence: 0, word: 1, share: 1.25 },
      ],
      tailWords: [
        { sentence: 0, word: 5, share: 2 },
        { sentence: 2, word: 0, share: 1 },
      ],
    },
    effects: [
      { sentence: 0, word: 3, share: 2.5 },
      { sentence: 1, word: 0, share: -1 },
      { sentence: 2, word: 2, share: 0.01 },
    ],
    sentences: [
      { sentence: 0, score: null, change: 0.88, open: false },
      { sentence: 2, score: 0.45, change: 0.43, open: true },
      { sentence: 1, score: 0.881, change: -0.001, open: true },
    ],
    unavailable: null,
  };
  const output = (columns: number, isTTY = false) => ({ columns, isTTY, write: () => true });
  const textOf = (changes: Partial<Explanation> = {}, columns = 100): string =>
    explanationText({ ...explanation, ...changes }, { doc: example, output: output(columns) });

  test('says everything that is known, in words', () => {
    const lines = textOf().split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '"Ada Lovelace" -- place of birth (P19) --> "London": 0.88, above the threshold 0.50',
      'An answer of the model.',
      'Step 1, are the two related at all? 0.75: yes, by a margin of +1.10 (it must be above 0).',
    ]);
    for (const line of [
      '>  place of birth  P19  0.88  █████████████████▋  right in 80 % of such cases',
      '   place of death  P20  0.12  ██▍                 right in 5 % of such cases',
      '  their distance, 5 words     -0.50  ███▍',
      '  sum, a score of 0.88        +2.00  █████████████▍',
      '  +3.00  sentence 0  Ada +1.75, Lovelace +1.25',
      '  +1.00  sentence 2  London',
      '[0] [Ada Lovelace] was born(+2.50) in {London} .',
      '[1] She(-1.00) wrote .',
      '[2] {London} grew .(+0.01)',
    ])
      expect(lines).toContain(line);
    expect(lines.slice(-4)).toEqual([
      'What each sentence is worth: the score if it were not there',
      '  [0]  -0.88  only there: "Ada Lovelace", no longer an answer  Ada Lovelace was born in London .',
      '  [2]  -0.43  score falls to 0.45, no longer an answer         London grew .',
      '  the other one would change it by less than 0.005',
    ]);
  });

  test('a closed gate and a low score are no answers', () => {
    expect(textOf({ gate: { probability: 0.2, margin: -1.4, open: false } })).toContain(
      'Not an answer of the model: step 1 takes the two for unrelated, so the score does not count.\n' +
        'Step 1, are the two related at all? 0.20: no, by a margin of -1.40',
    );
    const low = textOf({ threshold: 0.9, gate: null });
    expect(low).toContain(
      '0.88, not above the threshold 0.90\nNot an answer of the model.\n\nWhich relation?',
    );
  });

  test('a relation that was asked for is shown however low it is', () => {
    const relations = Array.from({ length: 40 }, (_, i) => ({
      relation: `P${i}`,
      name: `relation ${i}`,
      logit: -i,
      score: 0.4 / (i + 1),
      probability: null,
    }));
    const text = textOf({ relations, relation: 'P30', name: 'relation 30' });
    expect(text).toMatch(/^> {2}relation 30 +P30 +0\.01/m);
    expect(text).toContain('and 34 more below');
    expect(text).not.toContain('such cases');
  });

  test.each([40, 60, 80, 100])('fits %d columns', (columns) => {
    for (const line of textOf({ unavailable: 'a text that '.repeat(20) }, columns).split('\n'))
      expect([...line].length, line).toBeLessThanOrEqual(columns);
  });

  test('is the same with colours, but for the colours', () => {
    vi.stubEnv('NO_COLOR', '');
    const painted = explanationText(explanation, { doc: example, output: output(100, true) });
    expect(stripVTControlCharacters(painted)).toBe(textOf());
    expect(painted).toContain('\u001b[44m');
    // What speaks against it has another colour.
    expect(painted).toMatch(/\u001b\[33m(\u001b\[1m)?She/); // oxlint-disable-line no-control-regex
    vi.stubEnv('NO_COLOR', '1');
    expect(explanationText(explanation, { doc: example, output: output(100, true) })).toBe(textOf());
  });
});

describe('marks', () => {
  test('bars and signs', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(9, 4), bar(0.15625, 4)]).toEqual([
      '',
      '██',
      '████',
      '████',
      '▋',
    ]);
    expect([1.234, -0.5, 0.001, -0.001].map(signed)).toEqual(['+1.23', '-0.50', ' 0.00', ' 0.00']);
  });

  test('lines break at spaces and keep the first indent', () => {
    expect(wrap('  one two three', { columns: 9, indent: '    ' })).toEqual(['  one two', '    three']);
    expect(wrap('a  b', { columns: 9 })).toEqual(['a  b']);
    expect(wrap('aaaaaaaaaaaa b', { columns: 5 })).toEqual(['aaaaaaaaaaaa', 'b']);
    expect(wrap('', { columns: 5 })).toEqual(['']);
    expect(wrap(['\u001b[1mab\u001b[22m', 'cd'], { columns: 5 })).toEqual(['\u001b[1mab\u001b[22m cd']);
    expect(wrap('漢字 ab', { columns: 6 })).toEqual(['漢字', 'ab']);
  });
});
