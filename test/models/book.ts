/** A long document: others one after the other, in which entities of one name are one. */
import type { Document, Entity, Label } from '../../src/data/document.ts';

/**
 * @param options.words - stops at the document that reaches them
 * @param options.entities - only so many are kept, those with the most mentions, and labels between them
 */
export function bookOf(
  docs: readonly Document[],
  {
    title = 'a book',
    words = Infinity,
    entities: most = Infinity,
  }: { readonly title?: string; readonly words?: number; readonly entities?: number } = {},
): Document {
  const sents: (readonly string[])[] = [];
  const entities = new Map<string, Entity[number][]>();
  const facts: [string, string, string][] = [];
  let count = 0;
  for (const doc of docs) {
    if (count >= words) break;
    const first = sents.length;
    sents.push(...doc.sents);
    count += doc.sents.reduce((sum, sentence) => sum + sentence.length, 0);
    const names = doc.vertexSet.map((entity) => entity[0]?.name ?? '');
    doc.vertexSet.forEach((entity, e) => {
      const name = names[e] ?? '';
      const mentions = entities.get(name) ?? [];
      entities.set(name, mentions);
      for (const mention of entity) mentions.push({ ...mention, sent_id: mention.sent_id + first });
    });
    for (const { h, t, r } of doc.labels ?? []) facts.push([names[h] ?? '', names[t] ?? '', r]);
  }
  const kept = [...entities].toSorted(([, a], [, b]) => b.length - a.length).slice(0, most);
  const places = new Map(kept.map(([name], e) => [name, e]));
  const labels = facts.flatMap(([head, tail, r]): Label[] => {
    const [h, t] = [places.get(head), places.get(tail)];
    return h === undefined || t === undefined ? [] : [{ h, t, r, evidence: [] }];
  });
  return { title, sents, vertexSet: kept.map(([, mentions]) => mentions), labels };
}
