/** Cuts a text where mentions begin and end, so that mentions inside each other can be shown in a flat line. */
import type { Extraction } from '../../src/prediction/extraction.ts';

export interface Place {
  /** Index of the entity, and of the mention in it. */
  readonly entity: number;
  readonly mention: number;
  /** Characters [start, end) of the text. */
  readonly start: number;
  readonly end: number;
}

export interface Piece {
  readonly start: number;
  readonly end: number;
  /** Mentions that cover it, the shortest first; empty for plain text. */
  readonly places: readonly Place[];
}

/** All mentions, by where they begin. */
export function placesOf({ entities }: Pick<Extraction, 'entities'>): Place[] {
  const places = entities.flatMap(({ mentions }, entity) =>
    mentions.map(({ start, end }, mention) => ({ entity, mention, start, end })),
  );
  return places.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start || b.end - a.end);
}

/**
 * Characters [start, end) in pieces that together are all of it, in order.
 *
 * @param places - sorted by start; what lies outside of the range is cut off
 */
export function pieces(places: readonly Place[], start: number, end: number): Piece[] {
  const inside = places.filter((place) => place.start < end && place.end > start);
  const cuts = new Set([start, end]);
  for (const place of inside) {
    cuts.add(Math.max(start, place.start));
    cuts.add(Math.min(end, place.end));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const result: Piece[] = [];
  let first = 0;
  for (let i = 0; i + 1 < sorted.length; i++) {
    const [from, to] = [sorted[i] ?? start, sorted[i + 1] ?? end];
    while (first < inside.length && (inside[first]?.end ?? 0) <= from) first++;
    const covering: Place[] = [];
    for (let p = first; p < inside.length; p++) {
      const place = inside[p];
      if (!place || place.start >= to) break;
      if (place.end >= to) covering.push(place);
    }
    covering.sort((a, b) => a.end - a.start - (b.end - b.start));
    result.push({ start: from, end: to, places: covering });
  }
  return result;
}
