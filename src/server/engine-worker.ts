/** The thread of `WorkerEngine`: it owns the model. */
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import { type Bundle, openBundle } from '../models/bundle.ts';
import { explain } from '../prediction/explain.ts';
import { findEntity } from '../prediction/explain-find.ts';
import type { Explanation } from '../prediction/explanation.ts';
import { extract, withEntities } from '../prediction/extract.ts';
import type { Answer, ServedModel } from './engine.ts';
import { refusalOf } from './problem.ts';
import type { ExplainQuestion } from './read-request.ts';
import { type JobRunner, runJobs } from './run-jobs.ts';
import type { EngineData, FromEngine, ToEngine } from './worker-messages.ts';

/**
 * How much the engine gives way to the threads that take requests, from 0 to 19: with as many of its threads as there are cores,
 * those would wait for it, and /healthz with them.
 */
const NICE = 5;

async function serve(port: MessagePort, data: EngineData): Promise<void> {
  const send = (message: FromEngine, buffers: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, buffers);
  // On Linux this is of the calling thread and those that it starts; elsewhere of the whole process.
  if (process.platform === 'linux') setPriority(0, NICE);
  let bundle: Bundle;
  try {
    bundle = await openBundle(data.folder, data.engine);
  } catch (error) {
    send({ kind: 'failed', failure: refusalOf(error, 'none').failure });
    port.close();
    return;
  }
  const runner: JobRunner = {
    ...runnerOf(bundle, data),
    onBug: (error) =>
      send({ kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  };
  const running = new Set<Promise<void>>();
  port.on('message', (message: ToEngine) => {
    if (message.kind === 'close') {
      void Promise.all(running)
        .then(async () => bundle.dispose())
        .finally(() => port.close());
      return;
    }
    const { batch, jobs } = message;
    const work = runJobs(jobs, runner, (index, answer) => sendAnswer(send, batch, index, answer)).then(() => {
      send({ kind: 'done', batch });
      running.delete(work);
    });
    running.add(work);
  });
  send({ kind: 'ready', model: servedModel(bundle) });
}

function sendAnswer(
  send: (message: FromEngine, buffers?: readonly ArrayBuffer[]) => void,
  batch: number,
  index: number,
  answer: Answer,
): void {
  send({ kind: 'answer', batch, index, answer }, answer.body ? [answer.body.buffer] : []);
}

function runnerOf(bundle: Bundle, { batchPieces, engine, maxFacts }: EngineData): JobRunner {
  return {
    extract: (sources, { theta }) => extract(bundle, sources, { theta, batchPieces }),
    explain: async (question) => explained(bundle, question, { batchPieces, engine }),
    maxFacts,
  };
}

async function explained(
  bundle: Bundle,
  { source, head, tail, relation }: ExplainQuestion,
  options: Pick<EngineData, 'batchPieces' | 'engine'>,
): Promise<Explanation> {
  for await (const { document } of withEntities(bundle, [source])) {
    const { doc } = document;
    const entity = (asked: number | string): number =>
      typeof asked === 'number' ? asked : findEntity(doc, asked);
    return explain(bundle.system, doc, { ...options, head: entity(head), tail: entity(tail), relation });
  }
  throw new TypeError('a source without a document');
}

function servedModel({ card, system, tagger }: Bundle): ServedModel {
  const { relations, models } = system;
  const { config } = models.relation.model;
  const read = config.system === 'bert' ? [] : config.encoder.types;
  return {
    card,
    relations: Array.from({ length: relations.size - 1 }, (_, i) => {
      const id = relations.relationId(i + 1);
      return { id, name: relations.relationName(id) };
    }),
    entityTypes: [...(tagger?.about.types ?? read)],
  };
}

if (parentPort) await serve(parentPort, workerData as EngineData);
