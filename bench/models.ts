/** Folders of BERT, base if nothing else is said, with random weights, as `relata train` saves and `relata export` writes them; made when first asked for. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readJson, writeJson } from '../src/core/files.ts';
import { Graph } from '../src/graph/graph.ts';
import { type EncoderSize, shapeOf } from '../src/models/bert-config.ts';
import { type Precision, relationsToSave, saveModel, type SingleModel } from '../src/models/model-folder.ts';
import { openSystem } from '../src/models/open-system.ts';
import { buildSystem, type PairModelConfig } from '../src/models/systems.ts';
import { noDropout } from '../src/nn/dropout.ts';
import { initialValues } from '../src/nn/parameters.ts';
import { predict } from '../src/prediction/predict.ts';
import { VOCABULARY } from './batches.ts';
import { benchCorpus, type Corpus } from './corpus.ts';

/** Facts of a document that a trained model finds in DocRED. */
const FACTS = 12;
/** Documents that the threshold is chosen on. */
const CHOSEN_ON = 3;

const repository = fileURLToPath(new URL('..', import.meta.url));

export class BenchModels {
  #folder: string | undefined;
  #corpus: Promise<Corpus> | undefined;
  #saved: Promise<string> | undefined;
  readonly #exported = new Map<Precision, Promise<string>>();
  readonly #size: EncoderSize;

  constructor(size: EncoderSize = 'base') {
    this.#size = size;
  }

  /** For files that go when the run ends. */
  get folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'relata-bench-'));
    return this.#folder;
  }

  async corpus(): Promise<Corpus> {
    this.#corpus ??= benchCorpus();
    return this.#corpus;
  }

  /** As `relata train` saves it. */
  async saved(): Promise<string> {
    this.#saved ??= this.#save(join(this.folder, 'saved'));
    return this.#saved;
  }

  /** As `relata export` writes it. */
  async exported(precision: Precision): Promise<string> {
    const known = this.#exported.get(precision);
    if (known) return known;
    const made = this.saved().then((model) => {
      const out = join(this.folder, precision);
      const command = ['export', '--model', model, '--out', out, '--precision', precision];
      execFileSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...command], {
        cwd: repository,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      return out;
    });
    this.#exported.set(precision, made);
    return made;
  }

  dispose(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  async #save(folder: string): Promise<string> {
    const corpus = await this.corpus();
    const config: PairModelConfig = {
      system: 'bert',
      encoder: shapeOf(this.#size, VOCABULARY),
      task: 'relation',
      mode: 'corrected',
      text: 'plain',
      relations: corpus.relations.size - 1,
      without: [],
    };
    const { specs } = buildSystem(new Graph(), config, noDropout).params;
    const values = initialValues(specs, 1);
    const about: SingleModel = {
      format: 1,
      system: 'bert',
      steps: 1,
      task: 'relation',
      relations: relationsToSave(corpus.relations),
      mode: 'corrected',
      text: 'plain',
      without: [],
      theta: 0,
      scores: {},
      training: {},
    };
    saveModel(folder, {
      about,
      config,
      vocabulary: { reads: 'pieces', vocabulary: corpus.vocabulary },
      specs,
      parameter: (name) => values.get(name) ?? new Float32Array(0),
    });
    // Random weights score every second fact above one half: a threshold leaves as many as a trained model finds.
    const theta = await quantile(folder, corpus);
    const path = join(folder, 'config.json');
    writeJson(path, { ...(readJson(path) as object), relata: { ...about, theta } });
    return folder;
  }
}

async function quantile(folder: string, { documents }: Corpus): Promise<number> {
  const system = await openSystem(folder);
  const scores: number[] = [];
  for await (const { facts } of predict(system, documents.slice(0, CHOSEN_ON)))
    for (const { score } of facts) scores.push(score);
  await system.dispose();
  return scores.sort((a, b) => b - a)[FACTS * CHOSEN_ON] ?? 0;
}
