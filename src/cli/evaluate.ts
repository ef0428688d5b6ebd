/** `relata evaluate`: scores predicted facts as the official evaluator does, or a model by its ranking. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { isFile, readJson } from '../core/files.ts';
import type { Document } from '../data/document.ts';
import { loadDocuments } from '../data/read.ts';
import { readRelationInfo } from '../data/relations.ts';
import { pairedBootstrap } from '../evaluation/bootstrap.ts';
import { breakDown } from '../evaluation/breakdown.ts';
import { type DocumentCounts, documentCounts } from '../evaluation/document-counts.ts';
import { type DocumentFact, submittedFacts } from '../evaluation/facts.ts';
import { scoreCoreference } from '../evaluation/coreference-scores.ts';
import { evaluateSubmission, type OfficialScores } from '../evaluation/official.ts';
import { readSubmission } from '../evaluation/submission.ts';
import { loadTrainFacts, type TrainFacts } from '../evaluation/train-facts.ts';
import { isTaggerConfig } from '../models/model-folder.ts';
import { breakdownTable } from './breakdown-table.ts';
import { comparisonTable } from './comparison-table.ts';
import { noRelationOption } from './data-options.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { coreferenceTable } from './coreference-table.ts';
import { endToEndTable, runEndToEnd } from './evaluate-end-to-end.ts';
import { runTagger } from './evaluate-tagger.ts';
import { mentionTable } from './mention-table.ts';
import { evaluateModel, type EvaluateModelOptions, modelScoresTable } from './evaluate-model.ts';
import { count, paint, percentage, table } from './terminal.ts';

export function evaluateCommand() {
  return new Command('evaluate')
    .description(
      'Score predictions against labelled documents, exactly as the official evaluator does; or a model, by the ranking of all its facts.',
    )
    .requiredOption('--gold <file>', 'labelled documents: DocRED JSON or JSONL, either gzipped')
    .option('--predictions <file>', 'predicted facts: title, h_idx, t_idx, r and, if known, evidence')
    .option(
      '--model <dir>',
      'a trained model instead of predictions: F1 at its threshold, best F1, Ign F1, AUC; of one that finds mentions, how well it does',
    )
    .option(
      '--end-to-end',
      'a bundle reads the words alone: facts between the entities that it finds, beside those between gold ones',
    )
    .option(
      '--coreference',
      'no model: how well gold mentions are grouped by name, as `extract` groups those that it finds (B-cubed)',
    )
    .option(
      '--train-facts <files...>',
      'annotated training documents, or a .fact file of name triples: adds Ign F1',
    )
    .option('--distant-facts <files...>', 'the same for distantly labelled training documents')
    .option(
      '--breakdown',
      'F1, precision, recall and counts by kinds of facts, too; a model at its threshold (see below)',
    )
    .option(
      '--relations <file>',
      'rel_info.json, to name relations in the break-down (a model brings its names)',
    )
    .option(
      '--against <path>',
      'predicted facts or a model folder: is the first better? Difference of F1 and Ign F1 with its 95 % interval and p',
    )
    .addOption(noRelationOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .option('--json', 'print a JSON object')
    .addHelpText('after', HELP)
    .action(async (options) => {
      const { predictions, model, json, breakdown, against, relations } = options;
      const { device, threads, batchPieces } = options;
      const engine = { device, threads, batchPieces };
      const print = (result: object, text: () => string): void =>
        void process.stdout.write(`${json === true ? JSON.stringify(result, null, 2) : text()}\n`);
      if (options.coreference === true) {
        mustBeAlone('--coreference', { '--model': model, '--predictions': predictions });
        const scores = scoreCoreference(await loadDocuments(options.gold));
        print(scores, () => coreferenceTable(scores));
        return;
      }
      if (options.endToEnd === true) {
        mustBeAlone('--end-to-end', { '--predictions': predictions, '--against': against });
        if (model === undefined) {
          throw fail('E_USAGE', {
            what: 'Expected --model with --end-to-end, but it is missing',
            help: 'Name a bundle: `relata bundle` joins a model that finds mentions and one that relates entities.',
          });
        }
        const { documents } = await loadGold(options);
        const evaluation = await runEndToEnd(model, documents, engine);
        print(evaluation, () => endToEndTable(evaluation));
        return;
      }
      if (model !== undefined && predictions === undefined && isTaggerFolder(model)) {
        const scores = await runTagger(model, await loadDocuments(options.gold), engine);
        print(scores, () => mentionTable(scores));
        return;
      }
      const path = predictions ?? model;
      if (path === undefined || (predictions !== undefined && model !== undefined)) {
        throw fail('E_USAGE', {
          what: 'Expected either --predictions or --model',
          help: 'Say what to score by one of them.',
        });
      }
      const other = against === undefined ? undefined : { path: against, isModel: isModelFolder(against) };
      const given = relations === undefined ? undefined : readRelationInfo(relations);
      const gold = await loadGold(options);

      const run = await evaluateRun({ path, isModel: model !== undefined }, gold, engine);
      const relationName = (id: string): string => given?.get(id) ?? run.relationName(id);
      const split =
        breakdown === true ? breakDown(run.facts, gold.documents, { ...gold, relationName }) : undefined;
      const rival = other && (await evaluateRun(other, gold, engine));
      const comparison = rival && pairedBootstrap(run.counts, rival.counts);

      if (json === true) {
        const comparedTo = comparison && { against, ...comparison };
        const result = { ...run.scores, breakdown: split, comparison: comparedTo };
        process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
        return;
      }
      const parts = [run.text];
      if (split) parts.push(breakdownTable(split));
      if (comparison) parts.push(comparisonTable(comparison));
      process.stdout.write(`${parts.join('\n\n')}\n`);
      for (const warning of [...run.warnings, ...(rival?.warnings ?? [])])
        process.stderr.write(`${warning}\n`);
    });
}

const HELP = `
What --breakdown splits all facts by, predicted and gold ones alike:
  intra, inter        some sentence mentions both entities; none does (and then: nearest mentions more than 5 sentences apart)
  frequent, long tail the ten relations of Re-DocRED's evaluator and the rest; the ten most frequent of the gold file where it lacks one
  words               between the starts of the first listed mentions of the two entities
  mentions            of the two entities together
  seen, unseen        whether --train-facts states the fact, by any names of the two
  relation            each one: most gold facts first
What --against prints: both scores, their difference (this minus against), where 95 % of the differences lie when the documents are
drawn again, 10,000 times, and p: twice the share of draws without a difference of that sign. Below 0.05, the choice of documents hardly explains it.`;

/** @throws RelataError `E_USAGE` when any of `others`, by flag, was given beside `flag` */
function mustBeAlone(flag: string, others: Readonly<Record<string, unknown>>): void {
  const other = Object.keys(others).find((name) => others[name] !== undefined);
  if (other === undefined) return;
  throw fail('E_USAGE', {
    what: `Expected ${flag} without ${other}, got both`,
    help: 'They score different things: run the command once for each.',
  });
}

interface Gold {
  readonly documents: readonly Document[];
  readonly trainFacts?: TrainFacts | undefined;
  readonly distantFacts?: TrainFacts | undefined;
}

async function loadGold(options: {
  readonly gold: string;
  readonly trainFacts?: readonly string[] | undefined;
  readonly distantFacts?: readonly string[] | undefined;
  readonly noRelation?: readonly string[] | undefined;
}): Promise<Gold> {
  const { gold, trainFacts, distantFacts, noRelation = [] } = options;
  const documents = await loadDocuments(gold, { noRelation });
  if (documents.length > 0 && documents.every((doc) => doc.labels === undefined))
    throw fail('E_NO_LABELS', { documents: documents.length, doing: `scoring by ${gold}` });
  return {
    documents,
    ...(trainFacts !== undefined && { trainFacts: await loadTrainFacts(trainFacts, { noRelation }) }),
    ...(distantFacts !== undefined && { distantFacts: await loadTrainFacts(distantFacts, { noRelation }) }),
  };
}

/** Whether a model finds mentions, rather than relations. */
const isTaggerFolder = (folder: string): boolean =>
  isTaggerConfig(readJson(join(folder, 'config.json'), "a saved model's config.json"));

/** Whether the run at `path` is a model, rather than a file of facts. */
function isModelFolder(path: string): boolean {
  if (existsSync(path)) return !isFile(path);
  throw fail('E_FILE_MISSING', { path, expected: 'a file of predicted facts or the folder of a model' });
}

/** A model or a submission, scored. */
interface Run {
  readonly scores: object;
  /** The scores for people. */
  readonly text: string;
  readonly warnings: readonly string[];
  readonly facts: Iterable<DocumentFact>;
  readonly counts: DocumentCounts;
  readonly relationName: (id: string) => string;
}

async function evaluateRun(
  { path, isModel }: { readonly path: string; readonly isModel: boolean },
  gold: Gold,
  engine: Omit<EvaluateModelOptions, 'trainFacts'>,
): Promise<Run> {
  const { documents, trainFacts } = gold;
  if (isModel) {
    const run = await evaluateModel(path, documents, { ...engine, trainFacts });
    return { ...run, text: modelScoresTable(run.scores), warnings: [] };
  }
  const predictions = await readSubmission(path);
  const scores = evaluateSubmission(predictions, documents, gold);
  const facts = submittedFacts(predictions, documents);
  return {
    scores,
    text: scoresTable(scores),
    warnings: warningsOf(scores),
    facts,
    counts: documentCounts(facts, documents, { trainFacts }),
    relationName: (id) => id,
  };
}

function scoresTable(scores: OfficialScores): string {
  const { f1, precision, recall, predicted, correct, gold } = scores;
  const lines = [
    table(
      [
        ['', 'F1', 'precision', 'recall'],
        ['facts', percentage(f1), percentage(precision), percentage(recall)],
        [
          'Ign',
          percentage(scores.ignF1),
          percentage(scores.ignPrecision),
          scores.ignF1 === null ? '-' : percentage(recall),
        ],
        ...(scores.ignDistantF1 === null
          ? []
          : [
              [
                'Ign distant',
                percentage(scores.ignDistantF1),
                percentage(scores.ignDistantPrecision),
                percentage(recall),
              ],
            ]),
        [
          'evidence',
          percentage(scores.evidenceF1),
          percentage(scores.evidencePrecision),
          percentage(scores.evidenceRecall),
        ],
      ],
      { align: 'lr' },
    ),
    '',
    `${count(predicted)} facts predicted, ${count(correct)} correct, ${count(gold)} gold`,
    `${count(scores.titlesMatched)} of ${count(scores.titlesGold)} documents have predictions`,
    '',
    paint('dim', ignLine(scores)),
  ];
  return lines.join('\n');
}

function ignLine({ correctInTrain }: OfficialScores): string {
  const meaning = 'Ign F1 leaves correct facts that the training data states out of the precision';
  return correctInTrain === null
    ? `${meaning}: give that data as --train-facts.`
    : `${meaning} (${count(correctInTrain)} of them); its recall is that of all facts.`;
}

function warningsOf({ titlesPredicted, titlesMatched }: OfficialScores): string[] {
  const unknown = titlesPredicted - titlesMatched;
  if (unknown === 0) return [];
  return [
    `Warning: ${count(unknown)} of ${count(titlesPredicted)} predicted titles are not in the gold file; their facts count as wrong.`,
  ];
}
