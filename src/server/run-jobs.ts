/** Runs a batch of jobs: what the engine's thread does, without the thread. */
import { RelataError } from '../core/errors.ts';
import type { Explanation } from '../prediction/explanation.ts';
import type { Source } from '../prediction/extract.ts';
import type { Extraction } from '../prediction/extraction.ts';
import type { Answer, Job } from './engine.ts';
import { defaultLimits } from './limits.ts';
import { failureOf, refusalOf, tooMuch } from './problem.ts';
import type { ExplainQuestion } from './read-request.ts';

export interface JobRunner {
  /** In the order of the sources. */
  readonly extract: (
    sources: readonly Source[],
    options: { readonly theta: number | undefined },
  ) => AsyncIterable<Extraction>;
  readonly explain: (question: ExplainQuestion) => Promise<Explanation>;
  /** The most facts of an answer. */
  readonly maxFacts: number;
  /** Told of errors that are none of Relata's: they are bugs. */
  readonly onBug?: (error: unknown) => void;
}

type Numbered = readonly [index: number, job: Job];

/**
 * Answers all jobs. Those that ask for the same threshold run together; when one of them fails, each that has no answer yet runs
 * by itself, so that only the one that is to blame fails.
 */
export async function runJobs(
  jobs: readonly Job[],
  runner: JobRunner,
  onAnswer: (index: number, answer: Answer) => void,
): Promise<void> {
  const groups = new Map<number | undefined, Numbered[]>();
  const questions: Numbered[] = [];
  for (const [index, job] of jobs.entries()) {
    if (job.kind === 'explain') {
      questions.push([index, job]);
    } else {
      const group = groups.get(job.theta) ?? [];
      group.push([index, job]);
      groups.set(job.theta, group);
    }
  }
  for (const [theta, group] of groups) await extractGroup(group, theta, runner, onAnswer);
  for (const [index, { payload }] of questions) {
    // A payload is JSON that this program made of what it had checked.
    const question = JSON.parse(payload) as ExplainQuestion;
    onAnswer(index, await answerOf(async () => encoded(await runner.explain(question)), runner));
  }
}

async function extractGroup(
  group: readonly Numbered[],
  theta: number | undefined,
  runner: JobRunner,
  onAnswer: (index: number, answer: Answer) => void,
): Promise<void> {
  const sources = group.map(([, { payload }]) => JSON.parse(payload) as Source);
  let done = 0;
  try {
    for await (const extraction of runner.extract(sources, { theta })) {
      const entry = group[done];
      if (!entry) break;
      done++;
      onAnswer(entry[0], await answerOf(() => bounded(extraction, runner.maxFacts), runner));
    }
    if (done < group.length) throw new Error('extraction ended before its sources did');
  } catch (error) {
    const rest = group.slice(done);
    const [only] = rest;
    if (only && group.length === 1) onAnswer(only[0], { failure: failureFor(error, runner) });
    else for (const entry of rest) await extractGroup([entry], theta, runner, onAnswer);
  }
}

/** @throws Refusal `E_LIMIT` */
function bounded(extraction: Extraction, most: number): Uint8Array<ArrayBuffer> {
  const { facts, title } = extraction;
  if (facts.length <= most) return encoded(extraction);
  const what = `an answer for "${title.slice(0, 60)}"`;
  throw tooMuch(
    'facts',
    { ...defaultLimits, facts: most },
    { what, found: `${facts.length}: ask for a higher theta` },
  );
}

async function answerOf(
  make: () => Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>,
  runner: JobRunner,
): Promise<Answer> {
  try {
    return { body: await make() };
  } catch (error) {
    return { failure: failureFor(error, runner) };
  }
}

function failureFor(error: unknown, { onBug }: JobRunner): NonNullable<Answer['failure']> {
  const known = failureOf(error);
  if (!known || (error instanceof RelataError && error.exit === 70)) onBug?.(error);
  return known ?? refusalOf(error, 'unknown').failure;
}

/** Bytes of a buffer of their own, which can be handed to another thread. */
const encoded = (value: object): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
