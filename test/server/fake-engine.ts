/** An engine without a model: it answers each source by what it says, when it is told to. */
import { fail } from '../../src/core/errors.ts';
import { createApp, type AppOptions } from '../../src/server/app.ts';
import type { Answer, Engine, Job, ServedModel } from '../../src/server/engine.ts';
import { defaultLimits, type Limits } from '../../src/server/limits.ts';
import { silent } from '../../src/server/log.ts';

export const fakeModel: ServedModel = {
  card: {
    name: 'fake',
    id: '0123456789ab',
    system: 'bert',
    twoSteps: true,
    precision: 'int8',
    threshold: 0.25,
    calibrated: false,
    mentions: 'bert',
    version: '0.0.0',
  },
  relations: [{ id: 'P17', name: 'country' }],
  entityTypes: ['LOC', 'PER'],
};

export class FakeEngine implements Engine {
  model: ServedModel | undefined = fakeModel;
  /** Texts of sources that fail. */
  readonly bad = new Set<string>();
  /** Titles of every batch that was begun. */
  readonly batches: string[][] = [];
  readonly #listeners: (() => void)[] = [];
  readonly #held: { readonly finish: () => void; readonly lose: (error: Error) => void }[] = [];
  readonly #holds: boolean;

  /** @param holds - whether batches wait for `release` */
  constructor({ holds = false }: { readonly holds?: boolean } = {}) {
    this.#holds = holds;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async run(jobs: readonly Job[], onAnswer: (index: number, answer: Answer) => void): Promise<void> {
    this.batches.push(jobs.map((job) => titleOf(job)));
    if (this.#holds)
      await new Promise<void>((resolve, reject) => this.#held.push({ finish: resolve, lose: reject }));
    // The last first: answers come in any order.
    for (const [index, job] of [...jobs.entries()].toReversed()) onAnswer(index, this.#answer(job));
  }

  /** Finishes the oldest batch that waits. */
  release(): void {
    this.#held.shift()?.finish();
  }

  /** Finishes all batches, and those that come when they are done. */
  async releaseAll(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      if (this.#held.length > 0) quiet = 0;
      while (this.#held.length > 0) this.release();
      await turn();
    }
  }

  /** The model is gone, with all that it had. */
  lose(): void {
    this.model = undefined;
    for (const { lose } of this.#held.splice(0)) lose(fail('E_UNAVAILABLE', { reason: 'it was lost' }));
    for (const listener of this.#listeners) listener();
  }

  restore(): void {
    this.model = fakeModel;
    for (const listener of this.#listeners) listener();
  }

  #answer(job: Job): Answer {
    const title = titleOf(job);
    if (this.bad.has(title))
      return { failure: { code: 'E_ENGINE', message: `no ${title}`, help: 'none', exit: 5 } };
    const echo = {
      title,
      kind: job.kind,
      theta: job.theta ?? null,
      source: JSON.parse(job.payload) as unknown,
    };
    return { body: new TextEncoder().encode(JSON.stringify(echo)) };
  }
}

export interface Echo {
  readonly title: string;
  readonly kind: string;
  readonly theta: number | null;
  readonly source: { readonly text?: string };
}

function titleOf({ kind, payload }: Job): string {
  const parsed = JSON.parse(payload) as { source?: object };
  const source = (kind === 'explain' ? parsed.source : parsed) as { title?: string; doc?: { title: string } };
  return source.title ?? source.doc?.title ?? '';
}

/** Lets the event loop go round. */
export const turn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });

export interface FakeApp {
  readonly engine: FakeEngine;
  readonly app: ReturnType<typeof createApp>;
  /** What was logged. */
  readonly lines: Record<string, unknown>[];
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

/** An application over an engine without a model. */
export function fakeApp(
  options: Partial<Omit<AppOptions, 'limits' | 'engine'>> & {
    readonly limits?: Partial<Limits>;
    readonly holds?: boolean;
  } = {},
): FakeApp {
  const engine = new FakeEngine(options);
  const lines: Record<string, unknown>[] = [];
  const note = (fields: object): void => void lines.push({ ...fields });
  const app = createApp({
    log: { ...silent, info: note, error: note },
    page: async () => '<!doctype html><title>viewer</title>',
    ...options,
    engine,
    limits: { ...defaultLimits, ...options.limits },
  });
  return {
    engine,
    app,
    lines,
    post: async (path, body, headers = {}) =>
      app.request(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly help: string;
  readonly instance: string;
  readonly documents?: readonly { readonly index: number; readonly title: string; readonly path: string }[];
}

/** The problem that a response is. @throws when it is none, or says another status than it has */
export async function problemIn(response: Response): Promise<ProblemBody> {
  const problem = (await response.json()) as ProblemBody;
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error(`no problem: ${response.headers.get('content-type')}`);
  if (problem.status !== response.status) throw new Error(`${problem.status} in ${response.status}`);
  return problem;
}
