import { CLASSES, VOCABULARY } from '../batches.ts';
import { type Contestant, startOurs, startPeer } from '../contestant.ts';
import type { TrainingSetup } from '../ours/training-step.ts';

/**
 * Both sides of a training step.
 *
 * @param options.factored - whether the peer scores pairs our way or by `nn.Bilinear` per pair, as the original does
 * @param options.bfloat16 - whether there is a second peer, which runs in bfloat16
 * @throws Error when they do not train the same number of parameters
 */
export async function startTraining(
  python: string | undefined,
  setup: TrainingSetup,
  { factored = true, bfloat16 = false }: { readonly factored?: boolean; readonly bfloat16?: boolean } = {},
): Promise<{ ours: Contestant; peer: Contestant | undefined; second: Contestant | undefined }> {
  const ours = await startOurs('training-step', setup);
  const start = async (form: object): Promise<Contestant | undefined> =>
    startPeer(python, 'training_step', {
      ...setup,
      ...form,
      factored,
      classes: CLASSES,
      vocabulary: VOCABULARY,
    });
  const peer = await start({});
  const second = bfloat16 ? await start({ bfloat16 }) : undefined;
  mustBeOneModel(ours, peer);
  return { ours, peer, second };
}

/** @throws Error when they do not train the same number of parameters */
export function mustBeOneModel(ours: Contestant, peer: Contestant | undefined): void {
  const [own, other] = [ours.ready['parameters'], peer?.ready['parameters']];
  if (other !== undefined && own !== other) {
    throw new Error(`we train ${own} parameters, the peer ${other}: they are not the same model`);
  }
}
