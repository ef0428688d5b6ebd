/** What is on show: the facts above the slider's threshold, compared with the labels where there are some. */
import type { Label } from '../../src/data/document.ts';
import type { ExtractedFact } from '../../src/prediction/extraction.ts';
import { evidenceSentences } from '../../src/prediction/evidence.ts';
import { goldOf, relationName, type Entry } from './entry.ts';

/** `found` where nothing is known of right and wrong; `gold` is a label where nothing was predicted. */
export type Status = 'right' | 'wrong' | 'missed' | 'gold' | 'found';

export interface ShownFact extends Omit<ExtractedFact, 'score'> {
  /** Head, relation and tail: the same at every threshold. */
  readonly key: string;
  readonly status: Status;
  /** Null for a label that the model did not score. */
  readonly score: number | null;
}

export interface Comparison {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  /** Of this document; 0 where there is nothing to divide by, as the official scorer has it. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Shown {
  /** By falling score, labels without a score last. */
  readonly facts: readonly ShownFact[];
  /** Facts of the answer above the threshold, and all that are there. */
  readonly kept: number;
  readonly all: number;
  readonly comparison: Comparison | null;
  /** Entities that a shown fact names. */
  readonly live: ReadonlySet<number>;
}

export interface ShowOptions {
  /** Facts are kept whose score is above it. */
  readonly theta: number;
  /** Compare with the labels, where there are some; default true. */
  readonly compare?: boolean;
  /** Names of relations. */
  readonly names?: ReadonlyMap<string, string>;
}

export const keyOf = ({ head, tail, relation }: Pick<ExtractedFact, 'head' | 'tail' | 'relation'>): string =>
  `${head} ${relation} ${tail}`;

/** What an entry shows at a threshold. */
export function shown(entry: Entry, { theta, compare = true, names }: ShowOptions): Shown {
  const { facts: all } = entry.extraction;
  const kept = entry.scored ? all.filter(({ score }) => score > theta) : all;
  const labels = compare ? goldOf(entry) : null;
  const gold = new Map(labels?.map((label) => [`${label.h} ${label.r} ${label.t}`, label]));
  const facts = kept.map((fact): ShownFact => {
    const key = keyOf(fact);
    return { ...fact, key, status: labels ? (gold.has(key) ? 'right' : 'wrong') : 'found' };
  });
  const keys = new Set(facts.map(({ key }) => key));
  const scored = new Map(all.map((fact) => [keyOf(fact), fact]));
  const missing = [...gold].filter(([key]) => !keys.has(key));
  const status = entry.predicted ? 'missed' : 'gold';
  const missed = missing.map(([key, label]) =>
    factOfLabel(entry, label, { key, status, scored: scored.get(key), names }),
  );
  missed.sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
  const together = [...facts, ...missed];
  return {
    facts: together,
    kept: entry.predicted ? kept.length : together.length,
    all: entry.predicted ? all.length : together.length,
    comparison: labels && entry.predicted ? comparisonOf(facts, missed.length) : null,
    live: new Set(together.flatMap(({ head, tail }) => [head, tail])),
  };
}

interface LabelOptions {
  readonly key: string;
  readonly status: 'missed' | 'gold';
  readonly scored: ExtractedFact | undefined;
  readonly names: ReadonlyMap<string, string> | undefined;
}

function factOfLabel(entry: Entry, label: Label, { key, status, scored, names }: LabelOptions): ShownFact {
  const { h: head, t: tail, r: relation } = label;
  const { document: doc, model } = entry.extraction;
  return {
    key,
    status,
    head,
    tail,
    relation,
    name: scored?.name ?? relationName(relation, names),
    score: scored?.score ?? null,
    probability: scored?.probability ?? null,
    gate: scored?.gate ?? null,
    threshold: scored?.threshold ?? model.threshold,
    evidence: label.evidence.length > 0 ? label.evidence : evidenceSentences(doc, head, tail),
  };
}

function comparisonOf(facts: readonly ShownFact[], missed: number): Comparison {
  const right = facts.filter(({ status }) => status === 'right').length;
  const wrong = facts.length - right;
  const part = (whole: number): number => (whole === 0 ? 0 : right / whole);
  const [precision, recall] = [part(right + wrong), part(right + missed)];
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { right, wrong, missed, precision, recall, f1 };
}
