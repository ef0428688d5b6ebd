/** Training over documents in batches, by a word-level system. Every turn is one pass, as `relata train` does it. */
import { Rng } from '../../src/core/rng.ts';
import { entityTypes } from '../../src/data/entity-types.ts';
import { loadDocuments } from '../../src/data/read.ts';
import { readRelationInfo, relationVocabulary } from '../../src/data/relations.ts';
import { wordCounts } from '../../src/data/word-counts.ts';
import { wholeOf } from '../../src/features/batch.ts';
import { documentFeatures } from '../../src/features/features.ts';
import { allPairs } from '../../src/features/task.ts';
import { encodeOptions } from '../../src/models/open-system.ts';
import { budgetOf, type PairModelConfig, partsOf, type WordSystem } from '../../src/models/systems.ts';
import { wordSource } from '../../src/models/word-source.ts';
import { Optimizer } from '../../src/nn/optimizer.ts';
import { countParameters } from '../../src/nn/parameters.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { serve, timed } from './serve.ts';

export interface EpochSetup {
  readonly system: WordSystem;
  readonly train: string;
  /** rel2id.json. */
  readonly relations: string;
  /** How many of the documents are trained on; all of them make the vocabulary. */
  readonly documents: number;
  /** Documents per update. */
  readonly batch: number;
  readonly threads: number;
}

const optimiser = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decoupled: false, weightDecay: 0, clipNorm: 0 };
const LEARNING_RATE = 1e-3;

await serve<EpochSetup>(async ({ system, train, relations: path, documents, batch, threads }) => {
  const docs = await loadDocuments(train);
  const relations = relationVocabulary(readRelationInfo(path));
  const words = await wordSource({
    counts: wordCounts(docs),
    types: entityTypes(docs),
    train: true,
    minimumCount: 1,
  });
  const config: PairModelConfig = {
    system,
    encoder: words.shape,
    task: 'relation',
    mode: 'corrected',
    without: [],
    relations: relations.size - 1,
  };
  const encode = encodeOptions(config, { reads: 'words', vocabulary: words.vocabulary });
  const features = docs.slice(0, documents).map((doc) => documentFeatures(doc, relations, encode));
  const dropout = system === 'cnn' ? 0.5 : 0.2;
  const program = await TrainingProgram.open(config, { threads, dropout, seed: 1 });
  const state = await Optimizer.create(program.trained, words.initial(program.trained, 1), optimiser, {
    threads,
  });
  const parameter = (name: string): Float32Array => state.parameter(name);
  const gradient = (name: string): Float32Array => state.gradient(name);
  const rng = Rng.fromSeed(1, 'epoch');
  return {
    ready: { parameters: countParameters(program.trained) },
    turn: async () => {
      let [loss, updates] = [0, 0];
      const ms = await timed(async () => {
        const order = rng.shuffle([...features]);
        for (let from = 0; from < order.length; from += batch) {
          const items = order
            .slice(from, from + batch)
            .map((own) => ({ features: own, pairs: allPairs(own) }));
          const pairs = items.reduce((sum, item) => sum + item.pairs.length, 0);
          const whole = wholeOf(items);
          let add = false;
          for (const part of partsOf(system, items, budgetOf(system, undefined))) {
            loss += await program.run(part, parameter, gradient, { pairs, whole, add, rng });
            add = true;
          }
          await state.update({ encoder: LEARNING_RATE, head: LEARNING_RATE });
          updates++;
        }
      });
      return { ms, loss: loss / updates };
    },
  };
});
