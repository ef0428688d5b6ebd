/** Fills batches to a budget. */

/**
 * Groups items so that no group holds more than `budget` pieces (an item above it stands alone), items of like
 * length together, longest first, so that little is padded.
 *
 * @param size - pieces of an item, or of its longest row
 * @param options.rows - rows of an item where they are padded: each costs as much as the longest of its group;
 * without it an item costs its size
 */
export function fillToBudget<T>(
  items: readonly T[],
  size: (item: T) => number,
  budget: number,
  { rows }: { readonly rows?: (item: T) => number } = {},
): T[][] {
  const groups: T[][] = [];
  let [used, largest] = [0, 0];
  for (const item of items.toSorted((a, b) => size(b) - size(a))) {
    const last = groups.at(-1);
    const cost = (length: number): number => (rows ? rows(item) * length : length);
    const added = cost(rows ? largest : size(item));
    if (last && used + added <= budget) {
      last.push(item);
      used += added;
    } else {
      groups.push([item]);
      largest = size(item);
      used = cost(largest);
    }
  }
  return groups;
}
