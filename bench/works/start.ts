/** From starting `relata predict`, as it is installed, until the first document is scored by an exported BERT-base. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { median } from '../alternate.ts';
import { writeLines } from '../corpus.ts';
import { type Row, toRow } from '../row.ts';
import { type Context, THREADS } from './context.ts';

const STARTS = 5;

const repository = fileURLToPath(new URL('../..', import.meta.url));

export async function start({ models }: Context): Promise<Row[]> {
  const [model, corpus] = [await models.exported('int8'), await models.corpus()];
  const input = join(models.folder, 'one.jsonl');
  writeLines(input, corpus.documents.slice(0, 1));
  const installed = install(join(models.folder, 'package'));
  const command = [join(installed, 'bin/relata.js'), 'predict', '--model', model, '--input', input];
  // The first fact on the output says that the document is scored; were there none, the end would.
  const options = ['--out', '-', '--format', 'jsonl', '--threads', String(THREADS)];
  const floor = join(installed, 'floor.mjs');
  writeFileSync(floor, bare(model));
  const times: { ours: number[]; floor: number[] } = { ours: [], floor: [] };
  // The first of each reads the files from the disk, and does not count.
  for (let turn = -1; turn < STARTS; turn++) {
    const [ours, least] = [await firstOutput([...command, ...options]), await firstOutput([floor])];
    if (turn >= 0) {
      times.ours.push(ours);
      times.floor.push(least);
    }
  }
  const seconds = (median(times.ours) ?? Number.NaN) / 1000;
  const least = (median(times.floor) ?? Number.NaN) / 1000;
  const work = 'start of relata predict until a document is scored, int8';
  return [
    toRow(work, 's', { ours: seconds }, { atMost: 2 }),
    toRow(`${work}, share that Node, the engine and reading the files take`, '%', {
      ours: (100 * least) / seconds,
    }),
  ];
}

/** The package as npm installs it: compiled, without the sources. Dependencies are those of the checkout. */
function install(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const compile = ['-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')];
  execFileSync(join(repository, 'node_modules/.bin/tsc'), compile, {
    cwd: repository,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  cpSync(join(repository, 'bin'), join(folder, 'bin'), { recursive: true });
  cpSync(join(repository, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** A program that loads the engine and reads the model's files, and does nothing with them. */
function bare(model: string): string {
  return `import { readdirSync, readFileSync } from 'node:fs';
import 'onnxruntime-node';
let bytes = 0;
const entries = readdirSync(${JSON.stringify(model)}, { recursive: true, withFileTypes: true });
for (const entry of entries) if (entry.isFile()) bytes += readFileSync(\`\${entry.parentPath}/\${entry.name}\`).length;
console.log(bytes);
`;
}

/** Time from the start of a Node process until it prints something, in ms; it is left to end by itself. */
async function firstOutput(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const exit = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exit]);
  const ms = performance.now() - began;
  child.stdout.resume();
  const [status] = (await exit) as [number | null];
  if (status !== 0)
    throw new Error(`${args.join(' ')} ended with ${status}: ${Buffer.concat(errors).toString()}`);
  return ms;
}
