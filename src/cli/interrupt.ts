/** Ctrl-C: the first asks the work to stop at a safe point, the second ends the program. */

/** Runs `work` with a signal that SIGINT and SIGTERM set. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    process.stderr.write('\nFinishing this step and saving (again to stop at once) ...\n');
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** Has an interrupted program clean up before it ends. @returns what takes that back */
export function onInterrupt(clean: () => void): () => void {
  const stop = (): never => {
    clean();
    process.exit(130);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}
