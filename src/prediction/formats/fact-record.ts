/** A fact that says by itself what it is about, where it stands and what found it. */
import type { ExtractedFact, Extraction } from '../extraction.ts';

/** The first ten names are those of `relata predict --format jsonl`, in its order. */
export interface FactRecord {
  readonly title: string;
  /** Indices of the entities. */
  readonly h_idx: number;
  readonly t_idx: number;
  /** Relation id, and its name. */
  readonly r: string;
  readonly relation: string;
  /** Names of the entities. */
  readonly head: string;
  readonly tail: string;
  readonly score: number;
  /** Step 1's; null with one step. */
  readonly gate: number | null;
  /** Sentence indices. */
  readonly evidence: readonly number[];
  /** Null for a model that was not calibrated. */
  readonly probability: number | null;
  readonly threshold: number;
  readonly evidence_sentences: readonly SentenceRecord[];
  readonly head_type: string;
  readonly head_mentions: readonly MentionRecord[];
  readonly tail_type: string;
  readonly tail_mentions: readonly MentionRecord[];
  readonly model: { readonly name: string; readonly id: string; readonly version: string };
}

/** A sentence of the evidence; characters [start, end) of the document's text, in UTF-16 code units. */
export interface SentenceRecord {
  readonly sentence: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A mention, in characters likewise. */
export interface MentionRecord extends SentenceRecord {
  /** Whether its sentence is evidence of the fact. */
  readonly in_evidence: boolean;
}

/** A sentence by its index. */
export function sentenceRecord(
  { text, sentences }: Pick<Extraction, 'text' | 'sentences'>,
  sentence: number,
): SentenceRecord {
  const [start, end] = sentences[sentence] ?? [0, 0];
  return { sentence, start, end, text: text.slice(start, end) };
}

/** The records of an extraction's facts, in their order. */
export const factRecords = (extraction: Extraction): FactRecord[] =>
  extraction.facts.map((fact) => factRecord(extraction, fact));

/** The record of one of them. */
export function factRecord(extraction: Extraction, fact: ExtractedFact): FactRecord {
  const { title, entities, model } = extraction;
  const { evidence } = fact;
  const mentions = (entity: number): MentionRecord[] =>
    (entities[entity]?.mentions ?? []).map(({ sentence, start, end, text }) => ({
      sentence,
      start,
      end,
      text,
      in_evidence: evidence.includes(sentence),
    }));
  return {
    title,
    h_idx: fact.head,
    t_idx: fact.tail,
    r: fact.relation,
    relation: fact.name,
    head: entities[fact.head]?.name ?? '',
    tail: entities[fact.tail]?.name ?? '',
    score: fact.score,
    gate: fact.gate,
    evidence,
    probability: fact.probability,
    threshold: fact.threshold,
    evidence_sentences: evidence.map((sentence) => sentenceRecord(extraction, sentence)),
    head_type: entities[fact.head]?.type ?? '',
    head_mentions: mentions(fact.head),
    tail_type: entities[fact.tail]?.type ?? '',
    tail_mentions: mentions(fact.tail),
    model: { name: model.name, id: model.id, version: model.version },
  };
}
