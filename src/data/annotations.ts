/**
 * Annotations from elsewhere: spans of characters of a text that are mentions, with their types and perhaps their entities.
 *
 * A file holds a JSON array or one object a line: `{"start": 0, "end": 5, "type": "PER", "entity": "e1", "text": "Marie", "title": "doc"}`.
 */
import { statSync } from 'node:fs';
import { z } from 'zod';

import { fail } from '../core/errors.ts';
import { misfit } from '../core/misfit.ts';
import type { Mention } from './document.ts';
import { parseElement } from './elements.ts';
import { readElements } from './read.ts';
import type { Span, TextDocument } from './text-document.ts';

/** Bounds of a file: bytes, annotations. */
const MAX_FILE = 256 * 1024 * 1024;
const MAX_ANNOTATIONS = 1_000_000;

export interface Annotation {
  /** The first character, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Entity type, such as PER. */
  readonly type: string;
  /** What annotations of one entity share: an id or a name. */
  readonly entity?: string;
  /** Of the document; may be absent where there is only one. */
  readonly title?: string;
  /** What the span holds, to be compared. */
  readonly text?: string;
}

const annotationSchema = z.object({
  start: z.int().min(0),
  end: z.int().min(0),
  type: z.string().min(1).max(1000),
  entity: z.union([z.string().max(10_000), z.int()]).nullish(),
  title: z.string().max(10_000).nullish(),
  text: z.string().nullish(),
});

/** What positions count: code units as JavaScript, Java and C# do, or code points as Python does. */
export const offsetUnits = ['utf-16', 'code-points'] as const;
export type OffsetUnit = (typeof offsetUnits)[number];

export interface AnnotatedDocument {
  /** Without entities; with words split where an annotation begins or ends inside one, and sentences merged that one spans. */
  readonly document: TextDocument;
  /** One for each annotation, in their order. */
  readonly mentions: readonly { readonly mention: Mention; readonly entity?: string }[];
}

/**
 * The annotations of a file.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_JSON`, `E_FIELD` for one without the form, or too many
 */
export async function readAnnotations(path: string): Promise<Annotation[]> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > MAX_FILE) throw tooLarge(path, `at most ${MAX_FILE} bytes`, `${size}`);
  const annotations: Annotation[] = [];
  for await (const element of readElements(path)) {
    if (annotations.length === MAX_ANNOTATIONS)
      throw tooLarge(path, `at most ${MAX_ANNOTATIONS} annotations`, 'more');
    const parsed = annotationSchema.safeParse(parseElement(element, path));
    if (!parsed.success) {
      const expected = `an annotation (start, end, type) at position ${element.index}`;
      throw misfit(parsed.error, { expected, path });
    }
    const { start, end, type, entity, title, text } = parsed.data;
    annotations.push({
      start,
      end,
      type,
      ...(entity != null && { entity: String(entity) }),
      ...(title != null && { title }),
      ...(text != null && { text }),
    });
  }
  return annotations;
}

const tooLarge = (path: string, expected: string, found: string): Error =>
  fail('E_FIELD', { expected: `${expected} in a file of annotations`, found, where: path });

/**
 * A text with mentions where the annotations say.
 *
 * No annotation is moved: words are split at its borders, inside a character too if it says so. Whitespace and markup at its
 * ends are no part of the mention. Annotations may overlap.
 *
 * @param annotations - of this document; see `title`
 * @param options.unit - what `start` and `end` count; default `utf-16`
 * @throws RelataError `E_ANNOTATION` for one that is empty, out of range, without a word, or does not hold its `text`
 */
export function annotate(
  document: TextDocument,
  annotations: readonly Annotation[],
  { unit = 'utf-16' }: { readonly unit?: OffsetUnit } = {},
): AnnotatedDocument {
  const { text } = document;
  const spans = spansOf(document, { annotations, unit });
  const cut = splitWords(document, spans);
  const merged = mergeSentences(cut, spans);
  const places = wordPlaces(merged);
  const mentions = annotations.map((annotation, i) => {
    const [start, end] = spans[i] ?? [0, 0];
    // Words before the span, and those that begin in it.
    const first = places.countUntil(start);
    const last = places.countUntil(end) - 1;
    const { sentence, word } = places.at(first);
    if (last < first) throw misplaced(document, { annotation, unit, found: 'a span without a word' });
    const mention: Mention = {
      name: text.slice(...spanBetween(merged, sentence, [word, word + last - first])),
      sent_id: sentence,
      pos: [word, word + last - first + 1],
      type: annotation.type,
    };
    return annotation.entity === undefined ? { mention } : { mention, entity: annotation.entity };
  });
  const sents = merged.map((sentence) => sentence.map(([start, end]) => text.slice(start, end)));
  return {
    document: { doc: { title: document.doc.title, sents, vertexSet: [] }, text, words: merged },
    mentions,
  };
}

interface Given {
  readonly annotations: readonly Annotation[];
  readonly unit: OffsetUnit;
}

/** The spans of the annotations in UTF-16 units, each checked. */
function spansOf(document: TextDocument, { annotations, unit }: Given): Span[] {
  const { text } = document;
  const places = annotations.flatMap(({ start, end }) => [start, end]);
  const inCodePoints = codePointPlaces(text, places);
  const spanIn = ({ start, end }: Annotation, some: OffsetUnit): Span =>
    some === 'utf-16'
      ? [start, end]
      : [inCodePoints.get(start) ?? Infinity, inCodePoints.get(end) ?? Infinity];
  return annotations.map((annotation) => {
    const [start, end] = spanIn(annotation, unit);
    if (end <= start) throw misplaced(document, { annotation, unit, found: 'an empty span' });
    if (end > text.length) {
      throw misplaced(document, {
        annotation,
        unit,
        found: `a span beyond the text's ${text.length} UTF-16 units`,
      });
    }
    const wanted = annotation.text;
    const found = text.slice(start, end);
    if (wanted !== undefined && wanted !== found) {
      const other: OffsetUnit = unit === 'utf-16' ? 'code-points' : 'utf-16';
      const fits = text.slice(...spanIn(annotation, other)) === wanted;
      const hint = fits ? `; counted in ${other}, it fits` : '';
      throw misplaced(document, {
        annotation,
        unit,
        found: `${quote(found)} instead of ${quote(wanted)}${hint}`,
      });
    }
    return [start, end];
  });
}

function misplaced(
  { doc }: TextDocument,
  detail: { readonly annotation: Annotation; readonly unit: OffsetUnit; readonly found: string },
): Error {
  const { start, end, type } = detail.annotation;
  return fail('E_ANNOTATION', { title: doc.title, start, end, type, unit: detail.unit, found: detail.found });
}

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Where these code points begin in UTF-16 units; those beyond the end of the text have no place. */
function codePointPlaces(text: string, places: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  const wanted = [...new Set(places)].sort((a, b) => a - b);
  let [unit, point] = [0, 0];
  for (const place of wanted) {
    for (; point < place && unit < text.length; point++)
      unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    if (point === place) found.set(place, unit);
  }
  return found;
}

/** The words, cut at the borders of spans inside them. */
function splitWords({ words }: TextDocument, spans: readonly Span[]): Span[][] {
  const borders = [...new Set(spans.flat())].sort((a, b) => a - b);
  let next = 0;
  return words.map((sentence) =>
    sentence.flatMap(([start, end]) => {
      const parts: Span[] = [];
      let from = start;
      for (; next < borders.length && (borders[next] ?? 0) < end; next++) {
        const at = borders[next] ?? 0;
        if (at <= from) continue;
        parts.push([from, at]);
        from = at;
      }
      parts.push([from, end]);
      return parts;
    }),
  );
}

/** The sentences, with those that one span reaches into put together. */
function mergeSentences(words: readonly (readonly Span[])[], spans: readonly Span[]): Span[][] {
  const ordered = spans.toSorted((a, b) => a[0] - b[0]);
  const merged: Span[][] = [];
  let next = 0;
  /** The furthest end of a span that begins before the sentence. */
  let reach = 0;
  for (const sentence of words) {
    const [start, last] = [sentence[0]?.[0] ?? 0, merged.at(-1)];
    const lastEnd = last?.at(-1)?.[1] ?? 0;
    for (; next < ordered.length && (ordered[next]?.[0] ?? 0) < lastEnd; next++) {
      reach = Math.max(reach, ordered[next]?.[1] ?? 0);
    }
    if (last && reach > start) last.push(...sentence);
    else merged.push([...sentence]);
  }
  return merged;
}

interface WordPlaces {
  /** How many words begin before a character. */
  countUntil(character: number): number;
  /** Sentence and word of the n-th word of the text. */
  at(n: number): { readonly sentence: number; readonly word: number };
}

function wordPlaces(words: readonly (readonly Span[])[]): WordPlaces {
  const starts: number[] = [];
  const places: { sentence: number; word: number }[] = [];
  for (const [sentence, spans] of words.entries()) {
    for (const [word, [start]] of spans.entries()) {
      starts.push(start);
      places.push({ sentence, word });
    }
  }
  return {
    countUntil(character) {
      let [low, high] = [0, starts.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((starts[middle] ?? 0) < character) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    at: (n) => places[n] ?? { sentence: 0, word: 0 },
  };
}

/** The characters from a word to another of a sentence, both included. */
function spanBetween(words: readonly (readonly Span[])[], sentence: number, [first, last]: Span): Span {
  return [words[sentence]?.[first]?.[0] ?? 0, words[sentence]?.[last]?.[1] ?? 0];
}
