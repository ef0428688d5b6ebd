/** What `relata compare` runs: systems by name, each with options of its own. */
import { createHash } from 'node:crypto';

import { fail } from '../core/errors.ts';
import { isWordSystem } from '../models/systems.ts';
import { expectation, flagOf } from '../training/request-issue.ts';
import {
  encoderOf,
  isTwoStep,
  requestSchema,
  type System,
  systems,
  type TrainingRequest,
} from '../training/request.ts';

/** One run: a system and the options in which it differs from the others. */
export interface RunSpec {
  /** `bilstm+seed=2`, as a person wrote it. */
  readonly id: string;
  readonly system: System;
  /** By the keys of a request. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

type OptionValue = string | number | boolean | readonly string[];

/** A run that can begin. */
export interface PlannedRun {
  readonly spec: RunSpec;
  readonly request: TrainingRequest;
}

/** The paper's seven, in the order of its tables. */
const all = ['cnn', 'lstm', 'bilstm', 'context-aware', 'sentence', 'bert', 'bert-two-step'] as const;

/** A BERT without a checkpoint: the smallest that learns something from a few hundred documents. */
const DEFAULT_ENCODER = 'mini';

/** What all runs must share, or their scores would say nothing about each other. */
const shared: ReadonlySet<string> = new Set(['train', 'dev', 'relations', 'noRelation', 'trainFacts']);

/** Options of which a run may have several. */
const lists: ReadonlySet<string> = new Set(['without', 'freeze']);

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
  if (!isSystem(name))
    throw usage(
      `Expected --systems to name any of ${systems.join(', ')} or all, got ${JSON.stringify(name)}`,
    );
  const options = new Map<string, OptionValue>();
  for (const part of parts) {
    const [flag = '', ...rest] = part.split('=');
    const key = flag.replaceAll(/-[a-z]/g, (dash) => dash.slice(1).toUpperCase());
    if (!Object.hasOwn(requestSchema.shape, key) || key === 'system')
      throw usage(`Expected an option of \`relata train\` in ${id}, got ${JSON.stringify(flag)}`);
    if (shared.has(key))
      throw usage(`Expected ${flagOf(key)} to be the same for all runs, got one of its own in ${id}`);
    const given = rest.length === 0 ? true : valueOf(rest.join('='));
    const earlier = options.get(key);
    if (lists.has(key)) options.set(key, [...(Array.isArray(earlier) ? earlier : []), String(given)]);
    else if (earlier === undefined) options.set(key, given);
    else throw usage(`Expected every option of a run once, got ${flag} twice in ${id}`);
  }
  return { id, system: name, options: Object.fromEntries(options) };
}

const isSystem = (name: string): name is System => (systems as readonly string[]).includes(name);

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * The folder of a run below that of the comparison: no two ids have the same, also where case does not count.
 *
 * Ids of more than plain names and numbers are told apart by a hash, which no plain id can look like.
 */
export function runFolder({ id }: Pick<RunSpec, 'id'>): string {
  const name = id.replaceAll('+', '_').replaceAll(/[^\w.=-]/g, '-');
  if (/^[a-z\d.=+-]{1,100}$/.test(id) && !id.endsWith('.')) return name;
  return `${name.slice(0, 60)}@${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;
}

/**
 * The requests of runs, in their order.
 *
 * @throws RelataError `E_USAGE` naming the run and the option that is wrong, or two runs that are the same
 */
export function planRuns(
  runs: readonly RunSpec[],
  common: Readonly<Record<string, unknown>>,
): readonly PlannedRun[] {
  const ids = new Map<string, string>();
  return runs.map((spec) => {
    const request = requestOf(spec, common);
    const key = meaningOf(request);
    const earlier = ids.get(key);
    if (earlier !== undefined)
      throw usage(`Expected runs that differ, got ${earlier} and ${spec.id}, which are the same`);
    ids.set(key, spec.id);
    return { spec, request };
  });
}

/** One request may be said in several ways. */
function meaningOf(request: TrainingRequest): string {
  const twoStep = isTwoStep(request);
  const negatives = request.negatives ?? (twoStep ? 3 : 'all');
  const meant = { ...request, system: encoderOf(request), twoStep, negatives };
  return JSON.stringify(Object.entries(meant).sort(([a], [b]) => (a < b ? -1 : 1)));
}

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
  if (!(key in given)) throw usage(`Expected ${flagOf(key)} for ${run.id}, but it is missing`);
  const own = Object.hasOwn(run.options, key);
  const name = own ? `${flagOf(key).slice(2)} of ${run.id}` : flagOf(key);
  const found =
    own && given[key] === true && issue?.code !== 'custom' ? 'no value' : JSON.stringify(given[key]);
  throw usage(`Expected ${name} to be ${expectation(issue)}, got ${found}`);
}

/** Common options without those that the system has no use for. */
function suited(system: System, common: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const without = new Set(
    isWordSystem(system)
      ? ['encoder', 'vocabulary', 'vocabularySize', 'cased', 'text', 'freeze', 'memory']
      : ['wordVectors', 'trainWordVectors', 'minimumCount'],
  );
  const kept = Object.fromEntries(Object.entries(common).filter(([key]) => !without.has(key)));
  if (isWordSystem(system) || !Array.isArray(kept['without'])) return kept;
  return { ...kept, without: kept['without'].filter((feature) => feature === 'distances') };
}

function usage(what: string): Error {
  return fail('E_USAGE', { what, help: 'See `relata compare --help` and `relata train --help`.' });
}
