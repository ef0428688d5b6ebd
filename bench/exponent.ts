/** How a cost grows with a size: the p of cost = c size^p. */

export interface GrowthPoint {
  readonly size: number;
  readonly cost: number;
}

/**
 * The slope of the straight line of least squares through (log size, log cost) of the upper half of the points, two of
 * them at least: the lower half shows what every call costs, whatever its size.
 *
 * @param points - by rising size; sizes and costs above 0
 * @returns NaN for fewer than two points
 */
export function exponent(points: readonly GrowthPoint[]): number {
  const upper = points.slice(-Math.max(2, Math.ceil(points.length / 2)));
  if (upper.length < 2) return Number.NaN;
  const logs = upper.map(({ size, cost }) => [Math.log(size), Math.log(cost)] as const);
  const mean = (axis: 0 | 1): number => logs.reduce((sum, log) => sum + log[axis], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const over = logs.reduce((sum, log) => sum + (log[0] - x) * (log[1] - y), 0);
  return over / logs.reduce((sum, log) => sum + (log[0] - x) ** 2, 0);
}
