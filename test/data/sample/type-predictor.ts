/** The best that can be done with the entity types of a pair and nothing else. */
import type { Document } from '../../../src/data/document.ts';

/** Related and all ordered pairs of one kind. */
interface Cell {
  related: number;
  pairs: number;
}

/**
 * F1 on `dev` of predicting relation r for every pair whose types have it often enough in `train`.
 *
 * Every (head type, tail type, relation) is ranked by its share in `train`; the cut is the best one on `dev`
 * itself, which flatters the predictor.
 */
export function typePredictorF1(train: readonly Document[], dev: readonly Document[]): number {
  const learnt = countCells(train);
  const seen = countCells(dev);
  const ranking = [...learnt].sort((a, b) => b[1].related / b[1].pairs - a[1].related / a[1].pairs);
  const gold = dev.reduce((sum, doc) => sum + (doc.labels ?? []).length, 0);
  let predicted = 0;
  let correct = 0;
  let best = 0;
  for (const [key] of ranking) {
    predicted += seen.get(key)?.pairs ?? 0;
    correct += seen.get(key)?.related ?? 0;
    best = Math.max(best, (200 * correct) / (predicted + gold));
  }
  return best;
}

function countCells(docs: readonly Document[]): Map<string, Cell> {
  const cells = new Map<string, Cell>();
  const relations = new Set(docs.flatMap((doc) => (doc.labels ?? []).map((label) => label.r)));
  const cellOf = (doc: Document, h: number, t: number, r: string): Cell => {
    const key = `${doc.vertexSet[h]?.[0]?.type} ${doc.vertexSet[t]?.[0]?.type} ${r}`;
    const cell = cells.get(key) ?? { related: 0, pairs: 0 };
    cells.set(key, cell);
    return cell;
  };
  for (const doc of docs) {
    for (let h = 0; h < doc.vertexSet.length; h++) {
      for (let t = 0; t < doc.vertexSet.length; t++) {
        if (h === t) continue;
        for (const r of relations) cellOf(doc, h, t, r).pairs++;
      }
    }
    for (const { h, t, r } of doc.labels ?? []) cellOf(doc, h, t, r).related++;
  }
  return cells;
}
