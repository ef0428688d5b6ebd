/** Why a pair got its answer: the type that `relata explain`, the server and the viewer share. */

/** A word of the document. */
export interface WordShare {
  readonly sentence: number;
  /** Index in its sentence. */
  readonly word: number;
  /** What it adds to the logit (or, as `effect`, gradient times input). */
  readonly share: number;
}

export interface Explanation {
  readonly title: string;
  /** Entity indices, and names. */
  readonly head: number;
  readonly tail: number;
  readonly headName: string;
  readonly tailName: string;
  /** The relation that is explained: the one asked for, else the one with the highest score. */
  readonly relation: string;
  readonly name: string;
  readonly threshold: number;
  /** Step 1's answer; null in one step. Open when the margin, logit of "related" minus that of "not", is above 0. */
  readonly gate: { readonly probability: number; readonly margin: number; readonly open: boolean } | null;
  /** All relations by falling score; what step 2 says, also where the gate is closed. */
  readonly relations: readonly {
    readonly relation: string;
    readonly name: string;
    readonly logit: number;
    readonly score: number;
    readonly probability: number | null;
  }[];
  /**
   * The logit of `relation` in parts that sum to it exactly (but for rounding); null where the system or an export does not
   * allow it, and `unavailable` says why.
   */
  readonly logit: {
    readonly total: number;
    /** Entity vectors with each other: s_h' W s_t without distances. */
    readonly entities: number;
    /** Everything that involves the distance of the pair. */
    readonly distance: number;
    readonly bias: number;
    /** `entities` split over the head's mentions, and over the tail's: each list sums to it. By index in the vertexSet. */
    readonly headMentions: readonly number[];
    readonly tailMentions: readonly number[];
    /** The same split over the words of the mentions. */
    readonly headWords: readonly WordShare[];
    readonly tailWords: readonly WordShare[];
  } | null;
  /** Gradient of the logit times input, by word of the document, strongest first; null as above. */
  readonly effects: readonly WordShare[] | null;
  /** The score without each sentence, biggest change first. */
  readonly sentences: readonly {
    readonly sentence: number;
    /** Without it; null when an entity is then named nowhere. */
    readonly score: number | null;
    /** Score with it minus score without it; the whole score when an entity is then named nowhere. */
    readonly change: number;
    /** Whether step 1 then lets the pair through; null in one step. */
    readonly open: boolean | null;
  }[];
  /** Why a part is null. */
  readonly unavailable: string | null;
}
