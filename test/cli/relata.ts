/** Runs the command as a user does, and folders to run it in. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, vi } from 'vitest';

const program = fileURLToPath(new URL('../../bin/relata.js', import.meta.url));

export interface Result {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Result>;
}

/** A folder that is removed when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'relata-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `relata ...args` in a process of its own. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  const done = new Promise<Result>((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
  return { child, done };
}

/** `relata ...args` in a process of its own, to its end. */
export const relata = async (...args: readonly string[]): Promise<Result> => start(args).done;

/** Runs a command within the tests' process. @returns what it wrote; what it throws is thrown */
export async function inProcess(
  command: { parseAsync: (args: readonly string[], options: { from: 'user' }) => Promise<unknown> },
  ...args: readonly string[]
): Promise<{ out: string; err: string }> {
  let [out, err] = ['', ''];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true)),
  ];
  try {
    await command.parseAsync(args, { from: 'user' });
    return { out, err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
