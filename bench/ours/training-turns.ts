/** Training steps of any program: batch, forward, backward, AdamW. Every turn trains on the batch that it names. */
import { Rng } from '../../src/core/rng.ts';
import { Optimizer } from '../../src/nn/optimizer.ts';
import { countParameters, initialValues } from '../../src/nn/parameters.ts';
import type { TrainingProgram } from '../../src/training/training-program.ts';
import { type Turn, timed } from './serve.ts';

const optimiser = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  decoupled: true,
  weightDecay: 0.01,
  clipNorm: 0,
};

/** @param options.batches - items, and what the program is told of all of them together */
export async function trainingTurns<I, T>(
  program: TrainingProgram<I, T>,
  options: {
    readonly threads: number;
    readonly batches: readonly { readonly items: readonly I[]; readonly totals: T }[];
  },
): Promise<{ turn: Turn; ready: Record<string, number> }> {
  const { threads, batches } = options;
  const values = initialValues(program.specs, 1);
  const state = await Optimizer.create(program.specs, values, optimiser, { threads });
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
      const own = batches[Number(batch)];
      if (!own) throw new RangeError(`there are ${batches.length} batches, and none is ${String(batch)}`);
      let loss = Number.NaN;
      const began = performance.now();
      const prepared = program.prepare(own.items, { ...own.totals, rng });
      const batchMs = performance.now() - began;
      const runMs = await timed(async () => {
        loss = await program.runPrepared(prepared, parameter, gradient, { add: false });
      });
      const updateMs = await timed(async () => state.update({ encoder: 1e-5, head: 1e-4 }));
      return { ms: batchMs + runMs + updateMs, batchMs, runMs, updateMs, loss };
    },
  };
}
