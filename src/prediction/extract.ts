/**
 * From texts to facts: words, mentions, entities, relations.
 *
 * Everything streams: a text is cut into words while another one is tagged and a third one's pairs are scored.
 */
import { fail } from '../core/errors.ts';
import type { Document, Entity, Mention } from '../data/document.ts';
import {
  joinWords,
  mentionSpan,
  mentionText,
  sentenceSpan,
  type TextDocument,
} from '../data/text-document.ts';
import type { Bundle } from '../models/bundle.ts';
import { clusterByName } from '../text/coreference.ts';
import { segmentText } from '../text/segment.ts';
import type {
  ExtractedEntity,
  ExtractedFact,
  ExtractedMention,
  Extraction,
  LinkReason,
} from './extraction.ts';
import { type Fact, predict } from './predict.ts';
import { tagMentions } from './tag.ts';

/** What can be read. */
export type Source =
  /** A text: its mentions are found. */
  | { readonly kind: 'text'; readonly title: string; readonly text: string; readonly markdown?: boolean }
  /** Words: mentions are those of its `vertexSet`; where that is empty they are found. */
  | { readonly kind: 'document'; readonly doc: Document }
  /** A text with its mentions; those of one name of an entity belong together, the others are grouped by name. */
  | {
      readonly kind: 'annotated';
      readonly document: TextDocument;
      readonly mentions: readonly GivenMention[];
    };

export interface GivenMention {
  readonly mention: Mention;
  /** Any name that mentions of one entity share. */
  readonly entity?: string | undefined;
}

export interface ExtractOptions {
  /** Scores strictly above it are returned; default: the saved threshold. */
  readonly theta?: number | undefined;
  /** Sentences that may lie between the nearest mentions of a fact's entities; default `REACH`. */
  readonly reach?: number | undefined;
  /** Pieces or words that run at once; default 2048 pieces or 16384 words. */
  readonly batchPieces?: number | undefined;
}

/**
 * As far apart as entities of DocRED's documents, of at most 25 sentences, can be. What a model says of pairs of a book that are
 * further apart than any it was trained on is chance, and there are a thousand times as many.
 */
export const REACH = 25;

/**
 * What is found in each source, in their order.
 *
 * @throws RelataError `E_NO_TAGGER` when mentions are to be found and the bundle has no model that does; `E_ENGINE`; what reading
 * the sources throws
 */
export async function* extract(
  bundle: Bundle,
  sources: AsyncIterable<Source> | Iterable<Source>,
  options: ExtractOptions = {},
): AsyncGenerator<Extraction> {
  /** Found, and not yet related. */
  const waiting: Found[] = [];
  async function* documents(): AsyncGenerator<Document> {
    for await (const found of withEntities(bundle, sources)) {
      waiting.push(found);
      yield found.document.doc;
    }
  }
  const { theta, batchPieces, reach = REACH } = options;
  for await (const { facts } of predict(bundle.system, documents(), {
    batchPieces,
    reach,
    ...(theta !== undefined && { theta }),
  })) {
    const found = waiting.shift();
    if (found) yield extraction(bundle, found, facts);
  }
}

/** A mention of an entity, and why it is one. */
interface Linked {
  readonly mention: Mention;
  readonly score: number | null;
  readonly reason: LinkReason;
  readonly to: number | null;
}

/** A document with entities, each a list of links in the order of the vertexSet. */
export interface Found {
  readonly document: TextDocument;
  readonly links: readonly (readonly Linked[])[];
}

/** Sources with entities: given ones, or those of mentions that the bundle's tagger finds. @throws as `extract` */
export async function* withEntities(
  { tagger, folder }: Pick<Bundle, 'tagger' | 'folder'>,
  sources: AsyncIterable<Source> | Iterable<Source>,
): AsyncGenerator<Found> {
  /** Read, and not yet tagged. */
  const waiting: { readonly document: TextDocument; readonly links: Found['links'] | undefined }[] = [];
  async function* documents(): AsyncGenerator<Document> {
    for await (const source of sources) {
      const document = textDocument(source);
      const links = givenLinks(source);
      waiting.push({ document, links });
      if (links === undefined && !tagger) throw fail('E_NO_TAGGER', { title: document.doc.title, folder });
      // Nothing to find where entities are given; so they keep their place among the others.
      yield links === undefined ? document.doc : { title: document.doc.title, sents: [], vertexSet: [] };
    }
  }
  const tagged = tagger ? tagMentions(tagger, documents()) : untagged(documents());
  for await (const mentions of tagged) {
    const read = waiting.shift();
    if (!read) continue;
    const links = read.links ?? linksOf(mentions.map(({ score, ...mention }) => ({ mention, score })));
    const vertexSet: Entity[] = links.map((entity) => entity.map(({ mention }) => mention));
    yield { document: { ...read.document, doc: { ...read.document.doc, vertexSet } }, links };
  }
}

async function* untagged(
  documents: AsyncIterable<Document>,
): AsyncGenerator<(Mention & { score: number })[]> {
  for await (const _ of documents) yield [];
}

function textDocument(source: Source): TextDocument {
  if (source.kind === 'document') return joinWords(source.doc);
  if (source.kind === 'annotated') return source.document;
  return segmentText(source);
}

/** The entities that a source brings along. */
function givenLinks(source: Source): Found['links'] | undefined {
  if (source.kind === 'text') return undefined;
  if (source.kind === 'annotated')
    return linksOf(source.mentions.map((given) => ({ ...given, score: null })));
  const { vertexSet } = source.doc;
  if (vertexSet.length === 0) return undefined;
  return vertexSet.map((entity) =>
    entity.map((mention) => ({ mention, score: null, reason: 'given' as const, to: null })),
  );
}

/** Mentions as entities: those that share a given name of an entity, the others by their own names. By first appearance. */
function linksOf(
  mentions: readonly {
    readonly mention: Mention;
    readonly score: number | null;
    readonly entity?: string | undefined;
  }[],
): Found['links'] {
  const ordered = mentions.toSorted(
    ({ mention: a }, { mention: b }) => a.sent_id - b.sent_id || a.pos[0] - b.pos[0] || b.pos[1] - a.pos[1],
  );
  const named = new Map<string, Linked[]>();
  const unnamed: typeof ordered = [];
  for (const given of ordered) {
    const { mention, score, entity } = given;
    if (entity === undefined) {
      unnamed.push(given);
    } else {
      const links = named.get(entity) ?? [];
      links.push({ mention, score, reason: 'given', to: null });
      named.set(entity, links);
    }
  }
  const byName = clusterByName(unnamed.map(({ mention }) => mention)).map(({ mentions: cluster }) => {
    const place = new Map(cluster.map(({ mention }, i) => [mention, i]));
    return cluster.flatMap(({ mention, reason, to }): Linked[] => {
      const given = unnamed[mention];
      return given ? [{ ...given, reason, to: to === undefined ? null : (place.get(to) ?? null) }] : [];
    });
  });
  const start = (links: readonly Linked[]): Mention | undefined => links[0]?.mention;
  return [...named.values(), ...byName].toSorted(
    (a, b) =>
      (start(a)?.sent_id ?? 0) - (start(b)?.sent_id ?? 0) ||
      (start(a)?.pos[0] ?? 0) - (start(b)?.pos[0] ?? 0),
  );
}

function extraction(
  { system, card }: Bundle,
  { document, links }: Found,
  facts: readonly Fact[],
): Extraction {
  const { doc, text, words } = document;
  return {
    title: doc.title,
    text,
    document: doc,
    words,
    sentences: doc.sents.map((_, s) => sentenceSpan(document, s)),
    entities: links.map((entity) => extractedEntity(document, entity)),
    facts: facts.map(({ head, tail, relation, score, gate, evidence }): ExtractedFact => ({
      head,
      tail,
      relation,
      name: system.relations.relationName(relation),
      score,
      probability: system.probability(score),
      gate: gate ?? null,
      threshold: card.threshold,
      evidence,
    })),
    model: card,
  };
}

function extractedEntity(document: TextDocument, links: readonly Linked[]): ExtractedEntity {
  const mentions = links.map(({ mention, score, reason, to }): ExtractedMention => {
    const [start, end] = mentionSpan(document, mention);
    const text = document.text.slice(start, end);
    return { text, start, end, sentence: mention.sent_id, type: mention.type, score, reason, to };
  });
  const votes = new Map<string, number>();
  for (const { type } of mentions) votes.set(type, (votes.get(type) ?? 0) + 1);
  const [[type = ''] = []] = [...votes].toSorted(([, a], [, b]) => b - a);
  // The fullest name says best what is meant, unless it is a mention of another form, such as a nationality.
  const names = links.flatMap(({ mention }) =>
    mention.type === type ? [mentionText(document, mention)] : [],
  );
  const name = names.reduce((longest, text) => (text.length > longest.length ? text : longest), '');
  return { name, type, mentions };
}
