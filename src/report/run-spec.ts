/** What `relata compare` runs: systems by name, each with options of its own. */
import { fail } from '../core/errors.ts';
import { isWordSystem } from '../models/systems.ts';
import { requestSchema, type System, systems, type TrainingRequest } from '../training/request.ts';

/** One run: a system and the options in which it differs from the others. */
export interface RunSpec {
  /** `bilstm+seed=2`, as a person wrote it. */
  readonly id: string;
  readonly system: System;
  /** By the keys of a request. */
  readonly options: Readonly<Record<string, string | number | true>>;
}

/** The paper's seven, in the order of its tables. */
const all = ['cnn', 'lstm', 'bilstm', 'context-aware', 'sentence', 'bert', 'bert-two-step'] as const;

/** A BERT without a checkpoint: the smallest that learns something from a few hundred documents. */
const DEFAULT_ENCODER = 'mini';

/**
 * Runs separated by commas: `all`, or names, each with `+option=value` or `+option` after it.
 *
 * @throws RelataError `E_USAGE` naming what is unknown or given twice
 */
export function parseRuns(text: string): RunSpec[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
    .flatMap((name) => (name === 'all' ? [...all] : [name]));
  const runs = names.map(parseRun);
  const ids = new Set<string>();
  for (const { id } of runs) {
    if (ids.has(id)) throw usage(`Expected every run of --systems once, got ${id} twice`);
    ids.add(id);
  }
  if (runs.length === 0) throw usage('Expected at least one system after --systems, got none');
  return runs;
}

function parseRun(id: string): RunSpec {
  const [name = '', ...parts] = id.split('+');
  if (!(systems as readonly string[]).includes(name))
    throw usage(
      `Expected --systems to name any of ${systems.join(', ')} or all, got ${JSON.stringify(name)}`,
    );
  const options = parts.map((part): [string, string | number | true] => {
    const [flag = '', ...rest] = part.split('=');
    const key = flag.replaceAll(/-[a-z]/g, (dash) => dash.slice(1).toUpperCase());
    if (!Object.hasOwn(requestSchema.shape, key) || key === 'system')
      throw usage(`Expected an option of \`relata train\` in ${id}, got ${JSON.stringify(flag)}`);
    const value = rest.join('=');
    if (rest.length === 0) return [key, true];
    return [key, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
  });
  return { id, system: name as System, options: Object.fromEntries(options) };
}

/** The folder of a run below that of the comparison. */
export const runFolder = ({ id }: RunSpec): string => id.replaceAll('+', '_').replaceAll(/[^\w.=-]/g, '-');

/**
 * The training request of a run: common options that its system takes, then its own.
 *
 * @throws RelataError `E_USAGE` naming the run and the option
 */
export function requestOf(run: RunSpec, common: Readonly<Record<string, unknown>>): TrainingRequest {
  const given: Record<string, unknown> = {
    ...suited(run.system, common),
    ...run.options,
    system: run.system,
  };
  if (!isWordSystem(run.system)) given['encoder'] ??= DEFAULT_ENCODER;
  const parsed = requestSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0] ?? '');
  throw usage(
    key in given
      ? `Expected ${key} of ${run.id} to be valid (${issue?.message.replace('Invalid input: ', '')}), got ${JSON.stringify(given[key])}`
      : `Expected ${key} for ${run.id}, but it is missing`,
  );
}

/** Common options without those that the system has no use for. */
function suited(system: System, common: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const without = new Set(
    isWordSystem(system) ? ['encoder', 'vocabulary'] : ['wordVectors', 'trainWordVectors'],
  );
  const kept = Object.fromEntries(Object.entries(common).filter(([key]) => !without.has(key)));
  if (isWordSystem(system) || !Array.isArray(kept['without'])) return kept;
  return { ...kept, without: kept['without'].filter((feature) => feature === 'distances') };
}

function usage(what: string): Error {
  return fail('E_USAGE', { what, help: 'See `relata compare --help` and `relata train --help`.' });
}
