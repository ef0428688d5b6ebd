/** One training step: batch, forward, backward, AdamW. Every turn trains on the batch that it names. */
import { Rng } from '../../src/core/rng.ts';
import { type EncoderSize, shapeOf } from '../../src/models/bert-config.ts';
import { Optimizer } from '../../src/nn/optimizer.ts';
import { countParameters, initialValues } from '../../src/nn/parameters.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { type BenchDocument, CLASSES, toItem, VOCABULARY } from '../batches.ts';
import { serve, timed } from './serve.ts';

export interface TrainingSetup {
  readonly encoder: EncoderSize;
  readonly threads: number;
  readonly batches: readonly (readonly BenchDocument[])[];
  /** Where the engine writes its profile; default: none. */
  readonly profile?: string;
  /** low: as `--memory low`; default: everything that the gradient needs is kept. */
  readonly memory?: 'low';
}

const optimiser = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  decoupled: true,
  weightDecay: 0.01,
  clipNorm: 0,
};

await serve<TrainingSetup>(async ({ encoder, threads, batches, profile, memory }) => {
  const program = await TrainingProgram.open(
    {
      system: 'bert',
      encoder: shapeOf(encoder, VOCABULARY),
      task: 'relation',
      mode: 'corrected',
      text: 'plain',
      relations: CLASSES - 1,
      without: [],
    },
    {
      threads,
      dropout: 0.1,
      seed: 1,
      ...(profile !== undefined && { profile }),
      ...(memory !== undefined && { memory }),
    },
  );
  const values = initialValues(program.specs, 1);
  const state = await Optimizer.create(program.specs, values, optimiser, { threads });
  // As training has them (`partsOf`): documents of like length together.
  const items = batches.map((batch) =>
    batch.map(toItem).toSorted((a, b) => b.features.pieces - a.features.pieces),
  );
  const rng = Rng.fromSeed(1, 'dropout');
  const parameter = (name: string): Float32Array => state.parameter(name);
  const gradient = (name: string): Float32Array => state.gradient(name);
  return {
    ready: { parameters: countParameters(program.specs) },
    turn: async ({ batch = 0, end = false }) => {
      if (end === true) {
        // The engine writes its profile when it is closed.
        await program.dispose();
        return { ms: 0 };
      }
      const own = items[Number(batch)] ?? [];
      const pairs = own.reduce((sum, item) => sum + item.pairs.length, 0);
      let loss = Number.NaN;
      const began = performance.now();
      const prepared = program.prepare(own, { pairs, rng });
      const batchMs = performance.now() - began;
      const runMs = await timed(async () => {
        loss = await program.runPrepared(prepared, parameter, gradient, { add: false });
      });
      const updateMs = await timed(async () => state.update({ encoder: 1e-5, head: 1e-4 }));
      return { ms: batchMs + runMs + updateMs, batchMs, runMs, updateMs, loss };
    },
  };
});
