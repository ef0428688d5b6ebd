/** Saves tiny systems with random weights. */
import { join } from 'node:path';

import { Graph } from '../../src/graph/graph.ts';
import { relationsToSave, saveModel, saveTwoStep, type SingleModel } from '../../src/models/model-folder.ts';
import { buildSystem } from '../../src/models/systems.ts';
import { noDropout } from '../../src/nn/dropout.ts';
import { configOf, drawn, relations, vocabulary } from './tiny.ts';
import * as words from './words.ts';

const common = {
  format: 1,
  mode: 'corrected',
  text: 'plain',
  theta: 0.25,
  scores: {},
  training: {},
} as const;

/** A BERT of two layers that reads `tiny.ts`' corpus. */
export function saveBert(
  folder: string,
  {
    task = 'relation',
    mode = 'corrected',
    seed = 1,
  }: Partial<Pick<SingleModel, 'task' | 'mode'>> & { readonly seed?: number } = {},
): void {
  const config = configOf({ mode, task });
  const { specs } = buildSystem(new Graph(), config, noDropout).params;
  saveModel(folder, {
    about: {
      ...common,
      mode,
      system: 'bert',
      steps: 1,
      task,
      without: [],
      relations: relationsToSave(relations),
    },
    config,
    vocabulary: { reads: 'pieces', vocabulary },
    specs,
    parameter: drawn(specs, seed),
  });
}

/** Two of them as two steps. */
export function saveTwoStepBert(folder: string): void {
  saveBert(join(folder, 'step-1'), { task: 'existence', seed: 1 });
  saveBert(join(folder, 'step-2'), { task: 'related-relation', seed: 2 });
  saveTwoStep(folder, { ...common, system: 'bert', steps: 2, relations: relationsToSave(relations) });
}

/** A word-level system that reads the documents of `words.ts`. */
export function saveWords(folder: string, kind: Pick<words.Kind, 'system' | 'mode'>): void {
  const config = words.configOf({ ...kind, task: 'relation' });
  const { specs } = buildSystem(new Graph(), config, noDropout).params;
  saveModel(folder, {
    about: {
      ...common,
      ...kind,
      steps: 1,
      task: 'relation',
      without: [],
      relations: relationsToSave(words.relations),
      words: { ...words.shape, types: [...words.shape.types] },
    },
    config,
    vocabulary: { reads: 'words', vocabulary: words.vocabulary },
    specs,
    parameter: words.lookup(words.noisy(specs)),
  });
}
