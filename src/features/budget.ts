/** Fills batches to a budget. */

/**
 * Groups items so that no group holds more than `budget` pieces (an item above it stands alone), items of like
 * length together, longest first, so that attention pads little.
 *
 * @param size - pieces of an item
 */
export function fillToBudget<T>(items: readonly T[], size: (item: T) => number, budget: number): T[][] {
  const groups: T[][] = [];
  let used = 0;
  for (const item of items.toSorted((a, b) => size(b) - size(a))) {
    const last = groups.at(-1);
    if (last && used + size(item) <= budget) {
      last.push(item);
      used += size(item);
    } else {
      groups.push([item]);
      used = size(item);
    }
  }
  return groups;
}
