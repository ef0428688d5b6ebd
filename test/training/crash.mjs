// Loaded before the command: counts its changes to files under CRASH_FOLDER, and at change CRASH_AT does half of it
// and sends CRASH_SIGNAL. SIGKILL ends the process there; after another signal the change is completed. Without
// CRASH_AT it writes the number of changes to CRASH_COUNT.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const {
  CRASH_FOLDER: folder = '',
  CRASH_AT: at,
  CRASH_SIGNAL: signal = 'SIGKILL',
  CRASH_COUNT,
} = process.env;
const original = { ...fs };
const handles = new Set();
let changes = 0;

const ours = (path) => typeof path === 'string' && path.startsWith(folder);

/** Does a change, or half of it and then whatever the signal does. */
function change(whole, half) {
  if (++changes === Number(at)) {
    if (signal === 'SIGKILL') half();
    process.kill(process.pid, signal);
  }
  return whole();
}

function patch(name, isOurs, half = () => {}) {
  fs[name] = (...args) =>
    isOurs(...args)
      ? change(
          () => original[name](...args),
          () => half(...args),
        )
      : original[name](...args);
}

if (isMainThread) {
  fs.openSync = (path, ...rest) => {
    const handle = original.openSync(path, ...rest);
    if (ours(path) && rest[0] === 'w') handles.add(handle);
    return handle;
  };
  const isHandle = (handle) => handles.has(handle);
  patch('writeSync', isHandle, (handle, bytes, from = 0) =>
    original.writeSync(handle, bytes, from, Math.floor((bytes.byteLength - from) / 2)),
  );
  patch('fsyncSync', isHandle);
  patch('renameSync', ours);
  patch('truncateSync', ours);
  patch('rmSync', ours);
  patch('appendFileSync', ours, (path, text) =>
    original.appendFileSync(path, text.slice(0, text.length / 2)),
  );
  syncBuiltinESMExports();
  if (CRASH_COUNT) process.on('exit', () => original.writeFileSync(CRASH_COUNT, String(changes)));
}
