/** `relata extract`: texts in, facts out. */
import { join } from 'node:path';

import { Command, Option } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { offsetUnits, readAnnotations } from '../data/annotations.ts';
import { openBundle } from '../models/bundle.ts';
import { extract, REACH } from '../prediction/extract.ts';
import type { Extraction } from '../prediction/extraction.ts';
import { formatOf, formats, write } from '../prediction/formats/index.ts';
import { inputForms, readSources } from '../prediction/read-sources.ts';
import { numberBetween, wholeNumber } from './arguments.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { onInterrupt } from './interrupt.ts';
import { Outputs } from './outputs.ts';
import { readStandardInput } from './standard-input.ts';
import { count, duration, paint, Progress } from './terminal.ts';

export function extractCommand() {
  return new Command('extract')
    .description(
      'Read texts: which entities they name, how these are related, how sure that is, and where it stands.',
    )
    .argument('[files...]', "plain text, Markdown, or documents in DocRED's form; - or none: standard input")
    .requiredOption(
      '--model <dir>',
      'folder of `relata bundle`; of a relation model alone where entities are given',
    )
    .addOption(
      new Option('--format <format>', 'what is printed (see below)')
        .choices(formats)
        .default('table' as const),
    )
    .option('--out <path>', 'file to write, of csv a folder (default: standard output)')
    .addOption(
      new Option('--input <form>', 'what the files are; auto goes by their names')
        .choices(inputForms)
        .default('auto' as const),
    )
    .option(
      '--entities <file>',
      'mentions of the texts: JSON or JSONL with start, end, type and, if known, entity and title',
    )
    .addOption(
      new Option('--offsets <unit>', "what start and end of --entities count: JavaScript's units or Python's")
        .choices(offsetUnits)
        .default('utf-16' as const),
    )
    .option(
      '--theta <number>',
      'keep scores strictly above it (default: the threshold that was chosen on dev)',
      numberBetween(0, 1),
    )
    .option(
      '--reach <sentences>',
      'of long texts: sentences that may lie between two entities of a fact; models are trained on documents no longer than that',
      wholeNumber(0),
      REACH,
    )
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .addHelpText('after', HELP)
    .action(
      async (
        files,
        { model, format, out, input, entities, offsets, theta, reach, device, threads, batchPieces },
      ) => {
        const isFolder = formatOf(format).files.length > 1;
        if (isFolder && (out === undefined || out === '-')) {
          throw fail('E_USAGE', {
            what: `Expected --out with --format ${format}, which is several files`,
            help: `Name a folder: ${formatOf(format).files.join(' and ')} are written there.`,
          });
        }
        const annotations = entities === undefined ? undefined : await readAnnotations(entities);
        const bundle = await openBundle(model, { device, threads });
        const progress = new Progress({ label: 'extract', unit: 'texts' });
        const outputs = new Outputs((file) => (out === undefined || !isFolder ? out : join(out, file)));
        const began = performance.now();
        const settle = onInterrupt(() => outputs.discard());
        const done = { texts: 0, entities: 0, facts: 0 };
        async function* counted(found: AsyncIterable<Extraction>): AsyncGenerator<Extraction> {
          for await (const extraction of found) {
            done.texts++;
            done.entities += extraction.entities.length;
            done.facts += extraction.facts.length;
            progress.update(done.texts, () => `${count(done.facts)} facts`);
            yield extraction;
          }
        }
        try {
          const sources = readSources(files.length === 0 ? ['-'] : files, {
            form: input,
            annotations,
            unit: offsets,
            standardInput: readStandardInput,
          });
          const found = counted(extract(bundle, sources, { theta, reach, batchPieces }));
          const style = out === undefined ? { paint, columns: process.stdout.columns || 100 } : {};
          for await (const { file, text } of write(format, found, style)) outputs.write(file, text);
          outputs.commit();
        } finally {
          settle();
          progress.done();
          outputs.discard();
          await bundle.dispose();
        }
        const seconds = (performance.now() - began) / 1000;
        process.stderr.write(
          `${count(done.facts)} facts between ${count(done.entities)} entities of ${count(done.texts)} text(s), ${duration(seconds)}${out === undefined ? '' : `, in ${out}`}\n`,
        );
      },
    );
}

/** Columns before a format's description. */
const INDENT = 10;

const HELP = `
Formats:
${formats.map((format) => `  ${format.padEnd(INDENT - 2)} ${formatOf(format).description}`).join('\n')}
Scores are the model's own. A probability beside one is the share of facts with such a score that were right on dev, of models that are calibrated.`;
