/** Fills batches to a budget. */

/**
 * Groups items so that no group holds more than `budget` pieces (an item above it stands alone), items of like
 * length together, longest first, so that attention pads little.
 *
 * @param size - pieces of an item
 * @param options.padded - whether every item of a group costs as much as its largest
 */
export function fillToBudget<T>(
  items: readonly T[],
  size: (item: T) => number,
  budget: number,
  { padded = false }: { readonly padded?: boolean } = {},
): T[][] {
  const groups: T[][] = [];
  let [used, largest] = [0, 0];
  for (const item of items.toSorted((a, b) => size(b) - size(a))) {
    const last = groups.at(-1);
    const cost = padded && last ? largest : size(item);
    if (last && used + cost <= budget) {
      last.push(item);
      used += cost;
    } else {
      groups.push([item]);
      used = largest = size(item);
    }
  }
  return groups;
}
