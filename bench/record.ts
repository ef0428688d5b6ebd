/** Appends a run to `results.md`, with the machine and the commit that it is true of. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

import { markdownRows, type Row } from './row.ts';
import { FEW_BLOCKS } from './works/context.ts';

export function record(rows: readonly Row[], blocks: number): void {
  const date = new Date().toISOString().slice(0, 10);
  const memory = Math.round(totalmem() / 1e9);
  const machine = `${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, ${memory} GB, Node ${process.versions.node}`;
  const text = `\n## ${date}, commit ${commit()}\n\n${machine}. Medians of ${blocks} turns, of long works of ${Math.min(blocks, FEW_BLOCKS)}.\n\n${markdownRows(rows)}`;
  appendFileSync(new URL('results.md', import.meta.url), text);
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return (
      git('rev-parse', '--short', 'HEAD') +
      (git('status', '--porcelain', 'src') === '' ? '' : ' with changes')
    );
  } catch {
    return 'unknown';
  }
}
