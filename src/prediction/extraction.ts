/** What is found in a text: the type that `relata extract`, the server and the viewer share. */
import type { Document } from '../data/document.ts';
import type { Span } from '../data/text-document.ts';
import type { ModelCard } from '../models/bundle.ts';
import type { NameReason } from '../text/coreference.ts';

export type { ModelCard };

/** Of `{"format", "results"}`, the JSON that extractions are saved in: rises when readers of older files would misread it. */
export const RESULTS_FORMAT = 1;

/** Why a mention belongs to its entity: by a rule of `clusterByName`, or since the source says so. */
export type LinkReason = NameReason | 'given';

/** One document, what was found in it, and by what. As JSON it is self-contained. */
export interface Extraction {
  readonly title: string;
  readonly text: string;
  /** In DocRED's form, with the entities that were found; `labels` where the source had some. */
  readonly document: Document;
  /** Characters of each word of `document.sents`, in UTF-16 code units of `text`. */
  readonly words: readonly (readonly Span[])[];
  /** Characters of each sentence. */
  readonly sentences: readonly Span[];
  /** In the order of `document.vertexSet`. */
  readonly entities: readonly ExtractedEntity[];
  /** By falling score. */
  readonly facts: readonly ExtractedFact[];
  readonly model: ModelCard;
}

export interface ExtractedEntity {
  /** The longest of its names among mentions of its type, on one line. */
  readonly name: string;
  /** The type of most of its mentions. */
  readonly type: string;
  /** In the order of `document.vertexSet[i]`. */
  readonly mentions: readonly ExtractedMention[];
}

export interface ExtractedMention {
  /** As it stands in the text. */
  readonly text: string;
  /** Characters [start, end) of the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly sentence: number;
  readonly type: string;
  /** Probability that this is a mention of this type; null where it was given. */
  readonly score: number | null;
  readonly reason: LinkReason;
  /** Index among the entity's mentions of the one that it was linked to; null for the first and for given ones. */
  readonly to: number | null;
}

export interface ExtractedFact {
  /** Indices into `entities`. */
  readonly head: number;
  readonly tail: number;
  /** Relation id, such as P17, and its name. */
  readonly relation: string;
  readonly name: string;
  /** The model's own; compared with `threshold`. */
  readonly score: number;
  /** The share of facts with such a score that are right on dev; null for a model that was not calibrated. */
  readonly probability: number | null;
  /** Two steps: step 1's probability that the pair is related; else null. */
  readonly gate: number | null;
  /** What is above the model's threshold is its answer; lower scores are there only if they were asked for. */
  readonly threshold: number;
  /** Sentences, ascending; see `evidenceSentences`. */
  readonly evidence: readonly number[];
}
