import type { BenchModels } from '../models.ts';

/** What every work is given. */
export interface Context {
  /** A Python with PyTorch; without one the peer's columns stay empty. */
  readonly python: string | undefined;
  /** Measured turns of each contestant. Works whose turns take long take fewer. */
  readonly blocks: number;
  /** Documents that a turn of `prediction` reads. */
  readonly documents: number;
  /** Of load, in `serve`. */
  readonly seconds: number;
  readonly models: BenchModels;
  /** Whether what is found is to be kept in the repository. */
  readonly record: boolean;
}

/** Threads of either side. */
export const THREADS = 2;

/** The most turns of a work that takes a minute or more a turn. */
export const FEW_BLOCKS = 3;
