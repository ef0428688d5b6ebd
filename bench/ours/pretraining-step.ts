/** A training step of BERT as a masked language model; see `trainingTurns`. */
import { type EncoderSize, shapeOf } from '../../src/models/bert-config.ts';
import { maskedLesson } from '../../src/training/masked-lesson.ts';
import { TrainingProgram } from '../../src/training/training-program.ts';
import { VOCABULARY } from '../batches.ts';
import { type BenchWindow, maskedOf, toWindow } from '../windows.ts';
import { serve } from './serve.ts';
import { trainingTurns } from './training-turns.ts';

export interface PretrainingSetup {
  readonly encoder: EncoderSize;
  readonly threads: number;
  readonly batches: readonly (readonly BenchWindow[])[];
  /** Where the engine writes its profile; default: none. */
  readonly profile?: string;
}

await serve<PretrainingSetup>(async ({ encoder, threads, batches, profile }) => {
  const program = await TrainingProgram.of(maskedLesson(shapeOf(encoder, VOCABULARY)), {
    threads,
    dropout: 0.1,
    seed: 1,
    ...(profile !== undefined && { profile }),
  });
  return trainingTurns(program, {
    threads,
    batches: batches.map((windows) => ({
      items: windows.map(toWindow),
      totals: { masked: maskedOf(windows) },
    })),
  });
});
