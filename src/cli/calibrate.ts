/** `relata calibrate`: finds out what a model's scores mean, and writes it into its folder. */
import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { loadDocuments } from '../data/read.ts';
import { assess, type Assessment, fitCalibration } from '../evaluation/calibration.ts';
import type { Calibration } from '../core/calibration.ts';
import type { ReliabilityBin } from '../evaluation/reliability.ts';
import { bundleParts } from '../models/bundle-folder.ts';
import { saveCalibration } from '../models/model-folder.ts';
import { noRelationOption } from './data-options.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { evaluateModel } from './evaluate-model.ts';
import { count, paint, percentage, table } from './terminal.ts';

export function calibrateCommand() {
  return new Command('calibrate')
    .description(
      'Find out what the scores of a model mean: of facts with this score, how many are right? What is found is written into the config.json of the model, and facts come with that probability from then on. `relata train` does the same at its end; this is for models from before, and for exported ones.',
    )
    .requiredOption('--model <dir>', 'a trained or exported model')
    .requiredOption(
      '--dev <file>',
      'labelled documents that the model was not trained on: DocRED JSON or JSONL, either gzipped',
    )
    .addOption(noRelationOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .option('--json', 'print a JSON object')
    .addHelpText('after', HELP)
    .action(async ({ model, dev, noRelation, json, ...engine }) => {
      const documents = await loadDocuments(dev, { noRelation: noRelation ?? [] });
      const { tally, scores } = await evaluateModel(model, documents, engine);
      const { theta } = scores;
      const { calibration, crossFitted, reason } = fitCalibration(tally, { theta });
      if (calibration === undefined) throw fail('E_CALIBRATION', { path: dev, reason });
      const found = {
        before: assess(tally, { theta }),
        after: assess(tally, { theta, curve: calibration }),
        crossFitted,
      };
      saveCalibration(bundleParts(model)?.relations ?? model, calibration);
      if (json === true) {
        process.stdout.write(`${JSON.stringify({ theta, calibration, ...found }, null, 2)}\n`);
        return;
      }
      process.stdout.write(`${reportOf(calibration, found)}\n`);
      process.stderr.write(`written into ${model}\n`);
    });
}

const HELP = `
The columns: facts by probability in tenths; how many there are; how likely they are said to be, on average; how many of them are right.
before       scores as the model gives them
after        the probabilities that they turn into; each half of the documents by what was fitted on the other, so that no fact judges itself
error        expected calibration error: the mean distance between said and right, over facts above the threshold`;

interface Found {
  readonly before: Assessment;
  readonly after: Assessment;
  readonly crossFitted: Assessment;
}

function reportOf(calibration: Calibration, { before, after, crossFitted }: Found): string {
  const bins = Array.from({ length: 10 }, (_, i) => {
    const cells = ({ all }: Assessment): string[] =>
      binCells(all.bins.find(({ low }) => Math.round(low * 10) === i));
    return [`${i * 10} to ${(i + 1) * 10} %`, ...cells(before), ...cells(crossFitted)];
  });
  const rows = (['ece', 'brier', 'logLoss'] as const).map((measure) => [
    { ece: 'error', brier: 'Brier score', logLoss: 'log loss' }[measure],
    ...[before, crossFitted, after].map(({ output }) => percentage(output[measure])),
  ]);
  const { method, documents, facts, right } = calibration;
  const how =
    method === 'isotonic' ? `isotonic regression, ${calibration.knots.length} knots` : "Platt's scaling";
  return [
    table([['', 'before', 'said', 'right', 'after', 'said', 'right'], ...bins], { align: 'lr' }),
    '',
    table(
      [['facts above the threshold (x 100)', 'before', 'after', 'after, fitted on themselves'], ...rows],
      {
        align: 'lr',
      },
    ),
    '',
    paint(
      'dim',
      `${how}, from ${count(facts)} scored facts of ${count(documents)} documents, ${count(right)} of them right`,
    ),
  ].join('\n');
}

function binCells(bin: ReliabilityBin | undefined): string[] {
  return bin === undefined
    ? ['0', '-', '-']
    : [count(bin.facts), `${percentage(bin.said)}`, `${percentage(bin.found)}`];
}
