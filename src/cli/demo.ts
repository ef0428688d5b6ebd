/** `relata demo`, which `npm start` runs: the main job on a sample corpus, from documents to facts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from '@commander-js/extra-typings';

import type { Document } from '../data/document.ts';
import { relationInfo } from '../data/sample/relation-info.ts';
import { sampleCorpus } from '../data/sample/sample-corpus.ts';
import { openSystem } from '../models/open-system.ts';
import { type Fact, predict } from '../prediction/predict.ts';
import { requestSchema, type System } from '../training/request.ts';
import { type ResultRow, trainSystem } from '../training/train-system.ts';
import { interruptible } from './interrupt.ts';
import { writeSample } from './sample.ts';
import { wholeNumber } from './arguments.ts';
import { duration, paint } from './terminal.ts';
import { resultTable, TrainingView } from './training-view.ts';

/** Documents of the sample corpus, and passes over them: enough to learn from in a minute. */
const DOCUMENTS = 500;
const EPOCHS = 8;
/** What trains a tiny encoder on it. */
const TRAINING = { encoder: 'tiny', vocabularySize: 2000, learningRate: 1e-3 } as const;
/** Documents that are shown, and facts of each. */
const SHOWN = { documents: 2, facts: 4 };

export function demoCommand() {
  return new Command('demo')
    .description(
      'Make a sample corpus, train BERT in two steps and in one on it, and extract facts from documents that it has not seen.',
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
      const rows = await interruptible(async (signal) => {
        const twoStep = await runSystem('bert-two-step', epochs, files, join(folder, 'two-step'), signal);
        const oneStep = twoStep && (await runSystem('bert', epochs, files, join(folder, 'one-step'), signal));
        return twoStep && oneStep ? [...twoStep, ...oneStep] : undefined;
      });
      if (rows === undefined) {
        process.stderr.write(
          `Stopped. What was trained so far lies in ${folder}; \`npm start\` begins anew.\n`,
        );
        process.exitCode = 130;
        return;
      }
      say(
        `\n${paint('bold', `On ${corpus.dev.length} documents that it was not trained on`)} (in per cent)\n`,
      );
      say(resultTable(rows.map((row) => ({ ...row, name: names[row.stage] }))));
      say(
        `\n${paint('bold', 'Facts from documents without labels')}  (${paint('green', 'right')}, ${paint('red', 'wrong')})`,
      );
      await showFacts(join(folder, 'two-step'), corpus.test, say);
      say(
        `\nDone in ${duration((performance.now() - began) / 1000)}. The model is saved in ${paint('bold', join(folder, 'two-step'))}. What to type next:\n`,
      );
      say(nextSteps(folder, files));
    });
}

const names: Record<ResultRow['stage'], string> = {
  'step 1': 'two steps: 1, related or not',
  'step 2': 'two steps: 2, which relation',
  combined: 'two steps, combined',
  'one step': 'one step',
};

/** A folder of its own for every run, so that none is overwritten. */
function freshFolder(out: string): string {
  for (let i = 1; ; i++) {
    const folder = i === 1 ? out : `${out}-${i}`;
    if (!existsSync(folder)) return folder;
  }
}

async function runSystem(
  system: System,
  epochs: number,
  files: string,
  out: string,
  signal: AbortSignal,
): Promise<readonly ResultRow[] | undefined> {
  const request = requestSchema.parse({
    ...TRAINING,
    system,
    epochs,
    train: [join(files, 'train.json')],
    dev: join(files, 'dev.json'),
    relations: join(files, 'rel_info.json'),
    trainFacts: [join(files, 'train.json')],
  });
  const view = new TrainingView();
  try {
    for await (const event of trainSystem(request, out, { signal })) {
      view.show(event);
      if (event.kind === 'result') return event.rows;
    }
    return undefined;
  } finally {
    view.end();
  }
}

async function showFacts(
  model: string,
  documents: readonly Document[],
  say: (text: string) => void,
): Promise<void> {
  const system = await openSystem(model);
  for await (const { doc, facts } of predict(system, documents.slice(0, SHOWN.documents))) {
    say(`\n${paint('bold', doc.title)}`);
    for (const fact of facts.slice(0, SHOWN.facts)) {
      say(factLine(doc, fact));
      for (const sentence of fact.evidence)
        say(paint('dim', `      ${doc.sents[sentence]?.join(' ') ?? ''}`));
    }
    if (facts.length > SHOWN.facts) say(paint('dim', `  and ${facts.length - SHOWN.facts} more facts`));
  }
  await system.dispose();
}

function factLine(doc: Document, { head, tail, relation, score }: Fact): string {
  const right = doc.labels?.some(({ h, t, r }) => h === head && t === tail && r === relation) === true;
  const name = (entity: number): string => doc.vertexSet[entity]?.[0]?.name ?? '';
  const text = `${name(head)} -- ${relationInfo.get(relation) ?? relation} --> ${name(tail)}`;
  return `  ${paint(right ? 'green' : 'red', text)}  ${score.toFixed(2)}${right ? '' : '  wrong'}`;
}

function nextSteps(folder: string, files: string): string {
  const model = join(folder, 'two-step');
  return [
    `  npx relata predict --model ${model} --input ${join(files, 'test.json')} --out result.json`,
    `  npx relata evaluate --predictions result.json --gold ${join(files, 'test_gold.json')} --train-facts ${join(files, 'train.json')}`,
    '  npx relata train --help',
  ].join('\n');
}
