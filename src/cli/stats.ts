/** `relata stats`: Table 1 of the paper for any files, and what one asks next. */
import { Command } from '@commander-js/extra-typings';

import { readDocuments } from '../data/read.ts';
import { readRelationInfo } from '../data/relations.ts';
import { statistics, type PerDocument, type Statistics } from '../data/statistics.ts';
import { noRelationOption, piecesBy } from './data-options.ts';
import { count, paint, percent, Progress, table } from './terminal.ts';

/** Relations that the table lists. */
const MOST_FREQUENT = 10;
/** Entries that a histogram spells out. */
const BARS = 4;

export function statsCommand() {
  return new Command('stats')
    .description("Count documents, relations, label entries, facts (the paper's Table 1) and more.")
    .argument('<files...>', 'DocRED JSON or JSONL, either gzipped')
    .option('--relations <file>', 'rel_info.json or rel2id.json: the schema, and names for the table')
    .addOption(noRelationOption())
    .option('--vocabulary <file>', 'vocab.txt or tokenizer.json, to count pieces by')
    .option('--json', 'print a JSON array with one object per file')
    .action(async (files, options) => {
      const relations = options.relations === undefined ? undefined : readRelationInfo(options.relations);
      const known = relations === undefined ? undefined : new Set(relations.keys());
      const piecesOf = piecesBy(options.vocabulary);
      const progress = new Progress({ label: 'stats', unit: 'documents' });
      const results: { file: string; result: Statistics }[] = [];
      let done = 0;
      for (const file of files) {
        const documents = readDocuments(file, { relations: known, noRelation: options.noRelation ?? [] });
        const watched = (async function* watch() {
          for await (const doc of documents) {
            progress.update(++done, file);
            yield doc;
          }
        })();
        results.push({ file, result: await statistics(watched, { relations, piecesOf }) });
      }
      progress.done();
      const text =
        options.json === true
          ? JSON.stringify(
              results.map(({ file, result }) => ({ file, ...result })),
              null,
              2,
            )
          : statsTables(results, relations);
      process.stdout.write(`${text}\n`);
    });
}

/** A column for each file; then the most frequent relations of each. */
function statsTables(
  results: readonly { readonly file: string; readonly result: Statistics }[],
  names: ReadonlyMap<string, string> | undefined,
): string {
  const columns = results.map(({ result }) => result);
  const rows: string[][] = [['', ...results.map(({ file }) => file)]];
  const add = (label: string, cell: (result: Statistics) => string): void => {
    rows.push([label, ...columns.map((result) => cell(result))]);
  };
  /** A row of what cannot be counted where there are no labels. */
  const addLabelled = (label: string, cell: (result: Statistics) => string): void =>
    add(label, (result) => (result.labelledDocuments === 0 ? '-' : cell(result)));
  const section = (title: string): void => {
    rows.push([paint('bold', title), ...columns.map(() => '')]);
  };
  const per = (label: string, measure: (result: Statistics) => PerDocument | undefined): void =>
    add(label, (result) => perDocument(measure(result)));

  section('Table 1');
  add('#Doc', (r) => count(r.documents));
  add('#Rel', (r) => count(r.relations));
  addLabelled('#Inst', (r) => count(r.instances));
  addLabelled('#Fact', (r) => count(r.facts));
  section('Text: total (per document, most)');
  per('sentences', (r) => r.perDocument.sentences);
  per('words', (r) => r.perDocument.words);
  if (columns.some((r) => r.pieces !== undefined)) per('pieces', (r) => r.perDocument.pieces);
  per('entities', (r) => r.perDocument.entities);
  per('mentions', (r) => r.perDocument.mentions);
  per('ordered pairs', (r) => r.perDocument.pairs);
  add('longest sentence', (r) => `${count(r.longestSentence)} words`);
  add('documents past 510 pieces or words', (r) => count(r.documentsPastEncoder));
  section('Labels');
  addLabelled('relations observed', (r) => count(r.relationsObserved));
  addLabelled('related pairs', (r) => `${count(r.relatedPairs)} (${share(r.relatedPairs, r.pairs)})`);
  addLabelled('unrelated for each related', (r) => (r.imbalance === null ? '-' : count(r.imbalance, 1)));
  addLabelled('related both ways', (r) => count(r.reversedPairs));
  addLabelled('relations per pair', (r) => histogram(r.relationsPerPair));
  addLabelled('labels across sentences', (r) =>
    r.crossSentenceShare === null
      ? '-'
      : `${count(r.crossSentenceLabels)} (${percent(r.crossSentenceShare)})`,
  );
  addLabelled('evidence sentences', (r) => count(r.evidence));
  addLabelled('evidence per label', (r) => histogram(r.evidencePerLabel));
  addLabelled('documents without facts', (r) => count(r.documentsWithoutFacts));
  addLabelled('labels with h = t (not scored)', (r) => count(r.selfLabels));
  addLabelled('repeated labels', (r) => count(r.repeatedLabels));
  section('#Fact by other rules');
  addLabelled('first mention, any case', (r) => count(r.factsBy.caseFolded));
  addLabelled('any mention', (r) => count(r.factsBy.anyMention));
  addLabelled('any mention, transitive', (r) => count(r.factsBy.transitive));
  addLabelled('all pairs of names', (r) => count(r.factsBy.names));

  const parts = [table(rows)];
  for (const { file, result } of results) {
    if (result.relationCounts.length === 0) continue;
    const frequent = result.relationCounts.slice(0, MOST_FREQUENT);
    const lines = frequent.map(({ relation, count: number }) => [
      relation,
      names?.get(relation) ?? '',
      count(number),
      share(number, result.instances),
    ]);
    parts.push(`${paint('bold', 'Most frequent relations')} of ${file}`);
    parts.push(table(lines, { align: 'llrr', header: false }));
  }
  return parts.join('\n\n');
}

function perDocument(measure: PerDocument | undefined): string {
  if (measure === undefined) return '-';
  return `${count(measure.total)} (${count(measure.mean, 1)}, ${count(measure.max)})`;
}

/** "1 x 10,695, 2 x 746, more x 28". */
function histogram(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort((a, b) => Number(a[0]) - Number(b[0]));
  const parts = entries.slice(0, BARS).map(([key, number]) => `${key} x ${count(number)}`);
  const more = entries.slice(BARS).reduce((sum, [, number]) => sum + number, 0);
  if (more > 0) parts.push(`more x ${count(more)}`);
  return parts.length === 0 ? '-' : parts.join(', ');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : percent(part / whole);
}
