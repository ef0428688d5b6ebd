/** `relata pretrain` and `relata fill` as a person meets them, up to `relata train` with the encoder that comes of it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import { beforeAll, describe, expect, test } from 'vitest';

import { fillCommand } from '../../src/cli/fill.ts';
import { pretrainCommand } from '../../src/cli/pretrain.ts';
import { trainCommand } from '../../src/cli/train.ts';
import { readJson } from '../../src/core/files.ts';
import type { FilledText } from '../../src/prediction/fill.ts';
import { pretrainSchema } from '../../src/training/pretrain-options.ts';
import { writeCorpus } from '../training/fixtures.ts';
import { inProcess, relata, start, temporaryFolder } from './relata.ts';

const folder = temporaryFolder();
const program = fileURLToPath(new URL('../../bin/relata.js', import.meta.url));

/** Thirty documents of 175 words. */
const text = join(folder, 'text.txt');
const [names, things, places] = [
  ['Ada', 'Bela', 'Cora'],
  ['ship', 'house', 'garden', 'tower'],
  ['sea', 'hill', 'river'],
];
const sentence = (i: number): string =>
  `${names[i % 3]} saw the ${things[i % 4]} by the ${places[(i + Math.floor(i / 12)) % 3]}.`;
const documents = Array.from({ length: 30 }, (_, d) =>
  Array.from({ length: 25 }, (__, i) => sentence(d * 7 + i)).join(' '),
);
writeFileSync(text, `${documents.join('\n\n')}\n`);

let outs = 0;
const freshOut = (): string => join(folder, `encoder-${outs++}`);
const pretrain = async (...args: string[]): Promise<{ out: string; err: string }> =>
  inProcess(pretrainCommand(), ...args);
const words = (line: string): string[] => line.split(' ');
const quick = [
  '--text',
  text,
  ...words('--encoder tiny --vocabulary-size 150 --threads 1 --evaluations 2'),
  ...words('--update-pieces 512 --batch-pieces 512 --window 32 --long-window 64'),
];
const flagOf = (key: string): string => `--${key.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

describe('--help', () => {
  const help = pretrainCommand().configureHelp({ helpWidth: 400 }).helpInformation();
  const lineOf = (flag: string): string =>
    help.split('\n').find((line) => line.trim().startsWith(`${flag} `)) ?? '';

  test('lists every option, with its default', () => {
    for (const key of Object.keys(pretrainSchema.shape)) expect(lineOf(flagOf(key)), key).not.toBe('');
    const defaults = Object.entries(pretrainSchema.parse({ text: ['a'] })).filter(([key]) => key !== 'text');
    expect(defaults.length).toBeGreaterThan(15);
    for (const [key, value] of defaults)
      expect(lineOf(flagOf(key)), key).toContain(`(default: ${String(value)})`);
    for (const flag of ['--out', '--resume', '--config', '--json']) expect(lineOf(flag), flag).not.toBe('');
  });

  test('says what takes files, one or several, and what a value', () => {
    expect(
      ['--text', '--vocabulary', '--encoder', '--hours'].map((flag) => lineOf(flag).split(/[<>]/)[1]),
    ).toEqual(['files...', 'file', 'value', 'value']);
    expect(lineOf('--cased')).toMatch(/^ +--cased {2,}/);
  });

  test('both commands are listed', async () => {
    const { code, out } = await relata('--help');
    expect(code).toBe(0);
    for (const command of ['pretrain', 'fill']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
  });
});

describe('wrong use', () => {
  test.each([
    [['--hours', '0'], 'Expected --hours to be above 0, got 0'],
    [['--steps', '1.5'], 'Expected --steps to be a whole number, got 1.5'],
    [['--hours', '1', '--steps', '5'], 'Expected --steps to be left out beside --hours, got 5'],
    [['--steps', '5', '--passes', '2'], 'Expected --passes to be left out beside --steps, got 2'],
    [['--mask-share', '0.6'], 'Expected --mask-share to be at most 0.5, got 0.6'],
    [['--window', 'long'], 'Expected --window to be a number, got "long"'],
    [['--vocabulary-size', '5'], 'Expected --vocabulary-size to be at least 100, got 5'],
  ])('%j', async (flags, message) => {
    const run = pretrain(...quick, '--out', join(folder, 'none'), ...flags);
    await expect(run).rejects.toMatchObject({
      code: 'E_USAGE',
      exit: 2,
      help: '`relata pretrain --help` lists every option.',
    });
    await expect(run).rejects.toThrow(message);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test('what is missing is named', async () => {
    await expect(pretrain(...quick)).rejects.toMatchObject({
      code: 'E_USAGE',
      message: 'Expected --out, but it is missing',
    });
    await expect(pretrain('--out', join(folder, 'none'))).rejects.toMatchObject({
      code: 'E_USAGE',
      message: 'Expected --text, but it is missing',
    });
  });

  test('a key of --config that there is not; flags win over it', async () => {
    const config = join(folder, 'config.json');
    const out = freshOut();
    writeFileSync(config, JSON.stringify({ steps: 0 }));
    const run = pretrain(...quick, '--out', out, '--config', config);
    await expect(run).rejects.toThrow('config.json: steps to be above 0, got 0');
    writeFileSync(config, JSON.stringify({ epochs: 3 }));
    await expect(pretrain(...quick, '--out', out, '--config', config)).rejects.toThrow(
      /^Expected only known keys in .*config\.json, got epochs$/,
    );
    writeFileSync(config, JSON.stringify({ steps: 9, seed: 4, longShare: 0 }));
    await pretrain(...quick, '--out', out, '--config', config, '--steps', '1');
    expect(readJson(join(out, 'pretrain.json'))).toMatchObject({
      request: { steps: 1, seed: 4, longShare: 0, text: [text] },
    });
  });

  test('exit status and words: 2 for a misspelt flag, 4 for a text that is not there', async () => {
    const none = join(folder, 'none');
    const [misspelt, missing] = await Promise.all([
      relata('pretrain', ...quick, '--out', none, '--hour', '3'),
      relata('pretrain', '--text', join(folder, 'no.txt'), '--encoder', 'tiny', '--out', none),
    ]);
    expect(misspelt).toMatchObject({ code: 2, out: '' });
    expect(misspelt.err).toContain('(Did you mean --hours?)');
    expect(missing).toMatchObject({ code: 4, out: '' });
    expect(missing.err).toContain('E_FILE_MISSING: ');
  });
});

describe('a run', () => {
  const out = freshOut();
  let [printed, said] = ['', ''];
  beforeAll(async () => {
    ({ out: printed, err: said } = await pretrain(...quick, '--steps', '3', '--out', out));
  });

  test('says what it works on, and what the encoder knows at every look', () => {
    expect(said).toContain('30 documents, 5,250 words: ');
    expect(said).toContain('tiny: 2 layers, 128 wide, 2 heads, from random weights; vocabulary of ');
    expect(said).toContain('windows of 32 pieces, of 64 for the last 10 %');
    expect(said).toMatch(/masked language model {2}[\d,]+ parameters, for 3 steps\n/);
    const [header, ...rows] = said.trimEnd().split('\n').slice(-4);
    expect(header?.trim().split(/ {2,}/)).toEqual(
      'step,M pieces,loss,perplexity,accuracy,rate,pieces/s,time'.split(','),
    );
    expect(rows.map((row) => row.trim().split(/ +/)[0])).toEqual(['0', '1', '3']);
  });

  test('ends with what it reached, and what to do next', () => {
    expect(printed).toMatch(/^\n +loss +perplexity +accuracy +steps +pieces +time\n-.*\nheld out +\d/);
    expect(printed).toContain(`\nSaved in ${out}. Next:\n`);
    expect(stripVTControlCharacters(printed).split('\n').slice(-3)).toEqual([
      `  relata fill ${out} "Paris is the [MASK] of France."`,
      `  relata train --system bert-two-step --encoder ${out} --train FILE --dev FILE --out DIR`,
      '',
    ]);
  });

  test('its folder is not used twice; --resume stands alone, and --json prints JSON and nothing else', async () => {
    await expect(pretrain(...quick, '--out', out)).rejects.toMatchObject({
      code: 'E_FILE_EXISTS',
      exit: 2,
      help: `Go on with that run by --resume ${out}, or choose another folder.`,
    });
    await expect(pretrain('--resume', out, '--steps', '3')).rejects.toThrow(
      'Expected --resume alone, got --steps beside it',
    );
    await expect(pretrain('--resume', join(folder, 'no'))).rejects.toMatchObject({ exit: 4 });
    const again = await relata('pretrain', '--resume', out, '--json');
    expect(again.code).toBe(0);
    const result = JSON.parse(again.out) as { folder: string; scores: { loss: number } };
    expect(result).toMatchObject({ folder: out, step: 3, pieces: 1536 });
    expect(printed).toContain(`  ${result.scores.loss.toFixed(3)}  `);
    expect(Object.keys(result)).toEqual(['folder', 'scores', 'step', 'pieces', 'seconds']);
  });

  test('relata fill: a table of guesses for each gap below the text with the best of them', async () => {
    const texts = ['Ada saw the [MASK] by the [MASK].', 'The [MASK].'];
    const asked = await inProcess(fillCommand(), out, ...texts, '--top', '2', '--threads', '1');
    const [first, second] = texts.map((_, i) =>
      asked.out
        .trimEnd()
        .split('\n\n')
        .slice(2 * i, 2 * i + 2),
    );
    expect(first?.[0]).toMatch(/^Ada saw the .+ by the .+\.$/);
    expect(first?.[0]).not.toContain('MASK');
    const rows = first?.[1]?.split('\n').map((line) => line.trim().split(/ {2,}/)) ?? [];
    expect(rows[0]).toEqual(['gap', 'guess', 'probability']);
    expect(rows.slice(2).map((row) => row.length)).toEqual([3, 2, 3, 2]);
    expect(rows.slice(2).map((row) => row[0])).toEqual(['1', expect.any(String), '2', expect.any(String)]);
    expect(rows.at(-1)?.at(-1)).toMatch(/^\d+\.\d %$/);
    expect(second?.[1]?.split('\n')).toHaveLength(4);

    const json = await inProcess(fillCommand(), out, ...texts, '--json', '--threads', '1');
    const filled = JSON.parse(json.out) as FilledText[];
    expect(filled.map((one) => one.text)).toEqual(texts);
    expect(filled.map(({ masks }) => masks.map(({ guesses }) => guesses.length))).toEqual([[5, 5], [5]]);
    expect(first?.[0]).toBe(filled[0]?.filled);
  });

  test('relata fill: lines of standard input; what it cannot fill', async () => {
    const child = spawn(process.execPath, [program, 'fill', out, '-', '--json', '--threads', '1'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end('The [MASK] saw.\r\n\n  \n[MASK] saw the sea.\n');
    let written = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) written += String(chunk);
    expect((JSON.parse(written) as FilledText[]).map((one) => one.text)).toEqual([
      'The [MASK] saw.',
      '[MASK] saw the sea.',
    ]);

    const [nothing, plain, zero] = await Promise.all([
      relata('fill', out),
      relata('fill', out, 'Ada saw the sea.'),
      relata('fill', out, '[MASK]', '--top', '0'),
    ]);
    for (const wrong of [nothing, plain, zero]) expect(wrong).toMatchObject({ code: 2, out: '' });
    expect(nothing.err).toContain("missing required argument 'texts'");
    expect(plain.err).toContain(
      'E_USAGE: Expected a text with [MASK] in it, got "Ada saw the sea."\nWrite [MASK]',
    );
  });

  test('relata train takes the encoder, and leaves the head of the language model', async () => {
    const corpus = writeCorpus(join(folder, 'corpus'), 12);
    const { err } = await inProcess(
      trainCommand(),
      ...words(`--system bert --encoder ${out} --train ${corpus.train} --dev ${corpus.dev}`),
      ...words(`--epochs 1 --evaluate-every 1 --threads 1 --out ${join(folder, 'model')}`),
    );
    expect(err).toContain('pretrained encoder');
    expect(err).not.toContain('ignored');
    expect(existsSync(join(folder, 'model', 'model.safetensors'))).toBe(true);
    // What it saves is an encoder alone.
    await expect(inProcess(fillCommand(), join(folder, 'model'), '[MASK]')).rejects.toMatchObject({
      code: 'E_NO_HEAD',
      exit: 2,
    });
  });

  test('--encoder DIR goes on from it', async () => {
    const further = freshOut();
    const { err } = await pretrain(
      '--text',
      text,
      '--encoder',
      out,
      '--steps',
      '1',
      '--threads',
      '1',
      '--out',
      further,
    );
    expect(err).toContain(`going on from ${out}: 2 layers, 128 wide, 2 heads; vocabulary of `);
    expect(err).toContain(' pieces, of the checkpoint\n');
    expect(err).not.toContain('ignored');
    const pieces = (dir: string): string => readFileSync(join(dir, 'vocab.txt'), 'utf8');
    expect(pieces(further)).toBe(pieces(out));
  });
});

test('Ctrl-C: exit status 130, and how to go on', async () => {
  const out = freshOut();
  const { child, done } = start(['pretrain', ...quick, '--steps', '1000000', '--out', out]);
  let said = '';
  child.stderr?.on('data', (chunk: string) => {
    const before = said.includes('masked language model');
    said += chunk;
    if (!before && said.includes('masked language model')) child.kill('SIGINT');
  });
  const { code, out: printed, err } = await done;
  expect(code).toBe(130);
  expect(printed).toBe('');
  expect(err).toContain('Finishing this step and saving');
  expect(err.trimEnd().split('\n').at(-1)).toBe(
    `Stopped and saved. Go on with: relata pretrain --resume ${out}`,
  );
  expect(existsSync(join(out, 'checkpoint.safetensors'))).toBe(true);
});
