/** `relata evaluate`: scores predicted facts as the official evaluator does, or a model by its ranking. */
import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { loadDocuments } from '../data/read.ts';
import { evaluateSubmission, type OfficialScores } from '../evaluation/official.ts';
import { readSubmission } from '../evaluation/submission.ts';
import { loadTrainFacts } from '../evaluation/train-facts.ts';
import { noRelationOption } from './data-options.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { evaluateModel, modelScoresTable } from './evaluate-model.ts';
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
      'a trained model instead of predictions: F1 at its threshold, best F1, Ign F1, AUC',
    )
    .option(
      '--train-facts <files...>',
      'annotated training documents, or a .fact file of name triples: adds Ign F1',
    )
    .option('--distant-facts <files...>', 'the same for distantly labelled training documents')
    .addOption(noRelationOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .option('--json', 'print a JSON object')
    .action(async (options) => {
      const { predictions, model, json, ...others } = options;
      if ((predictions === undefined) === (model === undefined)) {
        throw fail('E_USAGE', {
          what: 'Expected either --predictions or --model',
          help: 'Say what to score by one of them.',
        });
      }
      if (model !== undefined) {
        const scores = await evaluateModel({ ...others, model });
        process.stdout.write(
          json === true ? `${JSON.stringify(scores, null, 2)}\n` : `${modelScoresTable(scores)}\n`,
        );
        return;
      }
      const scores = await scoreSubmission({ ...others, predictions: predictions ?? '' });
      if (json === true) {
        process.stdout.write(`${JSON.stringify(scores, null, 2)}\n`);
      } else {
        process.stdout.write(`${scoresTable(scores)}\n`);
        for (const warning of warningsOf(scores)) process.stderr.write(`${warning}\n`);
      }
    });
}

interface SubmissionOptions {
  readonly predictions: string;
  readonly gold: string;
  readonly trainFacts?: readonly string[] | undefined;
  readonly distantFacts?: readonly string[] | undefined;
  readonly noRelation?: readonly string[] | undefined;
}

async function scoreSubmission(options: SubmissionOptions): Promise<OfficialScores> {
  const { trainFacts, distantFacts, noRelation = [] } = options;
  const predictions = await readSubmission(options.predictions);
  const gold = await loadDocuments(options.gold, { noRelation });
  return evaluateSubmission(predictions, gold, {
    ...(trainFacts !== undefined && { trainFacts: await loadTrainFacts(trainFacts, { noRelation }) }),
    ...(distantFacts !== undefined && { distantFacts: await loadTrainFacts(distantFacts, { noRelation }) }),
  });
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
