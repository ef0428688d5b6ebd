/** Names of runs, as the tables print them. */
import { systemLabels } from '../models/systems.ts';
import { encoderOf, isTwoStep, type TrainingRequest } from '../training/request.ts';
import { flagOf } from '../training/request-issue.ts';
import type { RunSpec } from './run-spec.ts';

interface Planned {
  readonly spec: RunSpec;
  readonly request: TrainingRequest;
}

/** Options that the report shows elsewhere, and those that decide how a run is done and not what it learns. */
const unlabelled: ReadonlySet<string> = new Set([
  'seed',
  'twoStep',
  'negatives',
  'mode',
  'encoder',
  'wordVectors',
  'trainWordVectors',
  'device',
  'threads',
  'batchPieces',
  'memory',
  'checkpointMinutes',
]);

/**
 * The system, and the options of its own in which a run differs from others of that system, so that only seeds share a
 * row. In the order of the runs.
 */
export function labelsOf(runs: readonly Planned[]): string[] {
  const made = runs.map(({ spec, request }) => ({ system: systemLabel(request), own: ownOptions(spec) }));
  return made.map(({ system, own }) => {
    const peers = made.filter((other) => other.system === system);
    const telling = own.filter((option) => peers.some((peer) => !peer.own.includes(option)));
    return [system, ...telling].join(', ');
  });
}

function ownOptions({ options }: RunSpec): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    if (unlabelled.has(key) || value === false) return [];
    const name = flagOf(key).slice(2).replaceAll('-', ' ');
    return [value === true ? name : `${name} ${String(value)}`];
  });
}

function systemLabel(request: TrainingRequest): string {
  const system = encoderOf(request);
  if (!isTwoStep(request)) return systemLabels[system];
  return system === 'bert' ? 'BERT-Two-Step' : `${systemLabels[system]}, two steps`;
}
