/** A training step of BERT for relation extraction; see `trainingTurns`. */
import { type EncoderSize, shapeOf } from '../../src/models/bert-config.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { type BenchDocument, CLASSES, toItem, VOCABULARY } from '../batches.ts';
import { serve } from './serve.ts';
import { trainingTurns } from './training-turns.ts';

export interface TrainingSetup {
  readonly encoder: EncoderSize;
  readonly threads: number;
  readonly batches: readonly (readonly BenchDocument[])[];
  /** Where the engine writes its profile; default: none. */
  readonly profile?: string;
  /** low: as `--memory low`; default: everything that the gradient needs is kept. */
  readonly memory?: 'low';
}

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
  return trainingTurns(program, {
    threads,
    batches: batches.map((batch) => {
      // As training has them (`partsOf`): documents of like length together.
      const items = batch.map(toItem).toSorted((a, b) => b.features.pieces - a.features.pieces);
      return { items, totals: { pairs: items.reduce((sum, { pairs }) => sum + pairs.length, 0) } };
    }),
  });
});
