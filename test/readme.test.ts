/** What the documents show works: commands and code are run, links and flags exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { afterAll, describe, expect, test } from 'vitest';

import { checkDocument } from '../src/data/check.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/onnx.md',
  'docs/results.md',
  'bench/README.md',
  'bench/results.md',
];
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'relata-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Fenced blocks of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    (match) => match[1] ?? '',
  );
}

/** Commands of a block: continued lines joined, comments dropped. */
function commands(block: string): string[] {
  return block
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

function relata(line: string): string {
  const [, , ...words] = line.split(/\s+/);
  return execFileSync(process.execPath, [join(root, 'bin/relata.js'), ...words], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('README', () => {
  test('its commands run, one after the other', () => {
    const lines = blocks('sh').flatMap(commands);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(line).toMatch(/^npx relata /);
      expect(() => relata(line), line).not.toThrow();
    }
    expect(existsSync(join(folder, 'result.json'))).toBe(true);
    expect(existsSync(join(folder, 'model/step-2/model.safetensors'))).toBe(true);
  });

  test('its program runs', () => {
    const [program = ''] = blocks('ts');
    const index = pathToFileURL(join(root, 'src/index.ts')).href;
    writeFileSync(join(folder, 'program.mts'), program.replace("'relata'", `'${index}'`));
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    expect(() =>
      execFileSync(process.execPath, ['--import', loader, 'program.mts'], { cwd: folder, stdio: 'pipe' }),
    ).not.toThrow();
  });

  test('its document is sound', () => {
    const [json = ''] = blocks('json');
    expect(checkDocument(JSON.parse(json), { file: 'README.md', index: 0 }).problems).toEqual([]);
  });

  test('its other commands name flags that exist', () => {
    for (const line of blocks('console').flatMap(commands)) {
      const [program, name, command] = line.split(/\s+/);
      if (program !== 'npx' || name !== 'relata') continue;
      const help = relata(`npx relata ${command} --help`);
      for (const flag of line.match(/--[a-z-]+/g) ?? []) expect(help, line).toContain(flag);
    }
  });
});

describe('links', () => {
  for (const name of documents) {
    test(`of ${name} lead somewhere`, () => {
      const text = readFileSync(join(root, name), 'utf8');
      const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !target.includes(':'));
      expect(targets.filter((target) => !existsSync(join(root, dirname(name), target)))).toEqual([]);
    });
  }
});
