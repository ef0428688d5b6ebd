/**
 * A process that does one work on request: ours (`ours/*.ts`) or the peer's (`peers/*.py`, and `*.ts` for packages of npm).
 *
 * Both speak the same lines of JSON: the first line in sets the work up and is answered by one line; every
 * further line asks for one run and is answered by `{ ms, maxRss }`. They end when their input does.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a run is answered by. */
export interface Answer {
  /** Time of the work alone. */
  readonly ms: number;
  /** The most memory that the process has held so far, in bytes. */
  readonly maxRss: number;
  /** What else a work reports. */
  readonly [name: string]: number;
}

export interface Contestant {
  /** The answer to the set-up. */
  readonly ready: Readonly<Record<string, number>>;
  readonly run: (request?: object) => Promise<Answer>;
  readonly end: () => Promise<void>;
}

/** A Python that has PyTorch, or undefined. */
export function findPython(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
  );
}

/** Starts `ours/NAME.ts`. */
export async function startOurs(name: string, setup: object): Promise<Contestant> {
  return start(process.execPath, ['--import', 'tsx', pathOf(`ours/${name}.ts`)], setup);
}

/** Starts `peers/NAME.ts`: a package for Node. */
export async function startNodePeer(name: string, setup: object): Promise<Contestant> {
  return start(process.execPath, ['--import', 'tsx', pathOf(`peers/${name}.ts`)], setup);
}

/** Starts `peers/NAME.py`, if there is a Python for it. */
export async function startPeer(
  python: string | undefined,
  name: string,
  setup: object,
): Promise<Contestant | undefined> {
  return python === undefined ? undefined : start(python, ['-B', pathOf(`peers/${name}.py`)], setup);
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

async function start(command: string, args: readonly string[], setup: object): Promise<Contestant> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error(`${args.at(-1)} ended without an answer`);
    return JSON.parse(line.value) as Answer;
  };
  const ready = await ask(setup);
  return { ready, run: async (request = {}) => ask(request), end: async () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  const exit = child.exitCode === null ? once(child, 'exit') : undefined;
  child.stdin?.end();
  await exit;
}
