/**
 * Everything that a run needs to go on as if it had not stopped, in one file that is replaced atomically.
 *
 * Randomness is drawn from the seed and the counters in `TrainingState` (epoch, document, update), so the counters are
 * its state.
 */
import { existsSync } from 'node:fs';

import { z } from 'zod';

import { fail, reasonOf } from '../core/errors.ts';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../core/safetensors.ts';
import type { Moments, Optimizer } from '../nn/optimizer.ts';
import { type ParameterSpec, pickValues } from '../nn/parameters.ts';

export const trainingState = z.object({
  /** Epoch in progress, from 0. */
  epoch: z.int().nonnegative(),
  /** Batches of it that are done. */
  batch: z.int().nonnegative(),
  /** Updates done. */
  step: z.int().nonnegative(),
  /** Pieces or words that they read. */
  pieces: z.int().nonnegative().default(0),
  /** The best evaluation so far. */
  best: z.object({ epoch: z.int(), score: z.number() }).nullable(),
  /** Evaluations since then. */
  stale: z.int().nonnegative(),
  /** Wall time of all processes so far. */
  seconds: z.number().nonnegative().default(0),
  /** Length of metrics.jsonl, in bytes: what was logged later is done again. */
  logged: z.int().nonnegative(),
});

export type TrainingState = z.infer<typeof trainingState>;

export const initialState: TrainingState = {
  epoch: 0,
  batch: 0,
  step: 0,
  pieces: 0,
  best: null,
  stale: 0,
  seconds: 0,
  logged: 0,
};

export interface Checkpoint<S> {
  readonly state: S;
  readonly values: Map<string, Float32Array>;
  readonly moments: Moments;
}

export async function saveCheckpoint(
  path: string,
  at: object,
  specs: readonly ParameterSpec[],
  optimizer: Optimizer,
): Promise<void> {
  const { first, second } = await optimizer.moments();
  const tensor = (
    { name, shape }: ParameterSpec,
    data: Float32Array | undefined,
    kind: string,
  ): [string, SafeTensor] => [`${kind} ${name}`, { dtype: 'F32', shape, data: data ?? new Float32Array(0) }];
  const tensors = specs.flatMap((spec) => [
    tensor(spec, optimizer.parameter(spec.name), 'value'),
    tensor(spec, first.get(spec.name), 'first'),
    tensor(spec, second.get(spec.name), 'second'),
  ]);
  writeSafetensors(path, tensors, { state: JSON.stringify(at) });
}

/**
 * The checkpoint at `path`, if there is one.
 *
 * @param schema - of the state
 * @throws RelataError `E_SAFETENSORS`, `E_FIELD`; `E_PARAMETER` when it is of another model
 */
export function loadCheckpoint<S>(
  path: string,
  specs: readonly ParameterSpec[],
  schema: z.ZodType<S>,
): Checkpoint<S> | undefined {
  if (!existsSync(path)) return undefined;
  const { metadata, tensors } = readSafetensors(path);
  const ofKind = (kind: string): Map<string, Float32Array> =>
    pickValues(specs, (name) => tensors.get(`${kind} ${name}`), `${path}: ${kind}`);
  return {
    state: parseState(metadata['state'] ?? '', path, schema),
    values: ofKind('value'),
    moments: { first: ofKind('first'), second: ofKind('second') },
  };
}

function parseState<S>(text: string, path: string, schema: z.ZodType<S>): S {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw fail(
      'E_FIELD',
      { expected: 'the state of a training run', found: reasonOf(error), where: path },
      { cause: error },
    );
  }
}
