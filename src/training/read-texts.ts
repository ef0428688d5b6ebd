/** Reads texts for pretraining one after the other and tells how far it is. */
import { statSync } from 'node:fs';

import { fail } from '../core/errors.ts';
import { isFile } from '../core/files.ts';
import { textLines } from '../data/text-lines.ts';
import type { PretrainEvent } from './pretrain-events.ts';

export type TextEvent = Extract<PretrainEvent, { readonly kind: 'text' }>;

/** Milliseconds between two events. */
const EVERY = 200;

/**
 * Hands every line of `paths` to `take`, and an empty one after each file: a document ends with its file.
 *
 * @param options.take - given lines, gives how many words they hold
 * @param options.now - milliseconds; only events depend on it
 * @returns whether all was read: false when `signal` ended it
 * @throws RelataError what `textLines` throws
 */
export async function* readTexts(
  paths: readonly string[],
  options: {
    readonly doing: TextEvent['doing'];
    readonly take: (lines: readonly string[]) => number;
    readonly signal?: AbortSignal | undefined;
    readonly now?: (() => number) | undefined;
  },
): AsyncGenerator<TextEvent, boolean> {
  const { doing, take, signal, now = () => performance.now() } = options;
  const totalBytes = sizeOf(paths);
  let [bytes, words] = [0, 0];
  let told = now();
  const event = (): TextEvent => ({ kind: 'text', doing, bytes, totalBytes, words });
  const onBytes = (more: number): void => {
    bytes += more;
  };
  for (const path of paths) {
    for await (const lines of textLines(path, { onBytes })) {
      if (signal?.aborted === true) return false;
      words += take(lines);
      if (now() - told < EVERY) continue;
      told = now();
      yield event();
    }
    take(['']);
  }
  yield event();
  return true;
}

/** Bytes of all files; all of them are looked for before the first is read. */
function sizeOf(paths: readonly string[]): number {
  return paths.reduce((sum, path) => {
    if (!isFile(path)) throw fail('E_FILE_MISSING', { path, expected: 'a text' });
    return sum + statSync(path).size;
  }, 0);
}
