/** Central differences by the float64 oracle. */
import type { Rng } from '../../src/core/rng.ts';
import type { Value } from '../../src/graph/graph.ts';
import { type Array64, evaluate64, sizeOf } from './oracle.ts';

export type Feeds = Record<string, Array64>;

/** Uniform numbers in +-`size`, rounded to float32, so that engine and oracle see the same ones. */
export function randomArray(shape: readonly number[], rng: Rng, size = 1): Array64 {
  const data = Float64Array.from({ length: sizeOf(shape) }, () =>
    Math.fround((rng.uniform() * 2 - 1) * size),
  );
  return { shape, data };
}

/** The slope of `loss` along `directions` (by input name). */
export function slope(loss: Value, feeds: Feeds, directions: Record<string, Float64Array>): number {
  const step = 1e-4;
  const at = (distance: number): number => {
    const moved = Object.entries(directions).map(([name, direction]) => {
      const { shape, data } = feeds[name] as Array64;
      return [name, { shape, data: data.map((x, i) => x + distance * (direction[i] ?? 0)) }] as const;
    });
    return evaluate64([loss], { ...feeds, ...Object.fromEntries(moved) })[0]?.data[0] ?? Number.NaN;
  };
  return (at(step) - at(-step)) / (2 * step);
}

/** The gradient of `loss` with respect to an input, entry by entry. */
export function numericGradient(loss: Value, feeds: Feeds, name: string): Float64Array {
  const { data } = feeds[name] as Array64;
  return data.map((_, i) => slope(loss, feeds, { [name]: new Float64Array(data.length).with(i, 1) }));
}
