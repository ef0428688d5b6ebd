/** Trains a tagger of mentions: the checkpoint that finds most, by F1 of exact words and type, is saved. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { removeHalfWritten, writeJson } from '../core/files.ts';
import { packageVersion } from '../core/version.ts';
import { mentionScores, type MentionScores } from '../evaluation/mention-scores.ts';
import type { FetchProgress } from '../models/hub.ts';
import { saveModel } from '../models/model-folder.ts';
import { TagModel, type WeightedTagger } from '../models/tag-model.ts';
import { taggedMentions } from '../models/tagged-mentions.ts';
import type { TaggerModel } from '../models/tagger-folder.ts';
import type { TaskScores } from './evaluate-task.ts';
import { type PreparedTagger, prepareTagger, unknownOf } from './prepare-tagger.ts';
import type { TrainingRequest } from './request.ts';
import { readResult, type ResultRow, type SystemEvent } from './stage.ts';
import { tagObjective } from './tag-objective.ts';
import { removeCheckpoint, trainModel } from './train-model.ts';

interface TaggerScores extends TaskScores {
  readonly mentions: MentionScores;
}

/** Runs a request in `out`, from its start or from where it was stopped. @throws RelataError as `trainSystem` */
export async function* trainTagger(
  request: TrainingRequest,
  out: string,
  {
    signal,
    onFetch,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onFetch?: ((progress: FetchProgress) => void) | undefined;
  } = {},
): AsyncGenerator<SystemEvent> {
  const prepared = await prepareTagger(request, out, onFetch);
  yield { kind: 'prepared-tagger', about: prepared.about };
  const finished = join(out, 'finished.json');
  removeHalfWritten(out);
  if (existsSync(finished)) {
    removeCheckpoint(out);
    yield { kind: 'skipped', stage: 'mentions' };
    yield { kind: 'result', rows: [readResult(out, 'finished.json')], folder: out };
    return;
  }
  const { source, options, engine, train } = prepared;
  const { config, vocabulary } = source;
  let ignored: readonly string[] = [];
  let row: ResultRow | undefined;
  const events = trainModel({
    folder: out,
    objective: tagObjective({ config, documents: train, unknown: unknownOf(vocabulary), options }),
    options,
    initial: (specs) => {
      const weights = source.initial(specs, options.seed);
      ({ ignored } = weights);
      return weights.values;
    },
    engine,
    open: async () => TagModel.open(config, engine),
    evaluate: async (tagger) => evaluate(tagger, prepared),
    saveBest: ({ model, parameter }, { mentions, ...scores }, epoch) => {
      row = { stage: 'mentions', ...scores, mentions };
      saveModel(out, {
        about: {
          format: 1,
          system: 'mentions',
          encoder: config.system,
          types: [...config.types],
          scores: mentions,
          training: { ...trainingRecord(request, prepared), epoch },
          ...(config.system !== 'bert' && { words: config.encoder }),
        } satisfies TaggerModel,
        config,
        vocabulary,
        specs: model.specs,
        parameter,
      });
      writeJson(join(out, 'best.json'), row);
    },
    signal,
  });
  for await (const event of events) {
    if (event.kind === 'start' && ignored.length > 0) yield { kind: 'ignored', names: ignored };
    yield { kind: 'stage', stage: 'mentions', event };
    if (event.kind === 'interrupted') return;
  }
  row ??= readResult(out, 'best.json');
  writeJson(finished, row);
  removeCheckpoint(out);
  yield { kind: 'result', rows: [row], folder: out };
}

/** What a tagger finds in the development documents. */
async function evaluate(
  { model, parameter }: WeightedTagger,
  { dev, options, source }: PreparedTagger,
): Promise<TaggerScores> {
  const found = [];
  for await (const { item, logits } of model.score(dev, parameter, options.batchPieces))
    found.push(taggedMentions(item.doc, logits, source.config.types));
  const mentions = mentionScores(
    dev.map(({ doc }) => doc),
    found,
  );
  const { f1, precision, recall, untyped } = mentions;
  return { scores: { f1, precision, recall, untypedF1: untyped.f1 }, theta: null, mentions };
}

/** What a saved tagger says about its training. Nothing in it depends on when or how fast. */
function trainingRecord(
  request: TrainingRequest,
  { options, about, sha256, source: { pretrained, coverage } }: PreparedTagger,
): Record<string, unknown> {
  const { documents, devDocuments, mentions, lost } = about;
  const known = coverage && { coverage: { words: coverage.words, occurrences: coverage.occurrences } };
  const counts = { documents, devDocuments, mentions, lost };
  return { relata: packageVersion(), ...request, ...options, ...counts, pretrained, ...known, sha256 };
}
