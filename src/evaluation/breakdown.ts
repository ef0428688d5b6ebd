/**
 * Where a system is right and where not: predicted facts against gold, split by what they are like.
 *
 * A split puts every fact, predicted or gold, into one of its rows by the fact alone, so that precision and recall are
 * defined in each row and the rows sum to the whole. Facts of unknown titles or entities are like nothing: splits by
 * document have a row `elsewhere` where there are any.
 *
 * Source: evaluation.py of Re-DocRED (frequent and long-tail relations, intra, inter, inter long). Differs: its overall
 * scores here are those of the official evaluator, without additions to denominators.
 */
import type { Document, Entity } from '../data/document.ts';
import { byFrequency, countRelations } from '../data/relations.ts';
import { firstMentionWords, wordDistanceBucket, wordDistances } from '../data/word-distance.ts';
import { type DocumentFact, goldFacts, goldTest } from './facts.ts';
import type { TrainFacts } from './train-facts.ts';

/** Facts of one kind. What cannot be divided is 0. */
export interface BreakdownRow {
  readonly name: string;
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
  /** Gold facts. */
  readonly support: number;
  readonly predicted: number;
  readonly correct: number;
}

export interface RelationRow extends BreakdownRow {
  /** Its id; `name` is for people. */
  readonly relation: string;
}

export interface Breakdown {
  readonly all: BreakdownRow;
  /** `intra`: some sentence mentions both entities; `inter`: none does. */
  readonly sentences: readonly BreakdownRow[];
  /** The part of `inter` whose nearest mentions are more than 5 sentences apart. */
  readonly interLong: BreakdownRow;
  /** `frequent` and `long tail`. */
  readonly frequency: readonly BreakdownRow[];
  /** Ids of the frequent relations. */
  readonly frequentRelations: readonly string[];
  /** Relations that are predicted or gold: most support first, equal ones by id. */
  readonly relations: readonly RelationRow[];
  /** By the words between the starts of the entities' first listed mentions: rows of `wordDistances`. */
  readonly words: readonly BreakdownRow[];
  /** By the mentions of both entities together: 2, 3, 4, 5 and more. */
  readonly mentions: readonly BreakdownRow[];
  /** `seen`: training states the fact, for any names of its entities; `unseen`. Null where training is not known. */
  readonly training: readonly BreakdownRow[] | null;
}

/** The frequent relations of Re-DocRED's evaluator. */
const FREQUENT = ['P17', 'P131', 'P27', 'P150', 'P175', 'P577', 'P463', 'P527', 'P495', 'P361'];

/** `inter long` is more sentences apart than this. */
const LONG = 5;

const mentionCounts = ['2', '3', '4', '5 and more'];

/**
 * The break-down of `facts`.
 *
 * Frequent are the ten relations of Re-DocRED's evaluator where the gold facts have all of them, else the ten that are
 * most frequent in the gold labels (equal ones by id).
 *
 * @param facts - predicted ones, each once
 * @param documents - labelled
 * @param options.relationName - for people; default the id
 */
export function breakDown(
  facts: Iterable<DocumentFact>,
  documents: readonly Document[],
  options: {
    readonly trainFacts?: TrainFacts | undefined;
    readonly relationName?: ((id: string) => string) | undefined;
  } = {},
): Breakdown {
  const { trainFacts, relationName = (id) => id } = options;
  const counts = countRelations(documents);
  const frequent = new Set(
    FREQUENT.every((id) => counts.has(id))
      ? FREQUENT
      : [...counts]
          .sort(byFrequency)
          .slice(0, FREQUENT.length)
          .map(([id]) => id),
  );

  const all = new Tally();
  const interLong = new Tally();
  const sentences = new Split(['intra', 'inter']);
  const frequency = new Split(['frequent', 'long tail']);
  const relations = new Split([]);
  const words = new Split(wordDistances);
  const mentions = new Split(mentionCounts);
  const training = new Split(['seen', 'unseen']);

  const firstWords = documents.map(firstMentionWords);
  /** The rows that a fact belongs to. */
  const tallies = ({ document, head, tail, relation }: DocumentFact): Tally[] => {
    const rows = [
      all,
      relations.row(relation),
      frequency.row(frequent.has(relation) ? 'frequent' : 'long tail'),
    ];
    const heads = documents[document]?.vertexSet[head];
    const tails = documents[document]?.vertexSet[tail];
    if (heads === undefined || tails === undefined) {
      for (const split of [sentences, words, mentions, training]) rows.push(split.row('elsewhere'));
      return rows;
    }
    const apart = sentencesApart(heads, tails);
    const positions = firstWords[document] ?? [];
    const bucket = wordDistanceBucket((positions[head] ?? 0) - (positions[tail] ?? 0));
    if (apart > LONG) rows.push(interLong);
    rows.push(
      sentences.row(apart === 0 ? 'intra' : 'inter'),
      words.row(wordDistances[bucket] ?? ''),
      mentions.row(mentionCounts[Math.min(heads.length + tails.length, 5) - 2] ?? ''),
      training.row(trainFacts?.has(heads, tails, relation) === true ? 'seen' : 'unseen'),
    );
    return rows;
  };

  const isGold = goldTest(documents);
  for (const fact of facts) {
    const correct = isGold(fact);
    for (const tally of tallies(fact)) {
      tally.predicted++;
      if (correct) tally.correct++;
    }
  }
  for (const [document, doc] of documents.entries()) {
    for (const fact of goldFacts(doc, document)) for (const tally of tallies(fact)) tally.support++;
  }

  return {
    all: all.measured('all'),
    sentences: sentences.measured(),
    interLong: interLong.measured('inter long'),
    frequency: frequency.measured(),
    frequentRelations: [...frequent],
    relations: relations
      .measured()
      .sort((a, b) => byFrequency([a.name, a.support], [b.name, b.support]))
      .map((row) => ({ relation: row.name, ...row, name: relationName(row.name) })),
    words: words.measured(),
    mentions: mentions.measured(),
    training: trainFacts === undefined ? null : training.measured(),
  };
}

/** The smallest distance of a mention of each, in sentences. */
function sentencesApart(a: Entity, b: Entity): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const { sent_id: from } of a)
    for (const { sent_id: to } of b) smallest = Math.min(smallest, Math.abs(from - to));
  return smallest;
}

class Tally {
  predicted = 0;
  correct = 0;
  support = 0;

  measured(name: string): BreakdownRow {
    const { predicted, correct, support } = this;
    return {
      name,
      f1: correct === 0 ? 0 : (2 * correct) / (predicted + support),
      precision: predicted === 0 ? 0 : correct / predicted,
      recall: support === 0 ? 0 : correct / support,
      support,
      predicted,
      correct,
    };
  }
}

/** Rows by name: those that are there from the start, and others as they come up. */
class Split {
  readonly #rows: Map<string, Tally>;

  constructor(names: readonly string[]) {
    this.#rows = new Map(names.map((name) => [name, new Tally()]));
  }

  row(name: string): Tally {
    const row = this.#rows.get(name) ?? new Tally();
    this.#rows.set(name, row);
    return row;
  }

  measured(): BreakdownRow[] {
    return [...this.#rows].map(([name, tally]) => tally.measured(name));
  }
}
