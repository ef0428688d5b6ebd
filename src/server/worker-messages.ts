/** What the engine's thread and the program tell each other. */
import type { SessionOptions } from '../runtime/session.ts';
import type { Answer, Job, ServedModel } from './engine.ts';
import type { Failure } from './problem.ts';

/** What the thread is started with. */
export interface EngineData {
  /** Folder of a bundle or of a relation model. */
  readonly folder: string;
  readonly engine: SessionOptions;
  readonly batchPieces: number | undefined;
  /** The most facts of an answer. */
  readonly maxFacts: number;
}

export type ToEngine =
  | { readonly kind: 'run'; readonly batch: number; readonly jobs: readonly Job[] }
  /** Finish what runs, then end. */
  | { readonly kind: 'close' };

export type FromEngine =
  | { readonly kind: 'ready'; readonly model: ServedModel }
  /** The model could not be opened; the thread ends. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'answer'; readonly batch: number; readonly index: number; readonly answer: Answer }
  | { readonly kind: 'done'; readonly batch: number }
  /** An error that Relata does not know, for the log. */
  | { readonly kind: 'bug'; readonly stack: string };
