/** `relata sample`: writes the invented sample corpus as DocRED files. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from '@commander-js/extra-typings';

import { fail } from '../core/errors.ts';
import { writeAtomic } from '../core/files.ts';
import type { Document } from '../data/document.ts';
import { sampleCorpus, type SampleCorpus } from '../data/sample/sample-corpus.ts';
import { storyOf } from '../data/sample/story.ts';
import { wholeNumber } from './arguments.ts';
import { count, paint, table } from './terminal.ts';

export function sampleCommand() {
  return new Command('sample')
    .description('Write an invented corpus in DocRED form: to try things out, or to test with.')
    .option('--documents <number>', 'how many in all: 80 % train, 10 % dev, 10 % test', wholeNumber(3), 500)
    .option('--seed <number>', 'the same seed gives the same corpus', wholeNumber(0), 1)
    .requiredOption('--out <dir>', 'folder for train.json, dev.json, test.json and rel_info.json')
    .option('--force', 'overwrite files of an earlier corpus')
    .option('--json', 'print a JSON array with one object per file')
    .action(({ documents, seed, out, force, json }) => {
      const files = writeSample(sampleCorpus({ documents, seed }), { out, force: force ?? false });
      process.stdout.write(json === true ? `${JSON.stringify(files, null, 2)}\n` : summary(files, out));
    });
}

/** A file that was written. */
export interface WrittenFile {
  readonly file: string;
  readonly what: string;
  /** Documents in it, or relations. */
  readonly count: number;
}

/**
 * Writes `corpus` into the folder `out`, one document a line.
 *
 * `test.json` has no labels, as DocRED's; `test_gold.json` has them, to score predictions with.
 *
 * @throws RelataError `E_FILE_EXISTS` before anything is written, unless `force`
 */
export function writeSample(
  corpus: SampleCorpus,
  { out, force }: { readonly out: string; readonly force: boolean },
): WrittenFile[] {
  const unlabelled = corpus.test.map(({ title, sents, vertexSet }) => ({ title, sents, vertexSet }));
  const parts = [
    { name: 'train.json', what: 'documents to train on', docs: corpus.train },
    { name: 'dev.json', what: 'documents to choose on', docs: corpus.dev },
    { name: 'test.json', what: 'documents without labels', docs: unlabelled },
    { name: 'test_gold.json', what: 'the same with labels', docs: corpus.test },
  ];
  const [first] = corpus.test;
  const relationFile = join(out, 'rel_info.json');
  const storyFile = join(out, 'story.txt');
  for (const path of [...parts.map(({ name }) => join(out, name)), relationFile, storyFile]) {
    if (!force && existsSync(path)) {
      throw fail('E_FILE_EXISTS', { path, help: 'Choose another --out, or overwrite with --force.' });
    }
  }
  const written = parts.map(({ name, what, docs }) => {
    const file = join(out, name);
    writeAtomic(file, jsonLines(docs));
    return { file, what, count: docs.length };
  });
  writeAtomic(relationFile, [`${JSON.stringify(Object.fromEntries(corpus.relations), null, 2)}\n`]);
  writeAtomic(storyFile, first ? [storyOf(first)] : []);
  return [
    ...written,
    { file: storyFile, what: 'the first of them as a text', count: first ? 1 : 0 },
    { file: relationFile, what: 'relations and their names', count: corpus.relations.size },
  ];
}

/** A JSON array with one document a line, in chunks. */
function* jsonLines(docs: readonly Document[]): Generator<string> {
  let before = '[\n';
  for (const doc of docs) {
    yield before + JSON.stringify(doc);
    before = ',\n';
  }
  yield '\n]\n';
}

function summary(files: readonly WrittenFile[], out: string): string {
  const rows = files.map(({ file, what, count: number }) => [file, count(number), what]);
  const next = `relata train --system bert-two-step --encoder tiny --train ${join(out, 'train.json')} --dev ${join(out, 'dev.json')} --out ${join(out, 'model')}`;
  return `${table(rows, { align: 'lrl', header: false })}\n\nNext: ${paint('bold', next)}\n`;
}
