/** A document in the viewer: from a server, from a file of results, or from a DocRED file. */
import type { Document, Label } from '../../src/data/document.ts';
import { joinWords, mentionSpan, sentenceSpan } from '../../src/data/text-document.ts';
import type {
  Extraction,
  ExtractedEntity,
  ExtractedFact,
  ModelCard,
} from '../../src/prediction/extraction.ts';
import { evidenceSentences } from '../../src/prediction/evidence.ts';
import { relationNames } from './relation-names.ts';

export interface Entry {
  readonly extraction: Extraction;
  /** Whether `facts` are someone's answer; without it the document has labels at most. */
  readonly predicted: boolean;
  /** Whether the facts came with scores, so that a threshold means something. */
  readonly scored: boolean;
  /** Every fact above this score is among the facts. */
  readonly floor: number;
}

/** A line of a submission to DocRED's evaluation. */
export interface Submitted {
  readonly title: string;
  readonly h_idx: number;
  readonly t_idx: number;
  readonly r: string;
  readonly evidence?: readonly number[];
  readonly score?: number;
}

/** What stands for the model where a file names none. */
const noModel: ModelCard = {
  name: '',
  id: '',
  system: '',
  twoSteps: false,
  precision: '',
  threshold: 0,
  calibrated: false,
  mentions: null,
  version: '',
};

/** The labels to compare with; null where the document has none, which is not the same as an empty list. */
export const goldOf = ({ extraction }: Entry): readonly Label[] | null => extraction.document.labels ?? null;

/** The name of a relation: a server's, else Wikidata's, else its id. */
export const relationName = (id: string, names: ReadonlyMap<string, string> = new Map()): string =>
  names.get(id) ?? relationNames[id] ?? id;

/** @param floor - the theta that was asked for, where it is known */
export function entryOfExtraction(extraction: Extraction, floor?: number): Entry {
  const lowest = Math.min(extraction.model.threshold, ...extraction.facts.map(({ score }) => score));
  return { extraction, predicted: true, scored: true, floor: floor ?? Math.max(0, lowest) };
}

/** A document as it stands in a DocRED file: words joined to a text, entities as annotated, no facts. */
export function entryOfDocument(doc: Document): Entry {
  const joined = joinWords(doc);
  const entities = doc.vertexSet.map((mentions): ExtractedEntity => {
    const name = mentions.reduce((best, { name }) => (name.length > best.length ? name : best), '');
    return {
      name,
      type: mostFrequent(mentions.map(({ type }) => type)),
      mentions: mentions.map((mention) => {
        const [start, end] = mentionSpan(joined, mention);
        const { sent_id: sentence, type } = mention;
        const text = joined.text.slice(start, end);
        return { text, start, end, sentence, type, score: null, reason: 'given', to: null };
      }),
    };
  });
  const extraction: Extraction = {
    title: doc.title,
    text: joined.text,
    document: doc,
    words: joined.words,
    sentences: doc.sents.map((_, s) => sentenceSpan(joined, s)),
    entities,
    facts: [],
    model: noModel,
  };
  return { extraction, predicted: false, scored: false, floor: 0 };
}

/**
 * The same document with the facts that were submitted for it.
 *
 * Of facts that are repeated the first counts; those that name an entity that is not there are left out.
 */
export function withSubmission(entry: Entry, submitted: readonly Submitted[]): Entry {
  const { document: doc } = entry.extraction;
  const seen = new Set<string>();
  const facts = submitted.flatMap(({ h_idx: head, t_idx: tail, r, evidence, score }): ExtractedFact[] => {
    const key = `${head} ${tail} ${r}`;
    if (seen.has(key) || !doc.vertexSet[head] || !doc.vertexSet[tail]) return [];
    seen.add(key);
    return [
      {
        head,
        tail,
        relation: r,
        name: relationName(r),
        score: score ?? 1,
        probability: null,
        gate: null,
        threshold: 0,
        evidence: evidence?.length
          ? evidence.filter((s) => s < doc.sents.length)
          : evidenceSentences(doc, head, tail),
      },
    ];
  });
  facts.sort((a, b) => b.score - a.score);
  const scored = submitted.some(({ score }) => score !== undefined);
  const extraction = { ...entry.extraction, facts };
  return { extraction, predicted: true, scored, floor: 0 };
}

/** Whether the text was made of words, one space between them and a line end after each sentence: line ends are then none of its own. */
export function isJoined({ text, words }: Extraction): boolean {
  let at = 0;
  for (const [s, sentence] of words.entries()) {
    for (const [w, [start, end]] of sentence.entries()) {
      const gap = w > 0 ? ' ' : s > 0 ? '\n' : '';
      if (start !== at + gap.length || text.slice(at, start) !== gap) return false;
      at = end;
    }
  }
  return at === text.length;
}

function mostFrequent(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
