import { CLASSES, VOCABULARY } from '../batches.ts';
import { type Contestant, startOurs, startPeer } from '../contestant.ts';
import type { TrainingSetup } from '../ours/training-step.ts';

/**
 * Both sides of a training step.
 *
 * @param options.factored - whether the peer scores pairs our way or by `nn.Bilinear` per pair, as the original does
 * @throws Error when they do not train the same number of parameters
 */
export async function startTraining(
  python: string | undefined,
  setup: TrainingSetup,
  { factored = true }: { readonly factored?: boolean } = {},
): Promise<{ ours: Contestant; peer: Contestant | undefined }> {
  const ours = await startOurs('training-step', setup);
  const peer = await startPeer(python, 'training_step', {
    ...setup,
    factored,
    classes: CLASSES,
    vocabulary: VOCABULARY,
  });
  const [own, other] = [ours.ready['parameters'], peer?.ready['parameters']];
  if (other !== undefined && own !== other) {
    throw new Error(`we train ${own} parameters, the peer ${other}: they are not the same model`);
  }
  return { ours, peer };
}
