/** A document in parts that run by themselves, so that memory does not grow with it: its sequences do not see each other. */
import type { Features } from '../features/features.ts';
import { statePlaces, usedSequences, withSequences } from './explain-item.ts';
import type { Units } from './explain-units.ts';

/** A part of the document that runs at once, and where the rows of its words' vectors belong. */
export interface Run {
  readonly features: Features;
  /** The places of its states among those of the document. */
  readonly states: Int32Array;
  /** For every row [W] its unit and its share of the unit's vector. */
  readonly rows: readonly { readonly unit: number; readonly weight: number }[];
}

/** @param budget - pieces or words that run at once; one sequence may have more */
export function* runsOf({ features }: Units, budget: number): Generator<Run> {
  let kept: number[] = [];
  let pieces = 0;
  let lost = true;
  const run = (): Run => {
    const part = withSequences(features, kept, { lost });
    const rows = part.entities.flatMap((row, unit) => [
      ...Array.from(row.weights, (weight) => ({ unit, weight })),
      ...row.lost.map(([, weight]) => ({ unit, weight })),
    ]);
    const states = statePlaces(features, kept);
    [kept, pieces, lost] = [[], 0, false];
    return { features: part, states, rows };
  };
  for (const sequence of usedSequences(features)) {
    const size = features.sequences[sequence]?.length ?? 0;
    if (kept.length > 0 && pieces + size > budget) yield run();
    kept.push(sequence);
    pieces += size;
  }
  yield run();
}

/** sum += weight * vector. */
export function addTo(
  sum: Float64Array | undefined,
  vector: ArrayLike<number> | undefined,
  weight: number,
): void {
  if (!sum || !vector) return;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + weight * (vector[i] ?? 0);
}
