/** `relata check`: everything that is wrong or odd in files of documents. */
import { Command } from '@commander-js/extra-typings';

import { RelataError } from '../core/errors.ts';
import { checkDocument, type CheckOptions } from '../data/check.ts';
import { createTitleChecker } from '../data/check-titles.ts';
import { parseElement, type Element } from '../data/elements.ts';
import { describeProblem, problemKinds, type Problem, type ProblemCode } from '../data/problem.ts';
import { readElements } from '../data/read.ts';
import { readRelationInfo } from '../data/relations.ts';
import { noRelationOption, piecesBy } from './data-options.ts';
import { count, paint, Progress, table } from './terminal.ts';

/** Problems of a kind that are spelled out without `--all`. */
const EXAMPLES = 3;
/** Exit status of bad data. */
const BAD_DATA = 3;

export function checkCommand() {
  return new Command('check')
    .description('Report everything that is wrong (errors) or odd (warnings) in files of documents.')
    .argument('<files...>', 'DocRED JSON or JSONL, either gzipped')
    .option('--relations <file>', 'rel_info.json or rel2id.json: other relations are errors')
    .addOption(noRelationOption())
    .option('--vocabulary <file>', 'vocab.txt or tokenizer.json, to count pieces by (else words)')
    .option('--all', 'spell out every problem, not the first few of each kind')
    .option('--json', 'print JSON: problems, and counts by file and by kind')
    .addHelpText('after', '\nExits with 3 when there is an error, with 0 when there are warnings only.')
    .action(async (files, options) => {
      const relations = options.relations === undefined ? undefined : readRelationInfo(options.relations);
      const checkOptions: CheckOptions = {
        relations: relations === undefined ? undefined : new Set(relations.keys()),
        noRelation: options.noRelation,
        piecesOf: piecesBy(options.vocabulary),
      };
      const report = options.json === true ? jsonReport() : tableReport(options.all === true);
      if (await checkFiles(files, checkOptions, report)) process.exitCode = BAD_DATA;
    });
}

interface FileSummary {
  readonly file: string;
  documents: number;
  errors: number;
  warnings: number;
}

interface Report {
  readonly problem: (problem: Problem) => void;
  readonly end: (files: readonly FileSummary[], counts: ReadonlyMap<ProblemCode, number>) => void;
}

/** Checks document after document; whether there was an error. */
async function checkFiles(files: readonly string[], options: CheckOptions, report: Report): Promise<boolean> {
  const summaries: FileSummary[] = [];
  const counts = new Map<ProblemCode, number>();
  const checkTitle = createTitleChecker();
  const progress = new Progress({ label: 'check', unit: 'documents' });
  let done = 0;
  for (const file of new Set(files)) {
    const summary: FileSummary = { file, documents: 0, errors: 0, warnings: 0 };
    summaries.push(summary);
    const note = (problem: Problem): void => {
      summary[problem.severity === 'error' ? 'errors' : 'warnings']++;
      counts.set(problem.code, (counts.get(problem.code) ?? 0) + 1);
      report.problem(problem);
    };
    try {
      for await (const element of readElements(file)) {
        summary.documents++;
        progress.update(++done, file);
        const place = { file, index: element.index };
        const value = parsed(element, file, note);
        if (value === undefined) continue;
        const { document, problems } = checkDocument(value, place, options);
        const title = document?.title ?? problems[0]?.title ?? '';
        const repeated = title === '' ? undefined : checkTitle(title, place);
        if (repeated !== undefined) note(repeated);
        for (const problem of problems) note(problem);
      }
    } catch (error) {
      // What follows in the file cannot be told apart; the other files can still be checked.
      note(jsonProblem(error, file, summary.documents));
    }
  }
  progress.done();
  report.end(summaries, counts);
  return summaries.some((summary) => summary.errors > 0);
}

/** The element's value; undefined, and noted, when it is not JSON. */
function parsed(element: Element, file: string, note: (problem: Problem) => void): unknown {
  try {
    return parseElement(element, file);
  } catch (error) {
    note(jsonProblem(error, file, element.index));
    return undefined;
  }
}

/** @throws whatever was thrown when it does not concern the file's JSON */
function jsonProblem(error: unknown, file: string, index: number): Problem {
  if (!(error instanceof RelataError) || error.code !== 'E_JSON') throw error;
  return { severity: 'error', code: 'json', file, index, title: '', path: '$', message: error.message };
}

/** `{ problems, files, counts, errors, warnings }`, written as it goes. */
function jsonReport(): Report {
  let separator = '{"problems":[\n';
  return {
    problem: (problem) => {
      process.stdout.write(separator + JSON.stringify(problem));
      separator = ',\n';
    },
    end: (files, counts) => {
      const { errors, warnings } = totals(files);
      const rest = JSON.stringify({ files, counts: Object.fromEntries(counts), errors, warnings });
      process.stdout.write(`${separator.startsWith('{') ? separator : '\n'}],\n${rest.slice(1)}\n`);
    },
  };
}

/** A table of files, a table of kinds, and examples of each. */
function tableReport(all: boolean): Report {
  const examples = new Map<ProblemCode, Problem[]>();
  return {
    problem: (problem) => {
      const known = examples.get(problem.code) ?? [];
      if (all || known.length < EXAMPLES) known.push(problem);
      examples.set(problem.code, known);
    },
    end: (files, counts) => {
      const lines = [summaryTable(files)];
      const kinds = [...counts].sort(bySeverity);
      if (kinds.length > 0) {
        const rows = kinds.map(([code, number]) => [mark(code), code, number, problemKinds[code].meaning]);
        lines.push('', table([['', 'kind', 'count', 'meaning'], ...rows], { align: 'llrl' }));
      }
      for (const [code, number] of kinds) {
        lines.push('', `${mark(code)} ${paint('bold', code)} (${count(number)})`);
        const shown = examples.get(code) ?? [];
        lines.push(...shown.map((problem) => `  ${describeProblem(problem)}`));
        if (number > shown.length)
          lines.push(paint('dim', `  and ${count(number - shown.length)} more (--all)`));
      }
      process.stdout.write(`${lines.join('\n')}\n`);
    },
  };
}

function summaryTable(files: readonly FileSummary[]): string {
  const rows = files.map(({ file, documents, errors, warnings }) => [file, documents, errors, warnings]);
  const { documents, errors, warnings } = totals(files);
  const sum = files.length > 1 ? [['all files', documents, errors, warnings]] : [];
  return table([['file', 'documents', 'errors', 'warnings'], ...rows, ...sum]);
}

function totals(files: readonly FileSummary[]): { documents: number; errors: number; warnings: number } {
  const sum = { documents: 0, errors: 0, warnings: 0 };
  for (const { documents, errors, warnings } of files) {
    sum.documents += documents;
    sum.errors += errors;
    sum.warnings += warnings;
  }
  return sum;
}

function mark(code: ProblemCode): string {
  const { severity } = problemKinds[code];
  return paint(severity === 'error' ? 'red' : 'yellow', severity);
}

/** Errors first, then the most frequent first. */
function bySeverity(a: readonly [ProblemCode, number], b: readonly [ProblemCode, number]): number {
  return rank(a[0]) - rank(b[0]) || b[1] - a[1];
}

function rank(code: ProblemCode): number {
  return problemKinds[code].severity === 'error' ? 0 : 1;
}
