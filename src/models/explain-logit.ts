/**
 * Where one logit comes from: exact parts by mention and word, and the effect of every word that the encoder reads.
 *
 * The bilinear scorer is linear in the vector of either entity, and that in the vectors of its words, so the parts sum to the
 * logit. The encoder is not linear: there, the effect of a word is the gradient of the logit times the word's embedding, which
 * says by how much the logit would grow if the embedding did, in proportion. Vectors and effects are computed in runs of few
 * sequences, so that memory does not grow with the document.
 */
import { distanceWidth } from '../nn/pair-scorer.ts';
import { bilinearParts, dot } from './explain-bilinear.ts';
import { effectsOfLogit, effectsOfVectors } from './explain-effects.ts';
import { scoresApart } from './explain-item.ts';
import { ExplainProgram } from './explain-program.ts';
import type { LogitQuestion, WordParts } from './explain-question.ts';
import { addTo, runsOf } from './explain-runs.ts';
import { type MentionWord, type Units, unitsOf } from './explain-units.ts';
import type { WeightedModel } from './scoring-models.ts';
import { budgetOf } from './systems.ts';

/** One side of a pair: its words and mentions, each with its part of `entities`. */
export interface SideParts {
  readonly words: WordParts;
  /** By index in the entity. */
  readonly mentions: readonly number[];
}

/** A logit as a sum. */
export interface LogitParts {
  readonly total: number;
  readonly entities: number;
  readonly distance: number;
  readonly bias: number;
  readonly head: SideParts;
  readonly tail: SideParts;
}

export interface LogitExplanation {
  /** Undefined where pairs are not scored by a bilinear form. */
  readonly parts: LogitParts | undefined;
  /** Undefined where the document is too long for it. */
  readonly effects: WordParts | undefined;
}

/** @throws RelataError `E_ENGINE` and what opening a program throws */
export async function explainLogit(
  weighted: WeightedModel,
  question: LogitQuestion,
): Promise<LogitExplanation> {
  const { config } = weighted.model;
  if (!scoresApart(config)) {
    return { parts: undefined, effects: await effectsOfLogit(weighted, question) };
  }
  const S = distanceWidth(config.without);
  const D = Math.sqrt(weighted.parameter('bilinear.weight').length / weighted.model.classes) - S;
  const units = unitsOf(question);
  const vectors = await unitVectors(weighted, question, { units, D });
  const vectorOf = (words: readonly MentionWord[]): Float64Array => {
    const sum = new Float64Array(D);
    for (const { word, weight } of words) addTo(sum, vectors[units.at(word)], weight);
    return sum;
  };
  const { firstWords } = question.features;
  const parts = bilinearParts(weighted.parameter, {
    head: vectorOf(units.head),
    tail: vectorOf(units.tail),
    firstWords: [firstWords[question.head] ?? 0, firstWords[question.tail] ?? 0],
    distanceWidth: S,
    relation: question.relation,
  });
  const { entities, distance, bias } = parts;
  const side = (which: 'head' | 'tail'): SideParts => {
    const mentions = Array.from(question.doc.vertexSet[question[which]] ?? [], () => 0);
    const words = new Map<number, number>();
    for (const { word, mention, weight } of units[which]) {
      const share = weight * dot(vectors[units.at(word)] ?? new Float64Array(D), parts[which].entity);
      mentions[mention] = (mentions[mention] ?? 0) + share;
      words.set(word, (words.get(word) ?? 0) + share);
    }
    return { words, mentions };
  };
  return {
    parts: {
      total: entities + distance + bias,
      entities,
      distance,
      bias,
      head: side('head'),
      tail: side('tail'),
    },
    effects: await effectsOfVectors(weighted, question, { units, parts, D }),
  };
}

/** The vector of every unit, [D] each; zero where the word has no state. */
async function unitVectors(
  { model: { config }, parameter }: WeightedModel,
  { engine, batchPieces }: LogitQuestion,
  { units, D }: { readonly units: Units; readonly D: number },
): Promise<Float64Array[]> {
  const vectors = Array.from({ length: units.count }, () => new Float64Array(D));
  const program = await ExplainProgram.open(config, 'vectors', engine);
  try {
    for (const { features, rows } of runsOf(units, budgetOf(config.system, batchPieces))) {
      if (rows.length === 0) continue;
      const found = await program.run({ features, pairs: [] }, parameter);
      for (const [w, { unit, weight }] of rows.entries())
        addTo(vectors[unit], found.subarray(w * D, (w + 1) * D), weight);
    }
    return vectors;
  } finally {
    await program.dispose();
  }
}
