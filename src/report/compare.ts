/**
 * Trains systems under one budget, or goes on where they were stopped, and writes what they are worth side by side.
 *
 * Every run is a folder that `relata train` could have made; one that is there is picked up. It yields what happens and its
 * caller shows it.
 */
import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';

import { fail } from '../core/errors.ts';
import { writeAtomic, writeJson } from '../core/files.ts';
import { packageVersion } from '../core/version.ts';
import type { Document } from '../data/document.ts';
import { loadDocuments } from '../data/read.ts';
import { readRelationInfo } from '../data/relations.ts';
import { statistics } from '../data/statistics.ts';
import { pairedBootstrap } from '../evaluation/bootstrap.ts';
import type { DocumentCounts } from '../evaluation/document-counts.ts';
import { loadTrainFacts } from '../evaluation/train-facts.ts';
import type { FetchProgress } from '../models/hub.ts';
import { hashFiles, readRequest, requestPath, type TrainingRequest } from '../training/request.ts';
import type { SystemEvent } from '../training/stage.ts';
import { trainSystem } from '../training/train-system.ts';
import { collectRun } from './collect.ts';
import { type ComparedRun, type Comparison, comparisonSchema } from './comparison.ts';
import { reportHtml } from './html.ts';
import { labelsOf } from './labels.ts';
import { reportPicture } from './picture.ts';
import { byDevF1, type Row, rowsOf } from './rows.ts';
import { planRuns, runFolder, type RunSpec } from './run-spec.ts';

export interface CompareOptions {
  readonly runs: readonly RunSpec[];
  /** Options of `relata train` for all runs, by key; `train` and `dev` at least. */
  readonly common: Readonly<Record<string, unknown>>;
  /** Documents that are scored at the threshold of dev, where they have labels. */
  readonly test: string | undefined;
  readonly out: string;
  /** The command line, for the report. */
  readonly command: string;
  /** The command that trains one run. */
  readonly commandOf: (request: TrainingRequest, folder: string) => string;
  readonly signal?: AbortSignal;
  /** Called while a checkpoint is fetched. */
  readonly onFetch?: (progress: FetchProgress) => void;
}

export type CompareEvent =
  | {
      readonly kind: 'run';
      readonly label: string;
      readonly id: string;
      readonly index: number;
      readonly runs: number;
    }
  | { readonly kind: 'training'; readonly event: SystemEvent }
  | { readonly kind: 'scored'; readonly id: string; readonly run: ComparedRun }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'written'; readonly comparison: Comparison; readonly files: readonly string[] };

/**
 * What a run cannot begin with is thrown before the first one begins.
 *
 * @throws RelataError `E_USAGE`, `E_RUN_DIFFERS`; what training, reading and scoring throw
 */
export async function* compare(options: CompareOptions): AsyncGenerator<CompareEvent> {
  const { runs, out, signal, onFetch } = options;
  // All of it before the first run: what is wrong with the last one is to show at once.
  const planned = planRuns(runs, options.common).map((run) => ({
    ...run,
    folder: join(out, 'runs', runFolder(run.spec)),
  }));
  for (const { request, folder } of planned) mustBegin(request, folder);
  const [{ request: first } = { request: undefined }] = planned;
  if (!first) return;
  const read = { noRelation: first.noRelation };
  const test = options.test === undefined ? undefined : await loadDocuments(options.test, read);
  const labels = labelsOf(planned);
  for (const [index, { spec, request, folder }] of planned.entries()) {
    yield { kind: 'run', label: labels[index] ?? spec.id, id: spec.id, index, runs: runs.length };
    let finished = false;
    for await (const event of trainSystem(request, folder, {
      ...(signal && { signal }),
      ...(onFetch && { onFetch }),
    })) {
      yield { kind: 'training', event };
      if (event.kind === 'result') finished = true;
    }
    if (!finished || signal?.aborted === true) {
      yield { kind: 'interrupted' };
      return;
    }
  }

  const dev = await loadDocuments(first.dev, read);
  const isTestLabelled = test?.some((doc) => (doc.labels ?? []).length > 0) === true;
  const trainFacts = first.trainFacts.length > 0 ? await loadTrainFacts(first.trainFacts, read) : undefined;
  const collected: { run: ComparedRun; counts: DocumentCounts }[] = [];
  for (const [index, { spec, request, folder }] of planned.entries()) {
    const entry = await collectRun({
      id: spec.id,
      label: labels[index] ?? spec.id,
      request,
      folder,
      command: options.commandOf(request, folder),
      dev,
      test: isTestLabelled ? test : undefined,
      trainFacts,
      engine: { device: request.device, threads: request.threads },
      onDocument: () => undefined,
    });
    collected.push(entry);
    yield { kind: 'scored', id: spec.id, run: entry.run };
    if (signal?.aborted === true) {
      yield { kind: 'interrupted' };
      return;
    }
  }

  const [cpu] = cpus();
  const comparison = comparisonSchema.parse({
    format: 1,
    relata: packageVersion(),
    date: new Date().toISOString(),
    command: options.command,
    machine: {
      cpu: cpu?.model ?? 'unknown',
      cores: cpus().length,
      memory: totalmem(),
      node: process.version,
    },
    data: [
      await dataSet('train', first.train, first),
      await dataSet('dev', [first.dev], first),
      ...(options.test === undefined ? [] : [await dataSet('test', [options.test], first)]),
    ],
    runs: collected.map(({ run }) => run),
    bootstraps: bootstraps(collected),
  } satisfies Comparison);
  const files = {
    'report.json': undefined,
    'report.html': reportHtml(comparison),
    'picture-light.svg': reportPicture(comparison, 'light'),
    'picture-dark.svg': reportPicture(comparison, 'dark'),
  };
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) writeJson(join(out, name), comparison);
    else writeAtomic(join(out, name), [text]);
  }
  yield { kind: 'written', comparison, files: Object.keys(files).map((name) => join(out, name)) };
}

/**
 * Checks what would stop a run when its turn comes: files that are not there, and a folder that holds another run.
 *
 * @throws RelataError `E_FILE_MISSING`, `E_RUN_DIFFERS`, and what reading train.json throws
 */
function mustBegin(request: TrainingRequest, folder: string): void {
  const { train, dev, trainFacts, relations, vocabulary, wordVectors } = request;
  for (const path of [...train, dev, ...trainFacts, relations, vocabulary, wordVectors])
    if (path !== undefined && !existsSync(path))
      throw fail('E_FILE_MISSING', { path, expected: 'a file of the runs' });
  if (!existsSync(requestPath(folder))) return;
  const { request: began, effective } = readRequest(folder);
  const before: Record<string, unknown> = { ...began, ...effective };
  const asked: Record<string, unknown> = request;
  for (const key of Object.keys({ ...before, ...asked })) {
    const [then, now] = [before[key], asked[key]];
    // Defaults depend on what the run reads: training compares them.
    if (now === undefined && key in effective) continue;
    if (JSON.stringify(now) !== JSON.stringify(then))
      throw fail('E_RUN_DIFFERS', { option: `${key} (${told(then)}, now ${told(now)})`, out: folder });
  }
}

const told = (value: unknown): string => (value === undefined ? 'not given' : JSON.stringify(value));

async function dataSet(
  role: Comparison['data'][number]['role'],
  paths: readonly string[],
  { relations, noRelation }: TrainingRequest,
): Promise<Comparison['data'][number]> {
  const schema = relations === undefined ? undefined : readRelationInfo(relations);
  const documents: Document[] = [];
  for (const path of paths) documents.push(...(await loadDocuments(path, { noRelation })));
  const counted = await statistics(documents, { relations: schema });
  const labelled = counted.labelledDocuments > 0;
  return {
    role,
    file: paths.map((path) => basename(path)).join(', '),
    sha256: Object.values(await hashFiles(paths)).join(' '),
    documents: counted.documents,
    relations: counted.relations,
    relationsObserved: labelled ? counted.relationsObserved : null,
    instances: labelled ? counted.instances : null,
    facts: labelled ? counted.facts : null,
    words: counted.words,
    entities: counted.entities,
    pairs: counted.pairs,
  };
}

/** The best row against every other, the paper's two claims, and two steps against one. */
function bootstraps(
  collected: readonly { readonly run: ComparedRun; readonly counts: DocumentCounts }[],
): Comparison['bootstraps'] {
  const countsOf = new Map(collected.map(({ run, counts }) => [run.id, counts]));
  const rows = byDevF1(rowsOf({ runs: collected.map(({ run }) => run) }));
  const [best] = rows;
  const pairs = new Map<string, [Row, Row]>();
  const add = (a: Row | undefined, b: Row | undefined): void => {
    if (!a || !b || a === b || pairs.has(`${b.index} ${a.index}`)) return;
    pairs.set(`${a.index} ${b.index}`, [a, b]);
  };
  for (const row of rows) add(best, row);
  const find = (system: Row['system'], twoStep: boolean): Row | undefined =>
    rows.find((row) => row.system === system && row.twoStep === twoStep);
  add(find('sentence', false), find('bilstm', false));
  for (const { system } of rows) add(find(system, true), find(system, false));
  return [...pairs.values()].flatMap(([a, b]) => {
    const of = (row: Row): DocumentCounts[] =>
      row.runs.flatMap(({ id }) => {
        const counts = countsOf.get(id);
        return counts ? [counts] : [];
      });
    const { f1, ignF1, confidence, resamples } = pairedBootstrap(of(a), of(b));
    const ids = { a: a.runs.map(({ id }) => id), b: b.runs.map(({ id }) => id) };
    return Object.entries({ f1, ignF1 }).flatMap(([measure, found]) => {
      if (!found) return [];
      const { difference, low, high, p } = found;
      return [{ ...ids, measure, difference, low, high, level: confidence, p, resamples }];
    });
  });
}
