/**
 * An entity's vector as what it is a sum of: for every word of its mentions a weight and the word's own vector.
 *
 * A word's vector comes from the encoder's own rules, quirks and all: the word is encoded as an entity of one mention.
 */
import type { Document, Entity } from '../data/document.ts';
import type { RelationVocabulary } from '../data/relations.ts';
import { sentenceStarts } from '../data/word-distance.ts';
import { mentionWeights } from '../features/encode.ts';
import { documentFeatures, type EncodeOptions, type Features } from '../features/features.ts';
import type { PairQuestion } from './explain-question.ts';

/** A word of a mention. */
export interface MentionWord {
  /** Position in the document. */
  readonly word: number;
  /** Index in the entity. */
  readonly mention: number;
  /** Its share of the entity's vector. */
  readonly weight: number;
}

/**
 * The words of an entity's mentions.
 *
 * A word of several mentions is there several times; `faithful`, only for the last mention, whose weight overwrites the others.
 */
function mentionWords(doc: Document, entity: Entity, { mode }: Pick<EncodeOptions, 'mode'>): MentionWord[] {
  const weights = mentionWeights(entity, sentenceStarts(doc));
  const words: MentionWord[] = [];
  for (const [mention, { pos }] of entity.entries()) {
    for (let place = pos[0]; place < pos[1]; place++) {
      const { value } = weights.next();
      if (value !== undefined) words.push({ word: value[0], mention, weight: value[1] });
    }
  }
  return mode === 'faithful' ? [...new Map(words.map((entry) => [entry.word, entry])).values()] : words;
}

/**
 * The document with an entity for each of `words` in place of its own; what the encoder reads stays the same.
 *
 * @param words - positions in the document
 */
function unitFeatures(
  doc: Document,
  words: readonly number[],
  {
    features,
    encode,
    relations,
  }: { readonly features: Features; readonly encode: EncodeOptions; readonly relations: RelationVocabulary },
): Features {
  const starts = sentenceStarts(doc);
  const vertexSet = words.map((word): Entity => {
    // Sentences without words begin where the next one does.
    const sentence = starts.findLastIndex((start) => start <= word);
    const place = word - (starts[sentence] ?? 0);
    return [{ name: '', sent_id: sentence, pos: [place, place + 1], type: '' }];
  });
  const { title, sents } = doc;
  const { entities } = documentFeatures({ title, sents, vertexSet }, relations, encode);
  return { ...features, entities, firstWords: new Int32Array(entities.length), related: [] };
}

/** The words of both entities, each once, as entities of their own. */
export interface Units {
  readonly features: Features;
  readonly head: readonly MentionWord[];
  readonly tail: readonly MentionWord[];
  /** The index of a word of the document among the units. */
  readonly at: (word: number) => number;
  /** How many there are. */
  readonly count: number;
}

export function unitsOf(question: PairQuestion): Units {
  const { doc, encode } = question;
  const [head, tail] = [question.head, question.tail].map((entity) =>
    mentionWords(doc, doc.vertexSet[entity] ?? [], encode),
  ) as [MentionWord[], MentionWord[]];
  const words = [...new Set([...head, ...tail].map(({ word }) => word))];
  const index = new Map(words.map((word, i) => [word, i]));
  return {
    features: unitFeatures(doc, words, question),
    head,
    tail,
    at: (word) => index.get(word) ?? 0,
    count: words.length,
  };
}
