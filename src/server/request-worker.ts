/** The thread of `RequestReader`. */
import { parentPort } from 'node:worker_threads';

import { refusalOf } from './problem.ts';
import { type ReadOptions, readRequest } from './read-request.ts';
import type { ReadReply } from './request-reader.ts';

interface ReadMessage {
  readonly id: number;
  readonly text: string;
  readonly options: ReadOptions;
}

function reply({ id, text, options }: ReadMessage): ReadReply {
  try {
    return { id, jobs: readRequest(text, options) };
  } catch (error) {
    const { failure, status, documents } = refusalOf(error, 'unknown');
    return { id, refusal: { failure, status, documents } };
  }
}

parentPort?.on('message', (message: ReadMessage) => parentPort?.postMessage(reply(message), []));
