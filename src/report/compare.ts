/**
 * Trains systems under one budget, or goes on where they were stopped, and writes what they are worth side by side.
 *
 * Every run is a folder that `relata train` could have made; one that is there is picked up. It yields what happens and its
 * caller shows it.
 */
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';

import { writeAtomic, writeJson } from '../core/files.ts';
import { packageVersion } from '../core/version.ts';
import type { Document } from '../data/document.ts';
import { loadDocuments } from '../data/read.ts';
import { readRelationInfo } from '../data/relations.ts';
import { statistics } from '../data/statistics.ts';
import { pairedBootstrap } from '../evaluation/bootstrap.ts';
import type { DocumentCounts } from '../evaluation/document-counts.ts';
import { loadTrainFacts } from '../evaluation/train-facts.ts';
import { hashFiles, type TrainingRequest } from '../training/request.ts';
import { type SystemEvent, trainSystem } from '../training/train-system.ts';
import { collectRun, labelOf } from './collect.ts';
import { type ComparedRun, type Comparison, comparisonSchema } from './comparison.ts';
import { reportHtml } from './html.ts';
import { reportPicture } from './picture.ts';
import { byDevF1, type Row, rowsOf } from './rows.ts';
import { requestOf, runFolder, type RunSpec } from './run-spec.ts';

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

/** @throws RelataError `E_USAGE`; what training, reading and scoring throw */
export async function* compare(options: CompareOptions): AsyncGenerator<CompareEvent> {
  const { runs, out, signal } = options;
  // All requests before the first run: a wrong one is to show at once.
  const planned = runs.map((spec) => ({
    spec,
    request: requestOf(spec, options.common),
    folder: join(out, 'runs', runFolder(spec)),
  }));
  for (const [index, { spec, request, folder }] of planned.entries()) {
    yield { kind: 'run', label: labelOf(request), id: spec.id, index, runs: runs.length };
    let finished = false;
    for await (const event of trainSystem(request, folder, signal ? { signal } : {})) {
      yield { kind: 'training', event };
      if (event.kind === 'result') finished = true;
    }
    if (!finished || signal?.aborted === true) {
      yield { kind: 'interrupted' };
      return;
    }
  }

  const [{ request: first } = { request: undefined }] = planned;
  if (!first) return;
  const read = { noRelation: first.noRelation };
  const dev = await loadDocuments(first.dev, read);
  const test = options.test === undefined ? undefined : await loadDocuments(options.test, read);
  const isTestLabelled = test?.some((doc) => (doc.labels ?? []).length > 0) === true;
  const trainFacts = first.trainFacts.length > 0 ? await loadTrainFacts(first.trainFacts, read) : undefined;
  const collected: { run: ComparedRun; counts: DocumentCounts }[] = [];
  for (const { spec, request, folder } of planned) {
    const entry = await collectRun({
      id: spec.id,
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
