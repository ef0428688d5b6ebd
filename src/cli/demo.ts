/** `relata demo`, which `npm start` runs: the main job on a sample corpus, from documents to facts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Command } from '@commander-js/extra-typings';

import { sampleCorpus } from '../data/sample/sample-corpus.ts';
import { openBundle, writeBundle } from '../models/bundle.ts';
import { extract } from '../prediction/extract.ts';
import { write } from '../prediction/formats/index.ts';
import { readSources } from '../prediction/read-sources.ts';
import { requestSchema } from '../training/request.ts';
import type { ResultRow } from '../training/stage.ts';
import { trainSystem } from '../training/train-system.ts';
import { interruptible } from './interrupt.ts';
import { writeSample } from './sample.ts';
import { serveCommand } from './serve.ts';
import { wholeNumber } from './arguments.ts';
import { duration, paint } from './terminal.ts';
import { resultTable, TrainingView } from './training-view.ts';

/** Documents of the sample corpus, and passes over them: enough to learn from in a minute. */
const DOCUMENTS = 500;
const EPOCHS = 8;
/** What trains a tiny encoder on it. */
const RELATIONS = { encoder: 'tiny', vocabularySize: 2000, learningRate: 1e-3 } as const;
/** What trains a tagger on it: names follow from how they are written, so few passes do. */
const MENTIONS = { system: 'mentions', encoder: 'bilstm', epochs: 3 } as const;

export function demoCommand() {
  return new Command('demo')
    .description(
      'Make a sample corpus, train BERT in two steps and in one on it, and what finds mentions, and read a text that none of them has seen.',
    )
    .option('--out <dir>', 'where corpus and models go', join('runs', 'demo'))
    .option('--documents <number>', 'of the sample corpus', wholeNumber(20), DOCUMENTS)
    .option('--epochs <number>', 'passes over it', wholeNumber(1), EPOCHS)
    .action(async ({ out, documents, epochs }) => {
      const began = performance.now();
      const say = (text: string): void => void process.stdout.write(`${text}\n`);
      const folder = freshFolder(out);
      const corpus = sampleCorpus({ documents, seed: 1 });
      const files = join(folder, 'corpus');
      writeSample(corpus, { out: files, force: true });
      say(
        `${paint('bold', 'Relata')} reads documents and says which entities are related, how, and where that stands.\n`,
      );
      say(
        `An invented world, told in ${documents} documents (in ${files}). The model sees ${corpus.train.length} of them.\n`,
      );
      const [twoStep, oneStep, mentions, bundle] = ['two-step', 'one-step', 'mentions', 'bundle'].map(
        (name) => join(folder, name),
      ) as [string, string, string, string];
      const relations = {
        ...RELATIONS,
        epochs,
        relations: join(files, 'rel_info.json'),
        trainFacts: [join(files, 'train.json')],
      };
      const rows = await interruptible(async (signal) => {
        const runs = [
          [{ ...relations, system: 'bert-two-step' }, twoStep],
          [{ ...relations, system: 'bert' }, oneStep],
          [MENTIONS, mentions],
        ] as const;
        const found: ResultRow[] = [];
        for (const [request, out] of runs) {
          const result = await runSystem({ ...request, ...dataOf(files) }, out, signal);
          if (result === undefined) return undefined;
          found.push(...result);
        }
        return found;
      });
      if (rows === undefined) {
        process.stderr.write(
          `Stopped. What was trained so far lies in ${folder}; \`npm start\` begins anew.\n`,
        );
        process.exitCode = 130;
        return;
      }
      await writeBundle(bundle, { mentions, relations: twoStep });
      say(
        `\n${paint('bold', `On ${corpus.dev.length} documents that it was not trained on`)} (in per cent)\n`,
      );
      say(resultTable(rows.map((row) => ({ ...row, name: names[row.stage] }))));
      say(`\n${paint('bold', 'A text that it has not seen')}\n`);
      await readStory(bundle, join(files, 'story.txt'), say);
      say(
        `Done in ${duration((performance.now() - began) / 1000)}. The model is saved in ${paint('bold', bundle)}. What to type next:\n`,
      );
      say(nextSteps(folder, files));
      await offerViewer(bundle, say);
    });
}

/** The files of the corpus that every run reads. */
const dataOf = (files: string) => ({ train: [join(files, 'train.json')], dev: join(files, 'dev.json') });

const names: Record<ResultRow['stage'], string> = {
  'step 1': 'two steps: 1, related or not',
  'step 2': 'two steps: 2, which relation',
  combined: 'two steps, combined',
  'one step': 'one step',
  mentions: 'mentions',
};

/** A folder of its own for every run, so that none is overwritten. */
function freshFolder(out: string): string {
  for (let i = 1; ; i++) {
    const folder = i === 1 ? out : `${out}-${i}`;
    if (!existsSync(folder)) return folder;
  }
}

async function runSystem(
  request: Readonly<Record<string, unknown>>,
  out: string,
  signal: AbortSignal,
): Promise<readonly ResultRow[] | undefined> {
  const view = new TrainingView();
  try {
    for await (const event of trainSystem(requestSchema.parse(request), out, { signal })) {
      view.show(event);
      if (event.kind === 'result') return event.rows;
    }
    return undefined;
  } finally {
    view.end();
  }
}

/** Shows the text, then what is found in it. */
async function readStory(model: string, story: string, say: (text: string) => void): Promise<void> {
  say(paint('dim', readFileSync(story, 'utf8')));
  const bundle = await openBundle(model);
  const columns = process.stdout.columns || 100;
  for await (const { text } of write('table', extract(bundle, readSources([story])), { paint, columns }))
    process.stdout.write(text);
  say('');
  await bundle.dispose();
}

function nextSteps(folder: string, files: string): string {
  const bundle = join(folder, 'bundle');
  return [
    `  npx relata serve --model ${bundle}    # the text and its graph in a browser`,
    `  npx relata extract --model ${bundle} ${join(files, 'story.txt')} --format jsonl`,
    `  npx relata evaluate --model ${bundle} --gold ${join(files, 'test_gold.json')} --end-to-end`,
    '  npx relata train --help',
  ].join('\n');
}

/** At a terminal: asks whether to look at it now, and serves it until Ctrl-C. */
async function offerViewer(bundle: string, say: (text: string) => void): Promise<void> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const question = `\nLook at the text and its graph in a browser now? ${paint('dim', '[Y/n]')} `;
  const answer = await new Promise<string>((resolve) => {
    // Ctrl-C and the end of input close it without an answer.
    asking.once('close', () => resolve('n'));
    asking.question(question, resolve);
  });
  asking.close();
  if (!/^(y|yes)?$/i.test(answer.trim())) return;
  say('Open the address below and paste the text above.');
  const defaults = ['--model', bundle, '--port', '0', '--log-level', 'warn'];
  await serveCommand().parseAsync(defaults, { from: 'user' });
}
