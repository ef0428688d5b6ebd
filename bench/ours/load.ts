/**
 * Connections that ask a server for one document after the other, and check that each answer is that to its own question.
 *
 * What is right is predicted beforehand, in this process, by the library.
 */
import { Agent, request as httpRequest } from 'node:http';

import { type Document, openSystem, predict, readDocuments } from '../../src/index.ts';
import { joinWords } from '../../src/data/text-document.ts';
import type { Extraction } from '../../src/prediction/extraction.ts';
import { serve } from './serve.ts';

export interface LoadSetup {
  readonly url: string;
  /** The model that is served. */
  readonly folder: string;
  /** Documents to ask for. */
  readonly file: string;
  readonly connections: number;
}

/** In 8 bits a score depends a little on what else runs in its batch. */
const TOLERANCE = 0.02;

interface Question {
  readonly doc: Document;
  readonly text: string;
  readonly body: string;
  /** "head tail relation" -> score. */
  readonly facts: ReadonlyMap<string, number>;
  readonly theta: number;
}

interface Tally {
  answers: number;
  busy: number;
  failed: number;
  readonly times: number[];
  /** What is wrong with each answer; asked when the load is over, since the server is on the same cores. */
  readonly toCheck: (() => string | undefined)[];
}

await serve<LoadSetup>(async ({ url, folder, file, connections }) => {
  const questions = await questionsOf(folder, file);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let next = 0;
  return {
    turn: async ({ seconds }) => {
      const tally: Tally = { answers: 0, busy: 0, failed: 0, times: [], toCheck: [] };
      const began = performance.now();
      const until = began + Number(seconds) * 1000;
      const one = async (): Promise<void> => {
        while (performance.now() < until) {
          const number = next++;
          const question = questions[number % questions.length];
          if (question) await ask(url, agent, question, `q-${number}`, tally);
        }
      };
      await Promise.all(Array.from({ length: connections }, one));
      const ms = performance.now() - began;
      const { times, toCheck, ...counts } = tally;
      const wrong = toCheck.flatMap((check) => check() ?? []);
      for (const why of wrong) console.error(why);
      times.sort((a, b) => a - b);
      const quantile = (share: number): number =>
        times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
      return {
        ms,
        ...counts,
        wrong: wrong.length,
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99),
      };
    },
  };
});

async function questionsOf(folder: string, file: string): Promise<Question[]> {
  const system = await openSystem(folder, { threads: 2 });
  const questions: Question[] = [];
  for await (const { doc, facts } of predict(system, readDocuments(file))) {
    questions.push({
      doc,
      text: joinWords(doc).text,
      body: JSON.stringify({ document: doc }),
      facts: new Map(facts.map(({ head, tail, relation, score }) => [`${head} ${tail} ${relation}`, score])),
      theta: system.about.theta ?? 0.5,
    });
  }
  await system.dispose();
  return questions;
}

async function ask(url: string, agent: Agent, question: Question, id: string, tally: Tally): Promise<void> {
  const began = performance.now();
  try {
    const { status, body, echoed } = await post(`${url}/v1/extract`, { agent, body: question.body, id });
    if (status === 503) {
      tally.busy++;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } else if (status !== 200) {
      tally.failed++;
      console.error(status, body.toString('utf8', 0, 500));
    } else {
      tally.times.push(performance.now() - began);
      tally.answers++;
      tally.toCheck.push(() =>
        echoed === id
          ? difference(JSON.parse(body.toString('utf8')) as Answer, question)
          : `the id ${echoed}`,
      );
    }
  } catch (error) {
    tally.failed++;
    console.error(error);
  }
}

interface Answer {
  readonly results: readonly Extraction[];
}

/** What of an answer is not as it should be. */
function difference({ results }: Answer, { doc, text, facts, theta }: Question): string | undefined {
  const [found, ...others] = results;
  if (!found || others.length > 0) return `${results.length} results`;
  if (found.title !== doc.title || found.text !== text) return `${doc.title}: the answer to another document`;
  const given = new Map(
    found.facts.map(({ head, tail, relation, score }) => [`${head} ${tail} ${relation}`, score]),
  );
  for (const key of new Set([...facts.keys(), ...given.keys()])) {
    // Where one side has none, it lies below the threshold.
    const [expected, score] = [facts.get(key) ?? theta, given.get(key) ?? theta];
    if (Math.abs(expected - score) > TOLERANCE)
      return `${doc.title}: ${key} scores ${score} in place of ${expected}`;
  }
  return undefined;
}

interface Posted {
  readonly status: number;
  readonly body: Buffer;
  readonly echoed: string | undefined;
}

async function post(
  url: string,
  { agent, body, id }: { readonly agent: Agent; readonly body: string; readonly id: string },
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'X-Request-Id': id,
    };
    const request = httpRequest(url, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks),
          echoed: response.headers['x-request-id'] as string | undefined,
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
