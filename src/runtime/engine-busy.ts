/**
 * What `EngineThread` and its thread share, so that a process which ends waits for the engine: stopped while it runs, the
 * engine aborts the process (onnxruntime-node 1.30).
 */

/** How many requests are being answered, and whether no other may begin. */
export type Busy = Int32Array<SharedArrayBuffer>;

const RUNNING = 0;
const ENDING = 1;

/** Milliseconds that a process which ends waits for what runs: far more than a batch takes. */
const LONGEST_WAIT = 60_000;

export const newBusy = (): Busy => new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));

/** Begins a request in the thread. @returns false when the process is ending: then nothing has begun */
export function begin(busy: Busy): boolean {
  Atomics.add(busy, RUNNING, 1);
  if (Atomics.load(busy, ENDING) === 0) return true;
  done(busy);
  return false;
}

/** Says in the thread that a request is answered. */
export function done(busy: Busy): void {
  Atomics.sub(busy, RUNNING, 1);
  Atomics.notify(busy, RUNNING);
}

/** Lets no more requests begin, and waits until none runs. Blocks: for a process that is about to end. */
export function finish(busy: Busy): void {
  Atomics.store(busy, ENDING, 1);
  for (let running; (running = Atomics.load(busy, RUNNING)) > 0;) {
    if (Atomics.wait(busy, RUNNING, running, LONGEST_WAIT) === 'timed-out') return;
  }
}
