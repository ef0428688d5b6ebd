/** What answers requests, seen from the queue: a worker thread in the program, anything in tests. */
import type { ModelCard } from '../models/bundle.ts';
import type { Failure } from './problem.ts';

/** One document, or one question about one. */
export interface Job {
  readonly kind: 'extract' | 'explain';
  /** JSON of a `Source`, or of an `ExplainQuestion`: made once, never read on the event loop. */
  readonly payload: string;
  /** Lower bound of scores; default: the saved threshold. */
  readonly theta?: number | undefined;
  /** What it costs. */
  readonly words: number;
}

export type Answer =
  /** UTF-8 of the JSON of an `Extraction` or an `Explanation`, ready to be sent. */
  | { readonly body: Uint8Array<ArrayBuffer>; readonly failure?: undefined }
  | { readonly body?: undefined; readonly failure: Failure };

/** What the server says of its model. */
export interface ServedModel {
  readonly card: ModelCard;
  readonly relations: readonly { readonly id: string; readonly name: string }[];
  /** Types of mentions that are found, or that the relation model reads; empty where it reads none. */
  readonly entityTypes: readonly string[];
}

export interface Engine {
  /** Undefined while there is none to ask: before it is loaded, and while it is started again. */
  readonly model: ServedModel | undefined;
  /**
   * Answers every job, in any order. Two calls may be under way at a time.
   *
   * @throws RelataError `E_UNAVAILABLE` when the engine is gone: jobs without an answer get none
   */
  readonly run: (jobs: readonly Job[], onAnswer: (index: number, answer: Answer) => void) => Promise<void>;
  /** Called when it becomes ready, and when it is gone. */
  readonly onChange: (listener: () => void) => void;
}
