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

/**
 * `lengths` cut into `groups` of neighbours, none of them empty, so that blocks of a group's number times the square of its
 * longest are smallest together: what attention costs.
 *
 * @param lengths - at least `groups`
 */
export function leastPadding(lengths: readonly number[], groups: number): number[][] {
  if (groups === 1) return [[...lengths]];
  const count = lengths.length;
  // best[i]: the least that the first i cost in so many groups, and where the last of these begins.
  let best = lengths.map((_, i) => ({ cost: blockCost(lengths, 0, i + 1), cuts: [] as number[] }));
  for (let g = 1; g < groups; g++) {
    best = lengths.map((_, last) => {
      let least = { cost: Infinity, cuts: [] as number[] };
      for (let from = g; from <= last; from++) {
        const before = best[from - 1];
        const cost = (before?.cost ?? Infinity) + blockCost(lengths, from, last + 1);
        if (before && cost < least.cost) least = { cost, cuts: [...before.cuts, from] };
      }
      return least;
    });
  }
  const cuts = [0, ...(best[count - 1]?.cuts ?? []), count];
  return cuts.slice(1).map((end, i) => lengths.slice(cuts[i], end));
}

const blockCost = (lengths: readonly number[], from: number, to: number): number =>
  (to - from) * Math.max(...lengths.slice(from, to)) ** 2;
