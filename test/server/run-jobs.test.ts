import { describe, expect, test } from 'vitest';

import { fail } from '../../src/core/errors.ts';
import type { Extraction } from '../../src/prediction/extraction.ts';
import type { Source } from '../../src/prediction/extract.ts';
import type { Answer, Job } from '../../src/server/engine.ts';
import { type JobRunner, runJobs } from '../../src/server/run-jobs.ts';
import { fakeModel } from './fake-engine.ts';

const job = (title: string, theta?: number): Job => ({
  kind: 'extract',
  payload: JSON.stringify({ kind: 'text', title, text: '' }),
  theta,
  words: 1,
});

const found = (title: string, facts = 0): Extraction => ({
  title,
  text: '',
  document: { title, sents: [], vertexSet: [] },
  words: [],
  sentences: [],
  entities: [],
  facts: Array.from({ length: facts }, () => ({
    head: 0,
    tail: 1,
    relation: 'P17',
    name: 'country',
    score: 1,
    probability: null,
    gate: null,
    threshold: 0,
    evidence: [],
  })),
  model: fakeModel.card,
});

/** A runner that notes its calls and fails at titles that say so. */
function noting(): {
  runner: JobRunner;
  calls: { titles: string[]; theta: number | undefined }[];
  bugs: unknown[];
} {
  const calls: { titles: string[]; theta: number | undefined }[] = [];
  const bugs: unknown[] = [];
  const runner: JobRunner = {
    maxFacts: 3,
    onBug: (error) => bugs.push(error),
    async *extract(sources: readonly Source[], { theta }) {
      const titles = sources.map((source) => (source.kind === 'text' ? source.title : ''));
      calls.push({ titles, theta });
      for (const title of titles) {
        if (title.startsWith('bad')) throw fail('E_ENGINE', { doing: 'running a model', reason: title });
        if (title.startsWith('bug')) throw new RangeError(title);
        yield found(title, title.startsWith('many') ? 4 : 0);
      }
    },
    explain: async () => {
      throw fail('E_ENGINE', { doing: 'explaining', reason: 'none' });
    },
  };
  return { runner, calls, bugs };
}

async function answersTo(jobs: readonly Job[], runner: JobRunner): Promise<string[]> {
  const answers: (Answer | undefined)[] = jobs.map(() => undefined);
  await runJobs(jobs, runner, (index, answer) => {
    expect(answers[index]).toBe(undefined);
    answers[index] = answer;
  });
  return answers.map((answer) => {
    if (answer?.body) return (JSON.parse(new TextDecoder().decode(answer.body)) as Extraction).title;
    return answer?.failure.code ?? 'none';
  });
}

describe('a batch', () => {
  test('runs at once where the threshold is the same', async () => {
    const { runner, calls } = noting();
    expect(await answersTo([job('a'), job('b', 0.1), job('c'), job('d', 0.1)], runner)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    expect(calls).toEqual([
      { titles: ['a', 'c'], theta: undefined },
      { titles: ['b', 'd'], theta: 0.1 },
    ]);
  });

  test('fails only where it must', async () => {
    const { runner, bugs } = noting();
    const titles = ['a', 'bad 1', 'b', 'bug', 'c', 'bad 2'];
    expect(
      await answersTo(
        titles.map((title) => job(title)),
        runner,
      ),
    ).toEqual(['a', 'E_ENGINE', 'b', 'E_INTERNAL', 'c', 'E_ENGINE']);
    expect(bugs).toHaveLength(1);
  });

  test('bounds answers, and answers questions beside documents', async () => {
    const { runner } = noting();
    const question: Job = { kind: 'explain', payload: '{}', words: 1 };
    expect(await answersTo([job('many'), question, job('few')], runner)).toEqual([
      'E_LIMIT',
      'E_ENGINE',
      'few',
    ]);
  });
});
