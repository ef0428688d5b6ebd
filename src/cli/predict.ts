/** `relata predict`: facts of documents, by a saved model. */
import { Command, Option } from '@commander-js/extra-typings';

import { AtomicFile } from '../core/files.ts';
import type { Document } from '../data/document.ts';
import { readDocuments } from '../data/read.ts';
import { openSystem } from '../models/open-system.ts';
import { MOST_FACTS } from '../prediction/best-facts.ts';
import { type Fact, predict } from '../prediction/predict.ts';
import { numberBetween } from './arguments.ts';
import { noRelationOption } from './data-options.ts';
import { batchPiecesOption, deviceOption, threadsOption } from './engine-options.ts';
import { onInterrupt } from './interrupt.ts';
import { count, duration, Progress } from './terminal.ts';

const formats = ['submission', 'jsonl'] as const;

export function predictCommand() {
  return new Command('predict')
    .description('Extract facts from documents with a trained model.')
    .requiredOption('--model <dir>', 'folder that `relata train` saved')
    .requiredOption(
      '--input <file>',
      'documents: DocRED JSON or JSONL, either gzipped; labels are not needed',
    )
    .requiredOption('--out <file>', 'where the facts go; - for standard output')
    .addOption(
      new Option(
        '--format <format>',
        'submission: a JSON array with title, h_idx, t_idx, r and evidence; jsonl: a fact a line, with names and scores',
      )
        .choices(formats)
        .default('submission' as const),
    )
    .option(
      '--theta <number>',
      'keep scores strictly above it (default: the threshold that was chosen on dev)',
      numberBetween(0, 1),
    )
    .addOption(noRelationOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(batchPiecesOption())
    .action(async ({ model, input, out, format, theta, noRelation = [], device, threads, batchPieces }) => {
      const system = await openSystem(model, { device, threads });
      const progress = new Progress({ label: 'predict', unit: 'documents' });
      const sink = out === '-' ? stdout() : new AtomicFile(out);
      const began = performance.now();
      const settle = onInterrupt(() => sink.discard());
      let [documents, facts] = [0, 0];
      const leftOut = { facts: 0, documents: 0 };
      try {
        if (format === 'submission') sink.write('[');
        const options = { batchPieces, ...(theta !== undefined && { theta }) };
        for await (const found of predict(system, readDocuments(input, { noRelation }), options)) {
          let text = '';
          for (const fact of found.facts) {
            text +=
              format === 'jsonl'
                ? `${detailed(fact, found.doc, system.relations.relationName)}\n`
                : `${facts > 0 ? ',' : ''}\n${submitted(fact)}`;
            facts++;
          }
          if (text !== '') sink.write(text);
          leftOut.facts += found.leftOut;
          if (found.leftOut > 0) leftOut.documents++;
          progress.update(++documents, () => `${count(facts)} facts`);
        }
        if (format === 'submission') sink.write('\n]\n');
        sink.commit();
      } finally {
        settle();
        progress.done();
        sink.discard();
        await system.dispose();
      }
      const seconds = (performance.now() - began) / 1000;
      process.stderr.write(
        `${count(facts)} facts in ${count(documents)} documents, ${duration(seconds)} (${count(documents / seconds, 1)} documents/s)${out === '-' ? '' : `, in ${out}`}\n`,
      );
      if (leftOut.facts > 0) {
        process.stderr.write(
          `${count(leftOut.facts)} more facts of ${count(leftOut.documents)} document(s) were left out: of each document the ${count(MOST_FACTS)} with the highest scores are kept\n`,
        );
      }
    });
}

/** Standard output in the form of a file. */
function stdout(): Pick<AtomicFile, 'write' | 'commit' | 'discard'> {
  return {
    write: (chunk) => void process.stdout.write(chunk),
    commit: () => undefined,
    discard: () => undefined,
  };
}

function submitted({ title, head, tail, relation, evidence }: Fact): string {
  return JSON.stringify({ title, h_idx: head, t_idx: tail, r: relation, evidence });
}

function detailed(fact: Fact, doc: Document, relationName: (id: string) => string): string {
  const name = (entity: number): string => doc.vertexSet[entity]?.[0]?.name ?? '';
  const { title, head, tail, relation, score, gate, evidence } = fact;
  return JSON.stringify({
    title,
    h_idx: head,
    t_idx: tail,
    r: relation,
    relation: relationName(relation),
    head: name(head),
    tail: name(tail),
    score,
    gate,
    evidence,
  });
}
