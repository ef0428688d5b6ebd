/** How well names alone group the mentions of annotated documents. */
import type { Document } from '../data/document.ts';
import { clusterByName, nameReasons, type ClusterOptions, type NameReason } from '../text/coreference.ts';
import { bCubed, type BCubed, type Clustering } from './b-cubed.ts';

/** Links of one rule, and how many of them are between mentions of one gold entity. */
export interface LinkCount {
  readonly links: number;
  readonly right: number;
}

export interface CoreferenceScores extends BCubed {
  readonly byReason: Readonly<Record<Exclude<NameReason, 'first'>, LinkCount>>;
}

/** `clusterByName` on the gold mentions of each document, against its `vertexSet`. */
export function scoreCoreference(
  documents: Iterable<Document>,
  options: ClusterOptions = {},
): CoreferenceScores {
  const counts = Object.fromEntries(
    nameReasons.filter((reason) => reason !== 'first').map((reason) => [reason, { links: 0, right: 0 }]),
  ) as Record<Exclude<NameReason, 'first'>, { links: number; right: number }>;
  const clusterings: Clustering[] = [];
  for (const { vertexSet } of documents) {
    const gold = vertexSet.flatMap((entity, e) => entity.map(() => e));
    const found: number[] = [];
    for (const [c, { mentions }] of clusterByName(vertexSet.flat(), options).entries()) {
      for (const { mention, reason, to } of mentions) {
        found[mention] = c;
        if (reason === 'first' || to === undefined) continue;
        counts[reason].links++;
        if (gold[mention] === gold[to]) counts[reason].right++;
      }
    }
    clusterings.push({ gold, found });
  }
  return { ...bCubed(clusterings), byReason: counts };
}
