/**
 * Checks JSON from outside before the page relies on it: every index leads somewhere, every span lies in its text.
 *
 * By hand, since a library for it would be as large as the rest of the page's own code.
 */
import type { Document, Label, Mention } from '../../src/data/document.ts';
import type { Span } from '../../src/data/text-document.ts';
import type { Extraction, ExtractedMention, LinkReason, ModelCard } from '../../src/prediction/extraction.ts';
import type { Submitted } from './entry.ts';

/** A file that is not what it should be; its message is for the person who opened it. */
export class Misfit extends Error {}

type Fields = Record<string, unknown>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function wrong(expected: string, found: unknown, where: string): Misfit {
  const shown = found === undefined ? 'nothing' : (JSON.stringify(found) ?? typeof found);
  return new Misfit(
    `Expected ${expected}, got ${shown.length > 60 ? `${shown.slice(0, 60)}…` : shown} (${where}).`,
  );
}

function object(value: unknown, where: string): Fields {
  if (!isObject(value)) throw wrong('an object', value, where);
  return value;
}

function list<T>(value: unknown, where: string, each: (item: unknown, where: string) => T): T[] {
  if (!Array.isArray(value)) throw wrong('an array', value, where);
  return value.map((item, i) => each(item, `${where}[${i}]`));
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw wrong('a text', value, where);
  return value;
}

function number(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong('a number', value, where);
  return value;
}

const orNull = <T>(value: unknown, where: string, read: (value: unknown, where: string) => T): T | null =>
  value === null || value === undefined ? null : read(value, where);

/** A whole number in [0, below). */
function index(value: unknown, where: string, below = Infinity): number {
  const whole = number(value, where);
  if (!Number.isSafeInteger(whole) || whole < 0 || whole >= below) {
    throw wrong(below === Infinity ? 'an index' : `an index below ${below}`, value, where);
  }
  return whole;
}

function span(value: unknown, where: string, length: number): Span {
  const [start, end] = list(value, where, (at, inner) => index(at, inner, length + 1));
  if (start === undefined || end === undefined || start > end) throw wrong('[start, end)', value, where);
  return [start, end];
}

function labelOf(value: unknown, where: string, entities: number): Label {
  const { h, t, r, evidence } = object(value, where);
  return {
    h: index(h, `${where}.h`, entities),
    t: index(t, `${where}.t`, entities),
    r: text(r, `${where}.r`),
    evidence:
      evidence === undefined ? [] : list(evidence, `${where}.evidence`, (s, inner) => index(s, inner)),
  };
}

function documentOf(value: unknown, where: string): Document {
  const fields = object(value, where);
  const title = text(fields['title'], `${where}.title`);
  const at = `${where}, "${title}"`;
  const sents = list(fields['sents'], `${at}.sents`, (sentence, inner) => list(sentence, inner, text));
  const vertexSet = list(fields['vertexSet'], `${at}.vertexSet`, (entity, inner) =>
    list(entity, inner, (mention, place) => mentionOf(mention, place, sents)),
  );
  for (const [i, entity] of vertexSet.entries()) {
    if (entity.length === 0) throw wrong('a mention', entity, `${at}.vertexSet[${i}]`);
  }
  const doc = { title, sents, vertexSet };
  const { labels } = fields;
  if (labels === undefined || labels === null) return doc;
  return {
    ...doc,
    labels: list(labels, `${at}.labels`, (label, inner) => labelOf(label, inner, vertexSet.length)),
  };
}

function mentionOf(value: unknown, where: string, sents: Document['sents']): Mention {
  const { name, sent_id: sentence, pos, type } = object(value, where);
  const sent_id = index(
    typeof sentence === 'string' ? Number(sentence) : sentence,
    `${where}.sent_id`,
    sents.length,
  );
  return {
    name: text(name, `${where}.name`),
    sent_id,
    pos: span(pos, `${where}.pos`, sents[sent_id]?.length ?? 0),
    type: text(type, `${where}.type`),
  };
}

function extractionOf(value: unknown, where: string): Extraction {
  const fields = object(value, where);
  const title = text(fields['title'], `${where}.title`);
  const at = `${where}, "${title}"`;
  const body = text(fields['text'], `${at}.text`);
  const doc = documentOf(fields['document'], `${at}.document`);
  const within = (part: unknown, inner: string): Span => span(part, inner, body.length);
  const sentences = list(fields['sentences'], `${at}.sentences`, within);
  const entities = list(fields['entities'], `${at}.entities`, (entity, inner) => {
    const { name, type, mentions } = object(entity, inner);
    return {
      name: text(name, `${inner}.name`),
      type: text(type, `${inner}.type`),
      mentions: list(mentions, `${inner}.mentions`, (mention, place) =>
        foundMentionOf(mention, place, { length: body.length, sentences: sentences.length }),
      ),
    };
  });
  const facts = list(fields['facts'], `${at}.facts`, (fact, inner) => {
    const { head, tail, relation, name, score, probability, gate, threshold, evidence } = object(fact, inner);
    return {
      head: index(head, `${inner}.head`, entities.length),
      tail: index(tail, `${inner}.tail`, entities.length),
      relation: text(relation, `${inner}.relation`),
      name: text(name, `${inner}.name`),
      score: number(score, `${inner}.score`),
      probability: orNull(probability, `${inner}.probability`, number),
      gate: orNull(gate, `${inner}.gate`, number),
      threshold: number(threshold, `${inner}.threshold`),
      evidence: list(evidence, `${inner}.evidence`, (s, place) => index(s, place, sentences.length)),
    };
  });
  const words = list(fields['words'], `${at}.words`, (sentence, inner) => list(sentence, inner, within));
  return {
    title,
    text: body,
    document: doc,
    words,
    sentences,
    entities,
    facts: facts.sort((a, b) => b.score - a.score),
    model: modelOf(fields['model'], `${at}.model`),
  };
}

function foundMentionOf(
  value: unknown,
  where: string,
  { length, sentences }: { readonly length: number; readonly sentences: number },
): ExtractedMention {
  const mention = object(value, where);
  const [start, end] = span([mention['start'], mention['end']], `${where}.start, end`, length);
  return {
    text: text(mention['text'], `${where}.text`),
    start,
    end,
    sentence: index(mention['sentence'], `${where}.sentence`, sentences),
    type: text(mention['type'], `${where}.type`),
    score: orNull(mention['score'], `${where}.score`, number),
    // Only ever shown, so one that a later version adds does no harm.
    reason: text(mention['reason'], `${where}.reason`) as LinkReason,
    to: orNull(mention['to'], `${where}.to`, index),
  };
}

function modelOf(value: unknown, where: string): ModelCard {
  const card = object(value, where);
  const field = (name: string): string => text(card[name], `${where}.${name}`);
  return {
    name: field('name'),
    id: field('id'),
    system: field('system'),
    twoSteps: card['twoSteps'] === true,
    precision: field('precision'),
    threshold: number(card['threshold'], `${where}.threshold`),
    calibrated: card['calibrated'] === true,
    mentions: orNull(card['mentions'], `${where}.mentions`, text),
    version: field('version'),
  };
}

function submittedOf(value: unknown, where: string): Submitted {
  const { title, h_idx, t_idx, r, evidence, score } = object(value, where);
  return {
    title: text(title, `${where}.title`),
    h_idx: index(h_idx, `${where}.h_idx`),
    t_idx: index(t_idx, `${where}.t_idx`),
    r: text(r, `${where}.r`),
    ...(evidence === undefined
      ? {}
      : { evidence: list(evidence, `${where}.evidence`, (s, inner) => index(s, inner)) }),
    ...(typeof score === 'number' && Number.isFinite(score) ? { score } : {}),
  };
}

/** Each gives back the value with the fields that are known, or throws a `Misfit` that names the wrong one. */
export const check = {
  document: documentOf,
  extraction: extractionOf,
  submitted: submittedOf,
};
