/** A document without one of its sentences, and what that does to the score of a pair. */
import type { Document } from '../data/document.ts';
import { documentFeatures } from '../features/features.ts';
import { pairItem } from '../models/explain-item.ts';
import type { OpenSystem } from '../models/open-system.ts';
import { gateOf, probability } from '../models/gate.ts';
import { scoreItems } from './explain-score.ts';
import type { Explanation } from './explanation.ts';

/** Sentences that are removed in turn: beyond, those that stand nearest to the pair's mentions. */
const MOST_SENTENCES = 200;

/** Words that all these variants of a document may have together: a long document has fewer of them, but one at least. */
const MOST_WORDS = 2 ** 20;

export interface SentenceQuestion {
  readonly head: number;
  readonly tail: number;
  /** The class that is explained. */
  readonly relation: number;
  /** With all sentences. */
  readonly score: number;
  readonly batchPieces?: number | undefined;
}

/** The score without each sentence, biggest change first. @throws RelataError `E_ENGINE` */
export async function sentenceEffects(
  system: OpenSystem,
  doc: Document,
  { head, tail, relation, score, batchPieces }: SentenceQuestion,
): Promise<Explanation['sentences']> {
  const { models, encode, relations } = system;
  const { config } = models.relation.model;
  const isTwoStep = models.kind === 'two-step';
  const variants = removable(doc, head, tail).map((sentence) => {
    const without = withoutSentence(doc, sentence);
    const pair = [head, tail].map((entity) => without.entities[entity]);
    const [h, t] = pair;
    const item =
      h === undefined || t === undefined
        ? undefined
        : pairItem(documentFeatures(without.doc, relations, encode), { head: h, tail: t }, config);
    return { sentence, item };
  });
  const items = variants.flatMap(({ item }) => item ?? []);
  // The originals read a document differently beside others.
  const options = { batchPieces, oneByOne: config.mode === 'faithful' };
  const logits = await scoreItems(models.relation, items, options);
  const gates = models.kind === 'two-step' ? await scoreItems(models.existence, items, options) : [];
  let at = 0;
  const effects = variants.map(({ sentence, item }) => {
    // In two steps, a pair that is not there is not let through.
    if (!item) return { sentence, score: null, change: score, open: isTwoStep ? false : null };
    const own = probability(logits[at]?.[relation] ?? 0);
    const gate = gates[at];
    at++;
    return {
      sentence,
      score: own,
      change: score - own,
      open: gate ? gateOf(gate, 0, gate.length).open : null,
    };
  });
  return effects.sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.sentence - b.sentence);
}

/** The sentences to remove: all with words, or as many as the limits allow. */
function removable(doc: Document, head: number, tail: number): number[] {
  const words = doc.sents.reduce((sum, { length }) => sum + length, 0);
  const most = Math.max(1, Math.min(MOST_SENTENCES, Math.floor(MOST_WORDS / Math.max(1, words))));
  const sentences = doc.sents.flatMap(({ length }, sentence) => (length > 0 ? [sentence] : []));
  if (sentences.length <= most) return sentences;
  const named = [head, tail].flatMap((entity) => (doc.vertexSet[entity] ?? []).map(({ sent_id }) => sent_id));
  const distance = (sentence: number): number =>
    named.reduce((least, place) => Math.min(least, Math.abs(place - sentence)), Infinity);
  return sentences
    .map((sentence) => ({ sentence, far: distance(sentence) }))
    .sort((a, b) => a.far - b.far || a.sentence - b.sentence)
    .slice(0, most)
    .map(({ sentence }) => sentence);
}

/**
 * The document without a sentence, its labels and the mentions there. Entities that lose their last mention are left out.
 *
 * @returns the document, and the new index of each entity, undefined of one that is left out
 */
export function withoutSentence(
  { title, sents, vertexSet }: Document,
  sentence: number,
): { readonly doc: Document; readonly entities: readonly (number | undefined)[] } {
  const kept = vertexSet.map((entity) =>
    entity
      .filter(({ sent_id }) => sent_id !== sentence)
      .map((mention) => ({ ...mention, sent_id: mention.sent_id - (mention.sent_id > sentence ? 1 : 0) })),
  );
  let next = 0;
  return {
    doc: { title, sents: sents.toSpliced(sentence, 1), vertexSet: kept.filter(({ length }) => length > 0) },
    entities: kept.map(({ length }) => (length > 0 ? next++ : undefined)),
  };
}
