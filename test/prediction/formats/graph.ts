/** What a file of facts must give back, in a form that all formats can be brought to. */
import type { Extraction } from '../../../src/prediction/extraction.ts';
import { type Format, write } from '../../../src/prediction/formats/index.ts';

export interface Place {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ReadEntity {
  readonly title: string;
  readonly name: string;
  readonly type: string;
  readonly mentions: readonly Place[];
}

export interface ReadFact {
  readonly title: string;
  readonly head: ReadEntity;
  readonly tail: ReadEntity;
  readonly relation: string;
  readonly name: string;
  readonly score: number;
  readonly probability: number | null;
  readonly threshold: number;
  readonly gate: number | null;
  readonly evidence: readonly Place[];
  readonly model: readonly [name: string, id: string, version: string];
}

export interface ReadGraph {
  readonly entities: readonly ReadEntity[];
  readonly facts: readonly ReadFact[];
}

/** What a format may do to a text that it cannot hold; `inList` for values of lists. */
export type Clean = (text: string, inList?: boolean) => string;

/** Halves of surrogate pairs as no encoding can write them: encoded to UTF-8 and back. */
export const encodable = (text: string): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text));

/** The graph of extractions, in their order, by the definition of `Extraction` alone. */
export function graphOf(extractions: readonly Extraction[], clean: Clean = (text) => text): ReadGraph {
  const entities: ReadEntity[] = [];
  const facts: ReadFact[] = [];
  for (const { title, text, sentences, entities: found, facts: stated, model } of extractions) {
    const own = found.map(({ name, type, mentions }) => ({
      title: clean(title),
      name: clean(name),
      type: clean(type),
      mentions: mentions.map(({ sentence, start, end }) => ({
        sentence,
        start,
        end,
        text: clean(text.slice(start, end), true),
      })),
    }));
    entities.push(...own);
    for (const fact of stated) {
      const [head, tail] = [own[fact.head], own[fact.tail]];
      if (!head || !tail) throw new Error('a fact of entities that are not there');
      facts.push({
        title: clean(title),
        head,
        tail,
        relation: clean(fact.relation),
        name: clean(fact.name),
        score: fact.score,
        probability: fact.probability,
        threshold: fact.threshold,
        gate: fact.gate,
        evidence: fact.evidence.map((sentence) => {
          const [start, end] = sentences[sentence] ?? [0, 0];
          return { sentence, start, end, text: clean(text.slice(start, end), true) };
        }),
        model: [clean(model.name), clean(model.id), clean(model.version)],
      });
    }
  }
  return { entities, facts };
}

/** For formats that are sets. */
export function sorted({ entities, facts }: ReadGraph): ReadGraph {
  const inOrder = <T>(values: readonly T[]): T[] =>
    values
      .map((value) => [JSON.stringify(value), value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value);
  return { entities: inOrder(entities), facts: inOrder(facts) };
}

/** The text of each file of a format. */
export async function filesOf(
  format: Format,
  extractions: readonly Extraction[],
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { file, text } of write(format, extractions)) files[file] = (files[file] ?? '') + text;
  return files;
}

/** The text of a format that has one file. */
export async function textOf(format: Format, extractions: readonly Extraction[]): Promise<string> {
  return Object.values(await filesOf(format, extractions)).join('');
}

/** Places of lists of equal length. */
export const zip = (
  sentences: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  texts: readonly string[],
): Place[] =>
  sentences.map((sentence, i) => ({
    sentence,
    start: starts[i] ?? NaN,
    end: ends[i] ?? NaN,
    text: texts[i] ?? 'missing',
  }));
