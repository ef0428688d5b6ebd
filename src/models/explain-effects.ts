/** What every word that an encoder reads does to a logit: the gradient with respect to its embedding, times the embedding. */
import type { BilinearParts } from './explain-bilinear.ts';
import { pairItem } from './explain-item.ts';
import { NO_WORD, wordsOfStates } from './explain-places.ts';
import { ExplainProgram } from './explain-program.ts';
import type { LogitQuestion, WordParts } from './explain-question.ts';
import { addTo, runsOf } from './explain-runs.ts';
import type { Units } from './explain-units.ts';
import type { WeightedModel } from './scoring-models.ts';
import { budgetOf } from './systems.ts';

/** Where pairs look at each other, all of them and all words take part in one gradient: some 20 kB a word, 5 kB a pair. */
export const LONGEST_EFFECT = { words: 32_768, entities: 512 } as const;

/** A backward pass keeps several times what prediction needs. */
const BACKWARD = 4;

/** Effects through the vectors of the words: how the logit hangs on those is known, so any part can run by itself. */
export async function effectsOfVectors(
  { model: { config }, parameter }: WeightedModel,
  question: LogitQuestion,
  { units, parts, D }: { readonly units: Units; readonly parts: BilinearParts; readonly D: number },
): Promise<WordParts> {
  // By how much the logit grows with each unit's vector.
  const slopes = Array.from({ length: units.count }, () => new Float64Array(D));
  for (const which of ['head', 'tail'] as const)
    for (const { word, weight } of units[which]) addTo(slopes[units.at(word)], parts[which].whole, weight);
  const words = wordsOfStates(question.doc, question);
  const effects = new Map<number, number>();
  const budget = budgetOf(config.system, question.batchPieces) / BACKWARD;
  const program = await ExplainProgram.open(config, 'effects-of-vectors', question.engine);
  try {
    for (const { features, states, rows } of runsOf(units, budget)) {
      if (rows.length === 0) continue;
      const data = new Float32Array(rows.length * D);
      for (const [w, { unit, weight }] of rows.entries())
        data.set(slopes[unit]?.map((x) => x * weight) ?? [], w * D);
      const found = await program.run({ features, pairs: [] }, parameter, { data, shape: [rows.length, D] });
      gather(effects, found, (n) => words[states[n] ?? 0]);
    }
  } finally {
    await program.dispose();
  }
  return effects;
}

/** Effects on the logit itself, with the document and all of its pairs at once. */
export async function effectsOfLogit(
  { model: { config, classes }, parameter }: WeightedModel,
  question: LogitQuestion,
): Promise<WordParts | undefined> {
  const { pieces, entities } = question.features;
  if (pieces > LONGEST_EFFECT.words || entities.length > LONGEST_EFFECT.entities) return undefined;
  const words = wordsOfStates(question.doc, question);
  const effects = new Map<number, number>();
  const program = await ExplainProgram.open(config, 'effects-of-logits', question.engine);
  try {
    const data = new Float32Array(classes).fill(1, question.relation, question.relation + 1);
    const item = pairItem(question.features, question, config);
    gather(effects, await program.run(item, parameter, { data, shape: [1, classes] }), (n) => words[n]);
  } finally {
    await program.dispose();
  }
  return effects;
}

/** Adds what states do to what their words do. */
function gather(
  effects: Map<number, number>,
  found: Float32Array,
  wordOf: (state: number) => number | undefined,
): void {
  for (const [n, effect] of found.entries()) {
    const word = wordOf(n) ?? NO_WORD;
    if (word !== NO_WORD) effects.set(word, (effects.get(word) ?? 0) + effect);
  }
}
