/** What every work is given. */
export interface Context {
  /** A Python with PyTorch; without one the peer's columns stay empty. */
  readonly python: string | undefined;
  /** Measured turns of each contestant. */
  readonly blocks: number;
}

/** Threads of either side. */
export const THREADS = 2;
