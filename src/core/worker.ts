/** Worker threads that run from the source as from what is built. */
import { Worker } from 'node:worker_threads';

/**
 * Starts the module beside `from` that is called `name`.
 *
 * @param from - `import.meta.url` of the caller
 * @param name - without its extension
 * @param workerData - what the thread finds under that name
 */
export function startWorker(from: string, name: string, workerData?: unknown): Worker {
  if (!from.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, from), { workerData });
  // A loader that the command line names does not reach threads.
  const loader = import.meta.resolve('tsx/esm/api');
  const module = new URL(`./${name}.ts`, from).href;
  const program = `(await import(${JSON.stringify(loader)})).register(); await import(${JSON.stringify(module)});`;
  return new Worker(new URL(`data:text/javascript,${program}`), { workerData });
}
