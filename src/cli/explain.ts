/** `relata explain`: why a pair of entities got its answer. */
import { Command } from '@commander-js/extra-typings';

import { openBundle } from '../models/bundle.ts';
import { explain } from '../prediction/explain.ts';
import { findEntity, findTitled } from '../prediction/explain-find.ts';
import { type Source, withEntities } from '../prediction/extract.ts';
import { readSources } from '../prediction/read-sources.ts';
import { numberBetween } from './arguments.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { explanationText } from './explanation-text.ts';

export function explainCommand() {
  return new Command('explain')
    .description('Say why two entities of a document are related, or are not, in the eyes of a model.')
    .requiredOption('--model <dir>', 'folder that `relata train` or `relata bundle` saved')
    .requiredOption(
      '--document <file>',
      'DocRED JSON or JSONL, either gzipped; or, with a bundle that finds mentions, a text or Markdown file',
    )
    .requiredOption(
      '--head <name>',
      'one entity, by the name of any of its mentions, or by its index in the document',
    )
    .requiredOption('--tail <name>', 'the other entity')
    .option(
      '--relation <relation>',
      'id or name of the relation to explain (default: the one with the highest score)',
    )
    .option('--title <title>', 'which document, where the file has several')
    .option(
      '--theta <number>',
      'threshold to compare the score with (default: the one that was chosen on dev)',
      numberBetween(0, 1),
    )
    .option('--json', 'print a JSON object')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .addHelpText('after', HELP)
    .action(async (options) => {
      const { model, document, relation, title, theta, json, device, threads, batchPieces } = options;
      const engine = { device, threads };
      const source = await findTitled(readSources([document]), { title, titleOf, where: document });
      const bundle = await openBundle(model, engine);
      try {
        for await (const { document: found } of withEntities(bundle, [source])) {
          const { doc } = found;
          const [head, tail] = [findEntity(doc, options.head), findEntity(doc, options.tail)];
          const pair = { head, tail, relation, theta };
          const explanation = await explain(bundle.system, doc, { ...pair, engine, batchPieces });
          const text =
            json === true ? JSON.stringify(explanation, null, 2) : explanationText(explanation, { doc });
          process.stdout.write(`${text}\n`);
        }
      } finally {
        await bundle.dispose();
      }
    });
}

const titleOf = (source: Source): string => {
  if (source.kind === 'text') return source.title;
  return source.kind === 'document' ? source.doc.title : source.document.doc.title;
};

const HELP = `
What it says:
  step 1         of two steps: whether the model takes the two for related at all, and by how much
  relations      what the model makes of the pair, best first; a score above the threshold is an answer
  parts          of the score: what the two entities, each mention of theirs and their distance add to it. Exact: they sum to it
  words          what every word that the model read does to the score. An approximation: the gradient times the word's embedding
  sentences      the score without each of them: the document is read again, one sentence shorter. Of a long document those
                 nearest to the mentions of the two, at most 200
Parts and words need the weights, so an exported model has none. Context-Aware, whose pairs look at each other, has words only.

  relata explain --model runs/bert --document dev.json --title "Skai TV" --head "Skai TV" --tail Greece
  relata explain --model runs/bert --document dev.json --title "Skai TV" --head 0 --tail 1 --relation country --json`;
