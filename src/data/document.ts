/**
 * The document type, as in DocRED (Yao et al. 2019).
 *
 * Words are already split and keep their case. Positions count words and end exclusively.
 */

/** One place where an entity is named. */
export interface Mention {
  /** As annotated; may differ from the words that it spans. */
  readonly name: string;
  /** Index into `sents`. */
  readonly sent_id: number;
  /** [start, end) in words of its sentence. */
  readonly pos: readonly [number, number];
  /** Entity type, such as PER; any label set. */
  readonly type: string;
}

/** All mentions of one thing; never empty. */
export type Entity = readonly Mention[];

/** A labelled fact: head and tail are indices into `vertexSet`. */
export interface Label {
  readonly h: number;
  readonly t: number;
  /** Relation id, such as P17. */
  readonly r: string;
  /** Sentence indices; may be empty. */
  readonly evidence: readonly number[];
}

/** One document. `title` is its only identifier. */
export interface Document {
  readonly title: string;
  readonly sents: readonly (readonly string[])[];
  readonly vertexSet: readonly Entity[];
  /** Absent in unlabelled data. */
  readonly labels?: readonly Label[];
}
