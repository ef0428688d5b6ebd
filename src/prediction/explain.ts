/** Why a pair of entities got its answer: the gate, the relations, the parts of a logit, the words, the sentences. */
import { fail } from '../core/errors.ts';
import type { Document } from '../data/document.ts';
import { sentenceStarts } from '../data/word-distance.ts';
import { documentFeatures, type Features } from '../features/features.ts';
import { pairItem, scoresApart } from '../models/explain-item.ts';
import { LONGEST_EFFECT } from '../models/explain-effects.ts';
import { explainLogit, type LogitExplanation } from '../models/explain-logit.ts';
import type { WordParts } from '../models/explain-question.ts';
import type { OpenSystem } from '../models/open-system.ts';
import { gateOf, probability } from '../models/gate.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { entityName, findRelation } from './explain-find.ts';
import { scoreItems } from './explain-score.ts';
import { sentenceEffects } from './explain-sentences.ts';
import type { Explanation, WordShare } from './explanation.ts';

export interface ExplainOptions {
  /** Entity indices; see `findEntity`. */
  readonly head: number;
  readonly tail: number;
  /** The id or name of the relation to explain; default: the one with the highest score. */
  readonly relation?: string | undefined;
  /** Default: the saved threshold. */
  readonly theta?: number | undefined;
  /** Where and how the programs that look inside the model run; they are opened here and closed again. */
  readonly engine?: SessionOptions | undefined;
  /** Pieces or words that run at once; default 2048 pieces or 16384 words. */
  readonly batchPieces?: number | undefined;
}

/**
 * Explains what `system` says about one ordered pair of `doc`.
 *
 * The parts of the logit and the effects of words need the weights, which an exported model has only inside of its program:
 * then they are null, and the rest is there. The document is scored by itself.
 *
 * @throws RelataError `E_USAGE` when the two are not two entities of the document; `E_CHOICE` for an unknown relation; `E_ENGINE`
 */
export async function explain(
  system: OpenSystem,
  doc: Document,
  options: ExplainOptions,
): Promise<Explanation> {
  const { head, tail, batchPieces } = options;
  mustBePair(doc, head, tail);
  const { models, relations, encode, about } = system;
  const asked = options.relation === undefined ? undefined : findRelation(relations, options.relation);
  const features = documentFeatures(doc, relations, encode);
  const item = pairItem(features, { head, tail }, models.relation.model.config);
  const [logits = new Float32Array(0)] = await scoreItems(models.relation, [item], { batchPieces });
  const ranked = rankedRelations(system, logits);
  const best = relations.relationIndex(ranked[0]?.relation ?? '') ?? 1;
  const relation = asked ?? best;
  const score = probability(logits[relation] ?? 0);
  const inside = await look(system, { ...options, doc, features, relation });
  const starts = sentenceStarts(doc);
  return {
    title: doc.title,
    head,
    tail,
    headName: entityName(doc, head),
    tailName: entityName(doc, tail),
    relation: relations.relationId(relation),
    name: relations.relationName(relations.relationId(relation)),
    threshold: Math.fround(options.theta ?? about.theta ?? 0.5),
    gate:
      models.kind === 'two-step'
        ? explainedGate(
            (await scoreItems(models.existence, [item], { batchPieces }))[0] ?? new Float32Array(0),
          )
        : null,
    relations: ranked,
    logit: logitOf(inside.parts, starts),
    effects: inside.effects ? strongestFirst(shares(inside.effects, starts)) : null,
    sentences: await sentenceEffects(system, doc, { head, tail, relation, score, batchPieces }),
    unavailable: inside.unavailable,
  };
}

function mustBePair(doc: Document, head: number, tail: number): void {
  const count = doc.vertexSet.length;
  if (count < 2) {
    throw fail('E_USAGE', {
      what: `Expected "${doc.title}" to name at least two entities, got ${count}`,
      help: 'Only a pair of entities has an explanation: choose another document.',
    });
  }
  for (const [side, entity] of [
    ['head', head],
    ['tail', tail],
  ] as const) {
    if (!Number.isInteger(entity) || entity < 0 || entity >= count)
      throw fail('E_USAGE', {
        what: `Expected the ${side} to be an entity of "${doc.title}", from 0 to ${count - 1}, got ${entity}`,
        help: 'Entities are counted as in the vertexSet of the document.',
      });
  }
  if (head === tail) {
    throw fail('E_USAGE', {
      what: `Expected head and tail to be two entities, got "${entityName(doc, head)}" (#${head}) for both`,
      help: 'Relations hold between two different entities. Names that were merged into one entity are one.',
    });
  }
}

/** All relations, the highest logit first; equal ones in the order of the model. */
function rankedRelations(system: OpenSystem, logits: Float32Array): Explanation['relations'] {
  const { relations, models } = system;
  return Array.from({ length: models.relation.model.classes - 1 }, (_, i) => {
    const relation = relations.relationId(i + 1);
    const logit = logits[i + 1] ?? 0;
    const score = probability(logit);
    return {
      relation,
      name: relations.relationName(relation),
      logit,
      score,
      probability: system.probability(score),
    };
  }).sort((a, b) => b.logit - a.logit);
}

function explainedGate(logits: Float32Array): NonNullable<Explanation['gate']> {
  const { gate, margin, open } = gateOf(logits, 0, logits.length);
  return { probability: gate, margin, open };
}

/** What only a look inside of the model tells, and why something of it is missing. */
async function look(
  { models, encode, relations, about }: OpenSystem,
  question: Omit<ExplainOptions, 'relation'> & {
    readonly doc: Document;
    readonly features: Features;
    readonly relation: number;
  },
): Promise<LogitExplanation & { readonly unavailable: string | null }> {
  const { model } = models.relation;
  if (model.specs.length === 0) {
    return {
      parts: undefined,
      effects: undefined,
      unavailable:
        'This model was exported: its weights are inside of its program, so the parts of the score and the effects of words are not known. Name the folder that `relata train` saved, from which it was exported, as the model.',
    };
  }
  const found = await explainLogit(models.relation, { ...question, encode, relations });
  const reasons = [
    ...(scoresApart(model.config)
      ? []
      : [
          `${about.system === 'context-aware' ? 'Context-Aware' : about.system} lets every pair look at all others, so that its score has no exact parts.`,
        ]),
    ...(found.effects
      ? []
      : [
          `The effects of words need the whole document at once, and it has more than ${LONGEST_EFFECT.words.toLocaleString('en-US')} words or ${LONGEST_EFFECT.entities} entities: explain a part of it.`,
        ]),
  ];
  return { ...found, unavailable: reasons.length > 0 ? reasons.join(' ') : null };
}

function logitOf(parts: LogitExplanation['parts'], starts: readonly number[]): Explanation['logit'] {
  if (!parts) return null;
  const { total, entities, distance, bias, head, tail } = parts;
  return {
    total,
    entities,
    distance,
    bias,
    headMentions: head.mentions,
    tailMentions: tail.mentions,
    headWords: shares(head.words, starts),
    tailWords: shares(tail.words, starts),
  };
}

/** Positions in the document as sentence and word. */
function shares(parts: WordParts, starts: readonly number[]): WordShare[] {
  return [...parts].map(([place, share]) => {
    const sentence = starts.findLastIndex((start) => start <= place);
    return { sentence, word: place - (starts[sentence] ?? 0), share };
  });
}

/** Words without any effect are left out. */
const strongestFirst = (words: readonly WordShare[]): WordShare[] =>
  words.filter(({ share }) => share !== 0).sort((a, b) => Math.abs(b.share) - Math.abs(a.share));
