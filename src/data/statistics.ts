/**
 * Counts a corpus: Table 1 of the paper, and what one asks next.
 *
 * Documents are taken one by one; memory grows only with the names and facts that occur.
 */
import type { Document } from './document.ts';
import { FactCounter, type FactCounts } from './fact-counter.ts';
import { byFrequency } from './relations.ts';

export interface StatisticsOptions {
  /** Relation ids of the schema, to count them. */
  readonly relations?: ReadonlySet<string> | ReadonlyMap<string, string> | undefined;
  /** Pieces that the encoder makes of a word; without it, no pieces are counted. */
  readonly piecesOf?: ((word: string) => number) | undefined;
}

/** Total, mean and largest number per document. */
export interface PerDocument {
  readonly total: number;
  readonly mean: number;
  readonly max: number;
}

export interface Statistics {
  /** #Doc. */
  readonly documents: number;
  /** Documents that carry `labels`, empty or not. */
  readonly labelledDocuments: number;
  /** Documents that carry `labels`, but none in them. */
  readonly documentsWithoutFacts: number;
  /** #Rel: relations of the schema; the observed ones when none is given. */
  readonly relations: number;
  readonly relationsObserved: number;
  /** #Inst: label entries. */
  readonly instances: number;
  /** #Fact: `factsBy.firstMention`. */
  readonly facts: number;
  readonly factsBy: FactCounts;
  readonly sentences: number;
  readonly words: number;
  /** Absent without `piecesOf`. */
  readonly pieces?: number;
  readonly entities: number;
  readonly mentions: number;
  /** Ordered pairs of two different entities. */
  readonly pairs: number;
  /** Those with at least one label. */
  readonly relatedPairs: number;
  /** Unrelated pairs for each related one, over documents that carry labels; null when no pair is related. */
  readonly imbalance: number | null;
  /** Related pairs whose reverse is related too. */
  readonly reversedPairs: number;
  /** Label entries with h = t; they belong to no pair. */
  readonly selfLabels: number;
  /** Label entries that repeat one of their document. */
  readonly repeatedLabels: number;
  /** Related pairs by their number of relations. */
  readonly relationsPerPair: Readonly<Record<string, number>>;
  /** Label entries (h = t apart) with no sentence that mentions both entities. */
  readonly crossSentenceLabels: number;
  /** Of the label entries with h != t; null when there are none. */
  readonly crossSentenceShare: number | null;
  /** Sentence indices over all label entries. */
  readonly evidence: number;
  /** Label entries by their number of evidence sentences. */
  readonly evidencePerLabel: Readonly<Record<string, number>>;
  readonly perDocument: {
    readonly sentences: PerDocument;
    readonly words: PerDocument;
    readonly pieces?: PerDocument;
    readonly entities: PerDocument;
    readonly mentions: PerDocument;
    readonly pairs: PerDocument;
    readonly labels: PerDocument;
  };
  /** In words. */
  readonly longestSentence: number;
  /** Documents of more than 510 pieces (words, without `piecesOf`): BERT's limit less its special pieces. */
  readonly documentsPastEncoder: number;
  /** Mentions of each entity type, most frequent first. */
  readonly mentionTypes: Readonly<Record<string, number>>;
  /** Label entries of each relation, most frequent first, equal ones by id. */
  readonly relationCounts: readonly { readonly relation: string; readonly count: number }[];
}

const ENCODER_LIMIT = 510;

/** The statistics of `documents`, which are read once. */
export async function statistics(
  documents: Iterable<Document> | AsyncIterable<Document>,
  options: StatisticsOptions = {},
): Promise<Statistics> {
  const tally = new Tally(options);
  for await (const doc of documents) tally.add(doc);
  return tally.result();
}

class Tally {
  readonly #options: StatisticsOptions;
  readonly #facts = new FactCounter();
  readonly #relations = new Map<string, number>();
  readonly #types = new Map<string, number>();
  readonly #relationsPerPair = new Map<string, number>();
  readonly #evidencePerLabel = new Map<string, number>();
  readonly #sentences = new Measure();
  readonly #words = new Measure();
  readonly #pieces = new Measure();
  readonly #entities = new Measure();
  readonly #mentions = new Measure();
  readonly #pairs = new Measure();
  readonly #labels = new Measure();
  #documents = 0;
  #labelled = 0;
  #withoutFacts = 0;
  #labelledPairs = 0;
  #related = 0;
  #reversed = 0;
  #self = 0;
  #repeated = 0;
  #cross = 0;
  #evidence = 0;
  #longestSentence = 0;
  #pastEncoder = 0;

  constructor(options: StatisticsOptions) {
    this.#options = options;
  }

  add(doc: Document): void {
    const entities = doc.vertexSet.length;
    const pairs = entities * (entities - 1);
    this.#documents++;
    this.#facts.add(doc);
    this.#addText(doc);
    this.#entities.add(entities);
    this.#pairs.add(pairs);
    let mentions = 0;
    for (const entity of doc.vertexSet) {
      mentions += entity.length;
      for (const { type } of entity) increase(this.#types, type);
    }
    this.#mentions.add(mentions);
    this.#labels.add(doc.labels?.length ?? 0);
    if (doc.labels === undefined) return;
    this.#labelled++;
    this.#labelledPairs += pairs;
    if (doc.labels.length === 0) this.#withoutFacts++;
    else this.#addLabels(doc);
  }

  #addText(doc: Document): void {
    const { piecesOf } = this.#options;
    let words = 0;
    let pieces = 0;
    for (const sentence of doc.sents) {
      words += sentence.length;
      this.#longestSentence = Math.max(this.#longestSentence, sentence.length);
      if (piecesOf !== undefined) for (const word of sentence) pieces += piecesOf(word);
    }
    this.#sentences.add(doc.sents.length);
    this.#words.add(words);
    this.#pieces.add(pieces);
    if ((piecesOf === undefined ? words : pieces) > ENCODER_LIMIT) this.#pastEncoder++;
  }

  #addLabels(doc: Document): void {
    const entities = doc.vertexSet.length;
    const sentences = doc.vertexSet.map((entity) => new Set(entity.map((mention) => mention.sent_id)));
    /** Relations of each related pair, by h * entities + t. */
    const related = new Map<number, Set<string>>();
    for (const { h, t, r, evidence } of doc.labels ?? []) {
      increase(this.#relations, r);
      increase(this.#evidencePerLabel, String(evidence.length));
      this.#evidence += evidence.length;
      const pair = h * entities + t;
      const relations = related.get(pair) ?? new Set();
      if (relations.has(r)) this.#repeated++;
      related.set(pair, relations.add(r));
      if (h === t) this.#self++;
      else if (!meet(sentences[h], sentences[t])) this.#cross++;
    }
    for (const [pair, relations] of related) {
      const h = Math.floor(pair / entities);
      const t = pair % entities;
      if (h === t) continue;
      this.#related++;
      increase(this.#relationsPerPair, String(relations.size));
      if (related.has(t * entities + h)) this.#reversed++;
    }
  }

  result(): Statistics {
    const { piecesOf, relations } = this.#options;
    const documents = this.#documents;
    const factsBy = this.#facts.counts();
    const pieces = this.#pieces.per(documents);
    const apart = this.#labels.total - this.#self;
    return {
      documents,
      labelledDocuments: this.#labelled,
      documentsWithoutFacts: this.#withoutFacts,
      relations: relations?.size ?? this.#relations.size,
      relationsObserved: this.#relations.size,
      instances: this.#labels.total,
      facts: factsBy.firstMention,
      factsBy,
      sentences: this.#sentences.total,
      words: this.#words.total,
      ...(piecesOf === undefined ? {} : { pieces: pieces.total }),
      entities: this.#entities.total,
      mentions: this.#mentions.total,
      pairs: this.#pairs.total,
      relatedPairs: this.#related,
      imbalance: this.#related === 0 ? null : (this.#labelledPairs - this.#related) / this.#related,
      reversedPairs: this.#reversed,
      selfLabels: this.#self,
      repeatedLabels: this.#repeated,
      relationsPerPair: Object.fromEntries(this.#relationsPerPair),
      crossSentenceLabels: this.#cross,
      crossSentenceShare: apart === 0 ? null : this.#cross / apart,
      evidence: this.#evidence,
      evidencePerLabel: Object.fromEntries(this.#evidencePerLabel),
      perDocument: {
        sentences: this.#sentences.per(documents),
        words: this.#words.per(documents),
        ...(piecesOf === undefined ? {} : { pieces }),
        entities: this.#entities.per(documents),
        mentions: this.#mentions.per(documents),
        pairs: this.#pairs.per(documents),
        labels: this.#labels.per(documents),
      },
      longestSentence: this.#longestSentence,
      documentsPastEncoder: this.#pastEncoder,
      mentionTypes: Object.fromEntries([...this.#types].sort(byFrequency)),
      relationCounts: [...this.#relations]
        .sort(byFrequency)
        .map(([relation, count]) => ({ relation, count })),
    };
  }
}

/** A number that each document has. */
class Measure {
  total = 0;
  #max = 0;

  add(value: number): void {
    this.total += value;
    this.#max = Math.max(this.#max, value);
  }

  per(documents: number): PerDocument {
    return { total: this.total, mean: documents === 0 ? 0 : this.total / documents, max: this.#max };
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function meet(a: ReadonlySet<number> | undefined, b: ReadonlySet<number> | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  for (const item of a) if (b.has(item)) return true;
  return false;
}
