/** Runs a model over a stream of items: in batches across items, the next one made while one runs. */
import { lookAhead } from '../core/look-ahead.ts';
import type { Tensors } from '../runtime/session.ts';

/** What a model does with items. I: an item. T: a part of one, which is never divided further. */
export interface ItemRunner<I, T> {
  /** What an item runs as; nothing where it asks for no scores. */
  readonly partsOf: (item: I) => readonly T[];
  /** Parts of a stretch by what runs at once. */
  readonly groupsOf: (parts: readonly T[]) => readonly (readonly T[])[];
  readonly feeds: (group: readonly T[]) => Tensors;
  /** Logits [rows of the group, classes]. */
  readonly run: (feeds: Tensors, group: readonly T[]) => Promise<Float32Array>;
  /** Pairs, or words, of a part. */
  readonly rowsOf: (part: T) => number;
  readonly classes: number;
}

/** A group of a stretch, ready to run. */
interface Prepared<I, T> {
  readonly stretch: readonly I[];
  /** Of each item of the stretch. */
  readonly parts: readonly (readonly T[])[];
  readonly group: readonly T[];
  readonly feeds: Tensors;
  readonly isLast: boolean;
}

/**
 * Logits [rows, classes] of every item, in the order of the items.
 *
 * While a group runs the next one is made, for which items are taken from their source; and that one begins to run before the
 * results of the last one are looked at. Memory holds two stretches.
 *
 * @param stretches - the items; those of a stretch can run together
 * @throws what the stretches and `run` throw
 */
export async function* scoreStretches<I, T extends object>(
  stretches: AsyncIterable<readonly I[]>,
  runner: ItemRunner<I, T>,
): AsyncGenerator<{ readonly item: I; readonly logits: Float32Array }> {
  const { rowsOf, classes } = runner;
  let found = new Map<T, Float32Array>();
  const runs = lookAhead(scored(lookAhead(prepared(stretches, runner)), runner));
  for await (const { logits, stretch, parts, group, isLast } of runs) {
    let row = 0;
    for (const part of group) {
      const from = row * classes;
      row += rowsOf(part);
      found.set(part, logits.subarray(from, row * classes));
    }
    if (!isLast) continue;
    for (const [i, item] of stretch.entries()) {
      const own = (parts[i] ?? []).map((part) => found.get(part) ?? new Float32Array(0));
      yield { item, logits: joined(own) };
    }
    found = new Map();
  }
}

async function* prepared<I, T>(
  stretches: AsyncIterable<readonly I[]>,
  { partsOf, groupsOf, feeds }: ItemRunner<I, T>,
): AsyncGenerator<Prepared<I, T>> {
  for await (const stretch of stretches) {
    const parts = stretch.map(partsOf);
    const groups = groupsOf(parts.flat());
    if (groups.length === 0) yield { stretch, parts, group: [], feeds: {}, isLast: true };
    for (const [i, group] of groups.entries())
      yield { stretch, parts, group, feeds: feeds(group), isLast: i === groups.length - 1 };
  }
}

async function* scored<I, T>(
  batches: AsyncIterable<Prepared<I, T>>,
  { run }: ItemRunner<I, T>,
): AsyncGenerator<Prepared<I, T> & { readonly logits: Float32Array }> {
  for await (const batch of batches) {
    const { feeds, group } = batch;
    yield { ...batch, logits: group.length === 0 ? new Float32Array(0) : await run(feeds, group) };
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
