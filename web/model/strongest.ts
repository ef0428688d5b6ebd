/** Which entities a graph shows when there are too many to see anything. */
import type { ShownFact } from './shown.ts';

/** More nodes than these are a cloud, and slow. */
export const MOST_NODES = 2000;

/**
 * The entities of the highest-scored facts, at most `most`, ascending.
 *
 * @param facts - by falling score
 */
export function strongest(facts: readonly ShownFact[], most: number = MOST_NODES): number[] {
  const chosen = new Set<number>();
  for (const { head, tail } of facts) {
    const more = Number(!chosen.has(head)) + Number(head !== tail && !chosen.has(tail));
    if (chosen.size + more <= most) chosen.add(head).add(tail);
  }
  return [...chosen].sort((a, b) => a - b);
}
